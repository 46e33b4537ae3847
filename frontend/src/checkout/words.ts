import type { Address, Card } from "../api/types";
import { sentence } from "../ui/errors";
import { clockSeconds, yen } from "../ui/format";
import { currentLang, t, type Key } from "../ui/i18n";
import type { Trouble } from "./trouble";

const DECLINED: Record<string, Key> = {
  insufficient_funds: "checkout.declinedFunds",
  expired_card: "checkout.declinedExpired",
  authentication_failed: "checkout.declinedProof",
  processing_error: "checkout.declinedProcessing",
  expired: "checkout.declinedLate",
  cancelled: "checkout.declinedLate",
};

function declinedText(reason: string | null, expires_at: string | null): string {
  const what = t(DECLINED[reason ?? ""] ?? "checkout.declined");
  return expires_at ? `${what} ${t("checkout.declinedThen", { time: clockSeconds(expires_at) })}` : what;
}

/** One calm sentence for what stood in the way; `expires_at` is until when the hold stays, null when there is none. */
export function troubleText(trouble: Trouble, expires_at: string | null): string {
  switch (trouble.kind) {
    case "sold_out":
      return trouble.available > 0 ? t("checkout.fewLeft", { count: trouble.available }) : t("checkout.noneLeft");
    case "per_buyer":
      return trouble.left > 0
        ? t("checkout.perBuyerLeft", { count: trouble.left, limit: trouble.limit })
        : t("checkout.perBuyerNone", { count: trouble.limit });
    case "declined":
      return declinedText(trouble.reason, expires_at);
    case "total":
      return t("checkout.totalChanged", { total: yen(trouble.total) });
    case "offline":
      return expires_at ? t("checkout.offline") : t("error.net.offline");
    case "other":
      return sentence(trouble.error);
    default:
      return t(SENTENCES[trouble.kind]);
  }
}

const SENTENCES = {
  limit: "checkout.holdLimit",
  unsure: "checkout.unsure",
  wait: "checkout.wait",
  address: "checkout.missingAddress",
  pay: "checkout.missingPay",
  broken: "checkout.broken",
  notice: "checkout.notSelling",
  gone: "checkout.someGone",
} as const satisfies Record<string, Key>;

/** 11月24日(火)～26日(木); dates without a time, such as "2026-11-24". */
export function dayRange(from: string, to: string): string {
  const format = new Intl.DateTimeFormat(currentLang(), { weekday: "short", month: "short", day: "numeric", timeZone: "UTC" });
  return format.formatRange(new Date(from), new Date(to));
}

export const fullName = (address: Address): string => t("checkout.to", { family: address.family_name, given: address.given_name });

export function street(address: Address): string {
  return [`${address.prefecture}${address.city}${address.line1}`, address.line2].filter(Boolean).join(" ");
}

export function validUntil({ exp_month, exp_year }: Card): string {
  return t("checkout.expires", { date: `${String(exp_month).padStart(2, "0")}/${String(exp_year % 100).padStart(2, "0")}` });
}
