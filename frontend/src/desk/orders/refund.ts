import type { Order, Refunding } from "../../api/orders";
import { wholeNumber } from "../numbers";

export type Kind = "all" | "units" | "amount";

/** What is to go back, as it is being filled in. */
export interface Wish {
  kind: Kind;
  /** how many of each variant */
  units: Record<string, number>;
  /** the shipping fee, too */
  shipping: boolean;
  amount: string;
}

/** How much money that is; 0 while nothing is chosen. The server reckons the same. */
export function worth(order: Order, { kind, units, shipping, amount }: Wish): number {
  if (kind === "all") return order.refundable;
  if (kind === "amount") return wholeNumber(amount) ?? 0;
  const goods = order.lines.reduce((sum, line) => sum + line.unit_price * (units[line.variant_id] ?? 0), 0);
  return goods + (shipping ? order.totals.shipping : 0);
}

/** The same as the API takes it. */
export function refundOf({ kind, units, shipping, amount }: Wish): Refunding {
  if (kind === "all") return {};
  if (kind === "amount") return { amount: wholeNumber(amount) ?? 0 };
  const lines = Object.entries(units)
    .filter(([, quantity]) => quantity > 0)
    .map(([variant_id, quantity]) => ({ variant_id, quantity }));
  return { lines, shipping };
}
