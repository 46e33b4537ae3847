import type { Happening, OrderBrief, PaidWith, Shipment } from "../api/orders";
import { cardName } from "../ui/cards";
import { t, type Key } from "../ui/i18n";

/** Carriers that are known by a code; any other is written by its name. */
export const CARRIERS = ["yamato", "sagawa", "japan_post", "seino", "fukuyama"] as const;

export function carrierName(carrier: Shipment["carrier"]): string {
  return CARRIERS.some((known) => known === carrier) ? t(`order.carrier.${carrier}` as Key) : carrier;
}

/** Visa ···· 4242, or the way of paying by name */
export const paidWith = (paid: PaidWith): string => (paid.method === "konbini" ? t("order.konbini") : cardName(paid));

/** What it is of, in a line. */
export function things({ title, quantity, lines_count }: OrderBrief): string {
  if (lines_count > 1) return `${title} ${t("order.more", { count: lines_count - 1 })}`;
  return quantity > 1 ? `${title} ×${quantity}` : title;
}

/** A day without a time ("2026-11-25") as the middle of that day, so that no time zone moves it. */
export const noon = (day: string): Date => new Date(`${day}T12:00:00`);

export function happened({ what, by }: Happening): string {
  if (what === "received" && by === "time") return t("order.did.received.time");
  return t(`order.did.${what}`);
}

