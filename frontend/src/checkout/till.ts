import { get } from "../api/client";
import type { Till } from "../api/trade";
import { gatewayOf, type Gateway } from "./gateways";

let asked: Promise<Till> | null = null;

/** The payment house behind the counter of this market; asked once. */
function till(): Promise<Till> {
  asked ??= get<Till>("/payment-methods").catch((error: unknown) => {
    asked = null;
    throw error;
  });
  return asked;
}

/** The counter, and its part of the page. */
export async function counter(): Promise<{ till: Till; gateway: Gateway }> {
  const found = await till();
  return { till: found, gateway: await gatewayOf(found) };
}
