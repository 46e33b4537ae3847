/** The shapes of `/api/v1`. Times are ISO-8601 UTC strings, money is integer yen, `null` stands where a value may be missing. */

import type { OrderBrief } from "./orders";
import type { ShippingCost, Size } from "./selling";
import type { Wait } from "./trade";

export type Id = string;
export type Yen = number;
export type Time = string;

export interface Photo {
  id: Id;
  width: number;
  height: number;
  /** a tiny data: address, shown until the picture is there */
  placeholder: string;
  small: string;
  medium: string;
  large: string;
}

export interface Account {
  id: Id;
  name: string;
  email: string | null;
  operator: boolean;
  /** whether rooms say by name that this person has come */
  announced: boolean;
  /** buys without having signed up; `contact` is where its mail goes */
  guest: boolean;
  contact: string | null;
  created_at: Time;
}

export interface Me {
  account: Account | null;
  stores: StoreBrief[];
  demo: boolean;
  mail_in_page: boolean;
}

export interface Session {
  account: Account;
  token: string;
}

export interface StoreBrief {
  id: Id;
  handle: string;
  name: string;
  face: Photo | null;
  sold: number;
  likes: number;
  rating: number | null;
  followers: number;
  /** of its noren, #rrggbb */
  color: string;
  /** its legal notice is complete, so that it may sell */
  selling: boolean;
}

export interface Legal {
  /** a company sells, not an individual */
  company: boolean;
  seller: string;
  representative: string;
  address: string;
  phone: string;
  email: string;
  on_request: boolean;
  other_costs: string;
  /** 古物商 number */
  antique_license: string;
}

export interface Store extends StoreBrief {
  story: string;
  place: string;
  opened_at: Time;
  legal: Legal;
  shipping_fee: Yen;
  ships_within_days: number;
  carrier: string;
  returns: string;
  cancellation: string;
  following: boolean;
  mine: boolean;
  live_show_id: Id | null;
  /** what its legal notice lacks: legal.seller, carrier … */
  missing: string[];
  /** T and 13 digits, or "" */
  invoice_number: string;
  invoice_by_market: boolean;
}

export interface Variant {
  id: Id;
  /** "" when the listing has a single one */
  name: string;
  price: Yen;
  available: number;
  keyword: string;
  /** what it cost before, where that may be shown */
  former_price: Yen | null;
}

export type Condition = "new" | "like_new" | "good" | "fair" | "worn" | "made_to_order" | "food";

export interface Listing {
  id: Id;
  store: StoreBrief;
  title: string;
  story: string;
  condition: Condition;
  /** of the cheapest variant */
  price: Yen;
  tax_rate: 8 | 10;
  photos: Photo[];
  variants: Variant[];
  /** over all variants */
  available: number;
  /** how many of it one person may have */
  per_buyer: number | null;
  archived: boolean;
  created_at: Time;
  /** of the cheapest variant */
  former_price: Yen | null;
  shipping: ShippingCost;
  /** null: the store's one fee */
  shipping_id: Id | null;
  size: Size;
  show_former: boolean;
}

export type ShowState = "scheduled" | "live" | "ended" | "cancelled";

export interface LineupItem {
  number: number;
  listing: Listing;
}

export interface ShowTile {
  id: Id;
  title: string;
  state: ShowState;
  store: StoreBrief;
  cover: Photo | null;
  /** the newest frame of a live show; another `t` asks for a newer one */
  frame: string | null;
  planned_at: Time | null;
  started_at: Time | null;
  ended_at: Time | null;
  viewers: number;
  likes: number;
  pinned: { title: string; price: Yen; number: number; available: number } | null;
  sold: number;
}

export interface Show extends ShowTile {
  lineup_count: number;
  mine: boolean;
  away: boolean;
}

export interface Ticket {
  url: string;
  broadcast: string;
  fingerprint: string | null;
  expires_at: Time;
}

export interface Line {
  id: Id;
  offset: number;
  at: Time;
  /** milliseconds since the show began; null before */
  media_ms: number | null;
  /** a stamp's `text` is its name; who bought and says so has `listing_id`, `quantity` and no text */
  kind: "said" | "stamp" | "bought";
  account: { id: Id; name: string; seller: boolean; moderator: boolean };
  text: string;
  question: boolean;
  listing_id: Id | null;
  quantity: number | null;
  /** heard by its author and the store's staff only */
  quiet: boolean;
}

export type QuestionState = "open" | "answering" | "answered" | "dropped" | "merged";

export interface Question {
  id: Id;
  line: Line;
  state: QuestionState;
  /** how many people asked the same */
  asked: number;
  /** in writing */
  answer: string | null;
  /** when it was taken up on the video */
  media_ms: number | null;
}

/** A question as one who asked it sees it. */
export interface Asked {
  id: Id;
  text: string;
  listing_id: Id | null;
  state: QuestionState;
  asked: number;
  answer: string | null;
  media_ms: number | null;
}

/** The one line that stays over the chat. */
export interface Notice {
  line_id: Id | null;
  name: string | null;
  text: string;
  question: string | null;
}

export interface Vote {
  id: Id;
  question: string;
  options: { text: string; votes: number }[];
  state: "open" | "closed";
  closes_at: Time | null;
}

export interface HouseRules {
  shield: boolean;
  /** seconds between two lines of one viewer; 0 is no limit */
  slow_s: number;
  followers_only: boolean;
}

export type Role = "owner" | "moderator";

export interface Stock {
  variant_id: Id;
  listing_id: Id;
  available: number;
}

export interface Sales {
  amount: Yen;
  orders: number;
  units: number;
  listings: Record<Id, number>;
}

export interface Snapshot {
  show: Show;
  store: Store;
  epoch: string;
  offset: number;
  server_time: Time;
  lines: Line[];
  likes: number;
  viewers: number;
  peak: number;
  unique: number;
  pinned: Id | null;
  lineup: LineupItem[];
  answering: Question | null;
  questions: Question[];
  stock: Stock[];
  notice: Notice | null;
  vote: Vote | null;
  house: HouseRules;
  /** what the reader is to the store */
  role: Role | null;
  /** reports that wait; 0 for those who are not staff */
  reported: number;
  sales: Sales | null;
  mine: { holds: Hold[]; waits: Wait[]; orders: OrderBrief[]; asked: Asked[]; choice: number | null } | null;
}

export interface Address {
  family_name: string;
  given_name: string;
  family_kana: string;
  given_kana: string;
  /** seven digits */
  postal_code: string;
  prefecture: string;
  city: string;
  line1: string;
  line2: string;
  phone: string;
}

export interface Card {
  id: Id;
  brand: "visa" | "mastercard" | "jcb" | "amex" | "diners" | "discover" | "unionpay" | "other";
  last4: string;
  exp_month: number;
  exp_year: number;
}

export interface Totals {
  items: Yen;
  shipping: Yen;
  total: Yen;
  taxes: { rate: number; amount: Yen }[];
  tax: Yen;
}

export interface Terms {
  pays: "now";
  ships_within_days: number;
  carrier: string;
  arrives_from: string;
  arrives_to: string;
  returns: string;
  cancellation: string;
  legal: Legal;
}

export interface Hold {
  id: Id;
  show_id: Id | null;
  listing: { id: Id; title: string; photo: Photo | null; store: StoreBrief };
  variant: { id: Id; name: string };
  quantity: number;
  max_quantity: number;
  unit_price: Yen;
  tax_rate: number;
  totals: Totals;
  state: "held" | "confirming" | "sold" | "released" | "expired" | "returned";
  expires_at: Time;
  server_time: Time;
  address: Address | null;
  card: Card | null;
  terms: Terms;
  order_id: Id | null;
  /** of the purchase that is being paid for, while it is */
  purchase_id: Id | null;
}

export type { Order, OrderBrief, OrderLine, OrderState } from "./orders";

export interface Market {
  live: ShowTile[];
  upcoming: ShowTile[];
  ended: ShowTile[];
  stores: StoreBrief[];
  /** only when something was searched for */
  listings?: Listing[] | null;
}

export interface Mail {
  to: string;
  subject: string;
  text: string;
  at: Time;
}

export interface PostalPlace {
  prefecture: string;
  city: string;
  line1: string;
}

export type BootPage =
  | { kind: "watch"; snapshot: Snapshot; ticket: Ticket | null }
  | { kind: "market"; market: Market }
  | { kind: "other" };

export interface Boot {
  lang: "ja" | "en";
  me: Me;
  demo: boolean;
  server_time: Time;
  page: BootPage;
}
