import { ApiError, get, newKey, patch, post, remove } from "../api/client";
import type { Address, Card, Hold, Order } from "../api/types";
import { learnTime, serverNow } from "../live/clock";

/** A card that the payment company knows by a token; its number never came this way. */
export interface TokenCard {
  token: string;
  brand: Card["brand"];
  last4: string;
}

export type Step = "look" | "slip" | "bought" | "expired";

/** What went wrong, for the sheet to put into words. */
export type Trouble =
  | { kind: "sold_out"; available: number }
  | { kind: "declined" }
  | { kind: "limit" | "offline" | "unsure" | "broken" | "wait" | "address" | "card" }
  | { kind: "other"; error: unknown };

/** How often, and after how many milliseconds each, a payment whose end is not known yet is asked for again. */
const ASK_AGAIN = { times: 5, every_ms: 1500 };

/**
 * One purchase from *Buy* to the order: takes the hold, changes it, gives it back, confirms it. Every
 * request that could count twice carries a key that stays the same until its answer is known.
 */
export class Purchase {
  hold: Hold | null = $state.raw(null);
  order: Order | null = $state.raw(null);
  step: Step = $state("look");
  busy = $state(false);
  trouble: Trouble | null = $state.raw(null);
  /** Milliseconds left, by the server's clock. */
  left_ms = $state(0);
  private readonly keys = new Map<string, string>();

  /** Goes on with a hold taken before, after a reload for one. */
  resume(hold: Hold): void {
    this.take(hold);
    this.step = "slip";
  }

  async buy(variant_id: string, quantity: number, show_id: string | null): Promise<void> {
    await this.run("offline", async () => {
      const body = { variant_id, quantity, show_id };
      this.take(await this.once("/holds", body, (key) => post<Hold>("/holds", body, { key })));
      this.step = "slip";
    });
  }

  async setQuantity(quantity: number): Promise<void> {
    const { hold } = this;
    if (!hold) return;
    await this.run("offline", async () => this.take(await patch<Hold>(`/holds/${hold.id}`, { quantity })));
  }

  /** Gives the units back, and waits until they are on the table again; a hold that cannot be given back runs out by itself. */
  async giveBack(): Promise<void> {
    const { hold } = this;
    this.hold = null;
    if (hold && this.step === "slip") await remove(`/holds/${hold.id}`).catch(() => undefined);
  }

  async confirm(
    address: Address | null,
    card: TokenCard | null,
    card_id: string | null,
    save: boolean,
    tell_room = false,
  ): Promise<void> {
    const { hold } = this;
    if (!hold) return;
    const body = { ...(address && { address }), ...(card ? { card_token: card.token } : card_id && { card_id }), save, ...(tell_room && { tell_room }) };
    const path = `/holds/${hold.id}/confirm`;
    await this.run("unsure", async () => {
      this.order = await this.once(path, body, (key) => settled(() => post<Order>(path, body, { key })));
      this.step = "bought";
    });
  }

  /** Call it a few times a second while the slip lies there. */
  tick(): void {
    const { hold } = this;
    if (!hold || this.step !== "slip") return;
    this.left_ms = Math.max(0, Date.parse(hold.expires_at) - serverNow());
    if (this.left_ms > 0 || this.busy) return;
    // an answer that got lost may have been a yes: ask before saying that nothing was bought
    if (this.trouble?.kind === "unsure") void this.run("offline", () => this.lookAgain());
    else this.step = "expired";
  }

  private take(hold: Hold): void {
    learnTime(hold.server_time);
    this.hold = hold;
    this.left_ms = Date.parse(hold.expires_at) - serverNow();
  }

  private async once<T>(path: string, body: object, send: (key: string) => Promise<T>): Promise<T> {
    const intent = path + JSON.stringify(body);
    const key = this.keys.get(intent) ?? newKey();
    this.keys.set(intent, key);
    try {
      const answer = await send(key);
      this.keys.delete(intent);
      return answer;
    } catch (error) {
      if (known(error)) this.keys.delete(intent);
      throw error;
    }
  }

  /** `lost` is what to say when the answer did not come: only a payment leaves anything in doubt. */
  private async run(lost: "offline" | "unsure", work: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.trouble = null;
    try {
      await work();
    } catch (error) {
      await this.explain(error, lost);
    } finally {
      this.busy = false;
    }
  }

  private async explain(error: unknown, lost: "offline" | "unsure"): Promise<void> {
    const code = error instanceof ApiError ? error.code : "";
    if (error instanceof ApiError && error.status === 401) throw error;
    if (code === "hold.expired") this.step = "expired";
    else if (code === "hold.wrong_state") await this.lookAgain();
    else this.trouble = toTrouble(error, lost);
  }

  /** Another window, or an answer that got lost, has moved the hold on: find out where it is. */
  private async lookAgain(): Promise<void> {
    if (!this.hold) return;
    try {
      const hold = await get<Hold>(`/holds/${this.hold.id}`);
      this.take(hold);
      if (hold.state === "sold" && hold.order_id) {
        this.order = await get<Order>(`/orders/${hold.order_id}`);
        this.step = "bought";
      } else if (hold.state === "held") this.trouble = { kind: "broken" };
      else if (hold.state === "confirming") this.trouble = { kind: "unsure" };
      else this.step = "expired";
    } catch {
      this.trouble = { kind: "offline" };
    }
  }
}

const isUnsettled = (error: unknown): boolean => error instanceof ApiError && error.code === "payment.unsettled";

/** Sends again, with the same key, while the payment company has not made up its mind. */
async function settled<T>(send: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await send();
    } catch (error) {
      if (!isUnsettled(error) || tries > ASK_AGAIN.times) throw error;
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN.every_ms));
    }
  }
}

/** The server has decided; trying the same again would be a new intention. */
function known(error: unknown): boolean {
  return error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429 && !isUnsettled(error);
}

function toTrouble(error: unknown, lost: "offline" | "unsure"): Trouble {
  if (!(error instanceof ApiError)) return { kind: "broken" };
  if (error.status === 0 || error.status >= 500) return { kind: lost };
  if (error.status === 429) return { kind: "wait" };
  const kinds: Record<string, Trouble> = {
    "stock.sold_out": { kind: "sold_out", available: Number(error.params.available) || 0 },
    "payment.declined": { kind: "declined" },
    "payment.unsettled": { kind: "unsure" },
    "hold.limit": { kind: "limit" },
    "checkout.address_missing": { kind: "address" },
    "checkout.card_missing": { kind: "card" },
  };
  return kinds[error.code] ?? { kind: "other", error };
}
