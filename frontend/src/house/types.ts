import type { HouseRules, Id, Time } from "../api/types";

/** Somebody, by the name they have now. */
export interface Person {
  id: Id;
  name: string;
}

export type ReportReason = "spam" | "abuse" | "fraud" | "other";

/** Somebody holds that a line should not stand. Who it was is told to the operator alone. */
export interface Report {
  id: Id;
  at: Time;
  reason: ReportReason;
  note: string;
  line: { id: Id; at: Time; media_ms: number | null; account: Person; text: string; removed: boolean };
  show_id: Id;
  store: Person;
  /** the store's own people said it: for the operator to settle */
  about_staff: boolean;
  reporter: Person | null;
}

export interface Word {
  id: Id;
  word: string;
}

/** How a store keeps its rooms, as its staff sees it. */
export interface House extends HouseRules {
  words: Word[];
  moderators: (Person & { since: Time })[];
  blocked: (Person & { since: Time })[];
  timed_out: (Person & { until: Time })[];
  reports: Report[];
}

/** A row of the audit trail. */
export interface Act {
  id: Id;
  at: Time;
  actor: Person;
  act: string;
  account: Person | null;
  line: { id: Id; text: string } | null;
  show_id: Id | null;
  detail: Record<string, unknown>;
}

/** A store and what the market keeps of its sales, in hundredths of a percent; null: the usual. */
export interface StoreFee {
  id: Id;
  handle: string;
  name: string;
  fee_bps: number | null;
}

export interface Fees {
  usual: number;
  stores: StoreFee[];
}
