import type { OrderState } from "../api/types";

export const STEPS = ["placed", "paid", "shipped", "received"] as const;
export type Step = (typeof STEPS)[number];

/** How many of the four lanterns are lit; 0 for an order that was stopped. */
export function lit(state: OrderState): number {
  if (state === "cancelled" || state === "refunded") return 0;
  if (state === "settled") return STEPS.length;
  return STEPS.indexOf(state) + 1;
}
