/** The bank account's fields as they are typed, their check, and what is sent. */
import type { BankKind, KeptBankAccount, NewBankAccount } from "../../api/money";
import { t } from "../../ui/i18n";

const digits = (text: string): string => text.normalize("NFKC").replace(/\D/g, "");

export class BankForm {
  bankCode = $state("");
  bankName = $state("");
  branchCode = $state("");
  branchName = $state("");
  kind: BankKind = $state("ordinary");
  number = $state("");
  holder = $state("");
  problems: Record<string, string> = $state({});

  /** With what is known of the account so far; its number has to be typed again. */
  constructor(before: KeptBankAccount | null) {
    if (!before) return;
    this.bankCode = before.bank_code;
    this.bankName = before.bank_name;
    this.branchCode = before.branch_code;
    this.branchName = before.branch_name;
    this.kind = before.kind;
    this.holder = before.holder;
  }

  /** Fills `problems`; true when there are none. */
  check(): boolean {
    const wrong: Record<string, string> = {};
    for (const [name, text, length] of [
      ["bank_code", this.bankCode, 4],
      ["branch_code", this.branchCode, 3],
      ["number", this.number, 7],
    ] as const) {
      if (digits(text).length !== length) wrong[name] = t("money.needDigits", { count: length });
    }
    for (const [name, text] of [
      ["bank_name", this.bankName],
      ["branch_name", this.branchName],
      ["holder", this.holder],
    ] as const) {
      if (!text.trim()) wrong[name] = t("problem.empty");
    }
    this.problems = wrong;
    return Object.keys(wrong).length === 0;
  }

  /** What the API takes; call `check` first. */
  body(): NewBankAccount {
    return {
      bank_code: digits(this.bankCode),
      bank_name: this.bankName.trim(),
      branch_code: digits(this.branchCode),
      branch_name: this.branchName.trim(),
      kind: this.kind,
      number: digits(this.number),
      holder: this.holder.trim(),
    };
  }
}
