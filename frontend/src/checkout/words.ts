import type { Address } from "../api/types";
import { sentence } from "../ui/errors";
import { clockSeconds } from "../ui/format";
import { currentLang, t } from "../ui/i18n";
import type { Trouble } from "./purchase.svelte";

/** One calm sentence for what stood in the way; `expires_at` is until when the hold stays, null when there is none. */
export function troubleText(trouble: Trouble, expires_at: string | null): string {
  switch (trouble.kind) {
    case "sold_out":
      return trouble.available > 0 ? t("checkout.fewLeft", { count: trouble.available }) : t("checkout.noneLeft");
    case "declined":
      return t("checkout.declined", { time: expires_at ? clockSeconds(expires_at) : "" });
    case "limit":
      return t("checkout.holdLimit");
    case "offline":
      return expires_at ? t("checkout.offline") : t("error.net.offline");
    case "unsure":
      return t("checkout.unsure");
    case "wait":
      return t("checkout.wait");
    case "address":
      return t("checkout.missingAddress");
    case "card":
      return t("checkout.missingCard");
    case "other":
      return sentence(trouble.error);
    case "broken":
      return t("checkout.broken");
  }
}

/** 11月24日(火)～26日(木); dates without a time, such as "2026-11-24". */
export function dayRange(from: string, to: string): string {
  const format = new Intl.DateTimeFormat(currentLang(), { weekday: "short", month: "short", day: "numeric", timeZone: "UTC" });
  return format.formatRange(new Date(from), new Date(to));
}

export const fullName = (address: Address): string => t("checkout.to", { family: address.family_name, given: address.given_name });

export function street(address: Address): string {
  return [`${address.prefecture}${address.city}${address.line1}`, address.line2].filter(Boolean).join(" ");
}

export const BRANDS = { visa: "Visa", mastercard: "Mastercard", jcb: "JCB", amex: "American Express" } as const;
