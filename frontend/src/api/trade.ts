/** The shapes of buying: quotes, purchases, the line for what is sold out, and guests. */
import type { Address, Card, Hold, Id, StoreBrief, Terms, Time, Totals, Yen } from "./types";

export type Method = "card" | "konbini";

/** How a purchase is to be paid; a card by a token that is good once, or by the id of a saved one. */
export type Pay = { type: "card"; token?: string; card_id?: Id } | { type: "konbini" };

/** One hold on the slip, with the price of the moment it was taken. */
export interface QuoteLine extends Pick<Hold, "listing" | "variant" | "quantity" | "max_quantity" | "unit_price" | "tax_rate"> {
  hold_id: Id;
  amount: Yen;
}

/** What a purchase of these holds would bind its buyer to. */
export interface Quote {
  hold_ids: Id[];
  store: StoreBrief;
  lines: QuoteLine[];
  totals: Totals;
  /** the soonest end among the holds */
  expires_at: Time;
  server_time: Time;
  address: Address | null;
  card: Card | null;
  methods: Method[];
  terms: Terms;
  guest: boolean;
}

export interface NewPurchase {
  hold_ids: Id[];
  address?: Address;
  pay?: Pay;
  /** as the buyer was shown it */
  total: Yen;
  save?: boolean;
  tell_room?: boolean;
}

/** What the buyer's bank wants of them: a page to be shown, or a step that Stripe's own script takes. */
export interface Action {
  kind: "page" | "stripe";
  url: string | null;
  client_secret: string | null;
}

export interface PurchaseState {
  id: Id;
  state: "paying" | "action_required" | "awaiting" | "paid" | "declined" | "given_up";
  total: Yen;
  order_id: Id | null;
  action: Action | null;
  reason: string | null;
  expires_at: Time | null;
}

/** Which payment house is behind the counter, and what its own program in the page needs. */
export interface Till {
  gateway: string;
  methods: Method[];
  publishable_key: string | null;
}

/** A place in the line for something that is sold out. */
export interface Wait {
  id: Id;
  show_id: Id | null;
  listing: Hold["listing"];
  variant: Hold["variant"];
  quantity: number;
  /** how many stand before it */
  ahead: number;
  state: "waiting" | "held" | "left" | "over";
  hold_id: Id | null;
  asked_at: Time;
  /** the soonest end of a hold before it; null when nobody holds any */
  earliest: Time | null;
  server_time: Time;
}

/** One entry of a variant's append-only arrival log. */
export interface Arrival {
  n: number;
  at: Time;
  quantity: number;
  /** units that were free when it was this one's turn */
  left_before: number;
  outcome: "held" | "changed" | "waiting" | "sold_out" | "limit";
  mine: boolean;
}

/** The reader's own entries, with those around them, by their numbers. */
export interface Arrivals {
  variant_id: Id;
  entries: Arrival[];
}

/** A line in the chat that asked for something and could not have it. */
export interface MissedWish {
  variant_id: Id;
  title: string;
  reason: string;
}

/** Why a hold changed. */
export type HoldWhy = "taken" | "comment" | "turn" | "changed" | "released" | "expired" | "paying" | "sold";
