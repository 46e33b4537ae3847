/** Orders as the API tells of them; docs/domains/orders.md says what they mean. */
import type { Address, Card, Id, Photo, StoreBrief, Terms, Time, Totals, Yen } from "./types";

export type OrderState = "placed" | "paid" | "shipped" | "received" | "settled" | "cancelled" | "refunded";

export interface OrderBrief {
  id: Id;
  number: string;
  placed_at: Time;
  state: OrderState;
  /** of the first line */
  title: string;
  photo: Photo | null;
  quantity: number;
  lines_count: number;
  total: Yen;
  /** what is back with the buyer; what is still on its way is not in it */
  refunded: Yen;
  /** until when it is to be paid, while it is not */
  pay_by: Time | null;
  /** days, as 2026-11-25 */
  ship_by: string;
  arrives_by: string;
  /** the buyer would like it cancelled */
  cancel_asked: boolean;
  /** messages the reader has not seen */
  unread: number;
  store: StoreBrief;
  buyer: { id: Id; name: string };
}

export interface OrderLine {
  listing_id: Id;
  variant_id: Id;
  title: string;
  variant_name: string;
  photo: Photo | null;
  unit_price: Yen;
  quantity: number;
  /** units whose money was given back */
  returned: number;
  tax_rate: number;
  amount: Yen;
}

export interface PaidWith {
  method: "card" | "konbini";
  brand: Card["brand"] | null;
  last4: string | null;
}

export interface Shipment {
  /** a known carrier's code, or a name as the store wrote it */
  carrier: string;
  tracking: string;
  url: string | null;
  shipped_at: Time;
  arrives_by: string;
}

export type What = OrderState | "cancel_asked" | "refund" | "refund_done" | "refund_failed" | "rated";

export interface Happening {
  what: What;
  at: Time;
  by: "buyer" | "store" | "time" | "payment";
  amount: Yen | null;
  reason: string;
}

export interface GivenBack {
  id: Id;
  amount: Yen;
  state: "pending" | "done" | "failed";
  reason: string;
  at: Time;
}

/** What to say at a convenience store. */
export interface PayAtShop {
  number: string;
  confirmation: string;
  /** the payment house's own page about it */
  url: string | null;
  pay_by: Time;
}

export type Can = "ship" | "receive" | "rate" | "cancel" | "ask_cancel" | "refund" | "say" | "receipt" | "packing_slip";

export interface Order extends OrderBrief {
  lines: OrderLine[];
  totals: Totals;
  address: Address;
  paid_with: PaidWith;
  show_id: Id | null;
  role: "buyer" | "seller";
  terms: Terms;
  history: Happening[];
  shipment: Shipment | null;
  refunds: GivenBack[];
  /** what could still be given back */
  refundable: Yen;
  rating: { stars: number; comment: string; at: Time } | null;
  /** while it waits to be paid at a shop */
  pay: PayAtShop | null;
  /** when in a show it was bought; `seconds` after the show began */
  moment: { show_id: Id; title: string; at: Time; seconds: number } | null;
  /** what the reader may do with it now */
  can: Can[];
}

export type OrderCounts = Record<OrderState, number>;

export interface Message {
  id: Id;
  by: "buyer" | "seller";
  name: string;
  text: string;
  at: Time;
  mine: boolean;
}

export interface Refunding {
  amount?: Yen;
  lines?: { variant_id: Id; quantity: number }[];
  shipping?: boolean;
  restock?: boolean;
  reason?: string;
  /** what could still be given back, as it was shown: the same wish sent twice gives back once */
  left?: Yen;
}

/** Everything of one tax rate, with tax, and the tax within. */
export interface RateSum {
  rate: number;
  amount: Yen;
  tax: Yen;
}

/** The receipt of a paid order. Days as 2026-11-22. */
export interface Receipt {
  order_id: Id;
  number: string;
  kind: "simple" | "full";
  /** whether it is an invoice by which the tax can be deducted */
  qualified: boolean;
  paid_on: string;
  dealt_on: string;
  recipient: string | null;
  lines: { title: string; variant: string; quantity: number; unit_price: Yen; tax_rate: number; amount: Yen }[];
  shipping: Yen;
  rates: RateSum[];
  total: Yen;
  tax: Yen;
  returned: { on: string; amount: Yen; rates: RateSum[] }[];
  net: Yen;
  paid_with: PaidWith;
  issuer: { name: string; address: string; number: string | null; seller: string; by_market: boolean };
  color: string;
}
