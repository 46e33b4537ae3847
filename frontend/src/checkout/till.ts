import { till } from "../api/till";
import type { Till } from "../api/trade";
import { gatewayOf, type Gateway } from "./gateways";

/** The counter, and its part of the page. */
export async function counter(): Promise<{ till: Till; gateway: Gateway }> {
  const found = await till();
  return { till: found, gateway: await gatewayOf(found) };
}
