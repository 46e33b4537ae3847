/** A store's money, as `/stores/{id}/money` tells it. Amounts are yen. */
export interface Balance {
  waiting: number;
  available: number;
  reserved: number;
  on_the_way: number;
  paid_out: number;
}

export type LineKind = "sale" | "refund" | "refund_failed" | "settle" | "release" | "payout" | "payout_settled" | "payout_failed";

/** What one entry changed of each part of the balance; `fees` is what the market took (positive) or gave back. */
export interface MoneyLine {
  id: number;
  at: string;
  kind: LineKind;
  order_id: string | null;
  order_number: string;
  waiting: number;
  available: number;
  reserved: number;
  on_the_way: number;
  fees: number;
}

export type BankKind = "ordinary" | "current" | "savings";

export interface NewBankAccount {
  bank_code: string;
  bank_name: string;
  branch_code: string;
  branch_name: string;
  kind: BankKind;
  number: string;
  holder: string;
}

export type KeptBankAccount = Omit<NewBankAccount, "number"> & { ends: string };

export interface Payout {
  id: string;
  amount: number;
  state: "pending" | "sent" | "settled" | "failed";
  reason: string | null;
  bank: KeptBankAccount;
  asked_at: string;
  ended_at: string | null;
}

/** How far a store's own account at the payment house is. */
export interface Payee {
  state: "none" | "begun" | "ready";
}

export interface Money {
  balance: Balance;
  bank_account: KeptBankAccount | null;
  payouts: Payout[];
}
