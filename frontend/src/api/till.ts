import { get } from "./client";
import type { Till } from "./trade";

let asked: Promise<Till> | null = null;

/** The payment house behind the counter of this market; asked once. */
export function till(): Promise<Till> {
  asked ??= get<Till>("/payment-methods").catch((error: unknown) => {
    asked = null;
    throw error;
  });
  return asked;
}
