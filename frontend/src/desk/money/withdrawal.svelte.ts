/** A withdrawal as it is typed, its check, and its sending. */
import { post } from "../../api/client";
import type { Payout } from "../../api/money";
import { Intents } from "../../checkout/intents";
import { sentence } from "../../ui/errors";
import { yen } from "../../ui/format";
import { t } from "../../ui/i18n";
import { wholeNumber } from "../numbers";

export class Withdrawal {
  text = $state("");
  problem = $state("");
  busy = $state(false);
  /** the same amount asked for again after a lost answer goes out once; another amount is another wish */
  private readonly intents = new Intents();

  constructor(
    private readonly storeId: string,
    available: number,
  ) {
    this.text = available.toLocaleString("en");
  }

  /** What is typed, in yen; null when it is no whole number. */
  get amount(): number | null {
    return wholeNumber(this.text);
  }

  /** Asks for it; null when that went wrong, with `problem` said. */
  async ask(available: number): Promise<Payout | null> {
    if (this.busy) return null;
    const amount = this.amount;
    this.problem = check(amount, available);
    if (this.problem) return null;
    this.busy = true;
    try {
      const path = `/stores/${this.storeId}/payouts`;
      return await this.intents.once(path, { amount }, (key) => post<Payout>(path, { amount }, { key }));
    } catch (why) {
      this.problem = sentence(why);
      return null;
    } finally {
      this.busy = false;
    }
  }
}

function check(amount: number | null, available: number): string {
  if (!amount) return t("money.needAmount");
  return amount > available ? t("money.tooMuch", { amount: yen(available) }) : "";
}
