import type { Card } from "../api/types";

const BRANDS: Record<Card["brand"], string | null> = {
  visa: "Visa",
  mastercard: "Mastercard",
  jcb: "JCB",
  amex: "American Express",
  diners: "Diners Club",
  discover: "Discover",
  unionpay: "UnionPay",
  other: null,
};

/** Visa ···· 4242; of a brand nobody knows, the digits alone. */
export const cardName = ({ brand, last4 }: { brand: Card["brand"] | null; last4: string | null }): string =>
  [brand && BRANDS[brand], last4 && `···· ${last4}`].filter(Boolean).join(" ");
