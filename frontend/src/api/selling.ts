/** What stores sell by: shipping profiles, requests for a legal notice, and how much somebody trades. */
import type { Id, Time, Yen } from "./types";

/** length, width and height together, in centimetres */
export type Size = 60 | 80 | 100 | 120 | 140 | 160;
export const SIZES: readonly Size[] = [60, 80, 100, 120, 140, 160];

export interface Fee {
  up_to: Size;
  fee: Yen;
}

/** without prefectures it is for everywhere else */
export interface Zone {
  prefectures: string[];
  fees: Fee[];
}

export interface Shipping {
  name: string;
  zones: Zone[];
  /** for every further unit in one parcel */
  each_more: Yen;
  /** from this sum of goods on it is free */
  free_over: Yen | null;
}

export interface ShippingProfile {
  id: Id;
  shipping: Shipping;
}

/** what sending a single unit of something costs, by where it goes */
export interface ShippingCost {
  least: Yen;
  most: Yen;
  each_more: Yen;
  free_over: Yen | null;
}

export interface NoticeRequest {
  id: Id;
  /** of who asked */
  name: string;
  asked_at: Time;
  /** whether the mail went out */
  sent: boolean;
}

export type TradeSign = "listed_month" | "listed_now" | "sold_month" | "sold_year";
export type TradeNumbers = Record<TradeSign, number>;

export interface Trading extends TradeNumbers {
  bounds: TradeNumbers;
  /** which of the bounds are reached */
  signs: TradeSign[];
}
