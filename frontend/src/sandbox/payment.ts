/** A payment at the sandbox gateway, and what its page does for whoever opened it. */
import type { Card } from "../api/types";

export interface SandboxPayment {
  reference: string;
  method: "card" | "konbini";
  state: "authorised" | "action_required" | "awaiting" | "captured" | "declined" | "cancelled";
  reason: string | null;
  amount: number;
  currency: "JPY";
  brand: Card["brand"] | null;
  last4: string | null;
  /** what to say at the konbini's counter */
  number: string | null;
  confirmation: string | null;
  expires_at: string | null;
  return_url: string;
  server_time: string;
}

export type Step = "approve" | "fail" | "pay" | "expire";

/** Waiting for the buyer, gone through, or not. */
export function standing(payment: SandboxPayment): "open" | "done" | "failed" {
  if (payment.state === "action_required" || payment.state === "awaiting") return "open";
  return payment.state === "authorised" || payment.state === "captured" ? "done" : "failed";
}

/** Tells the page around this one, or the one that opened it, that the payment went on; only a page of our own hears it. */
export function tell(payment: SandboxPayment, here: Window = window): void {
  const listener: Window | null = here.parent !== here ? here.parent : here.opener;
  listener?.postMessage({ type: "ennichi:payment", reference: payment.reference, state: payment.state }, here.location.origin);
}

/** Where the buyer goes on, when the page stands alone. Nowhere but to a page of our own. */
export function wayBack(return_url: string, origin: string): string | null {
  if (!return_url) return null;
  try {
    const url = new URL(return_url, origin);
    return url.origin === origin ? url.pathname + url.search + url.hash : null;
  } catch {
    return null;
  }
}

const WIDE = ["00110", "10001", "01001", "11000", "00101", "10100", "01100", "00011", "10010", "01010"];

/**
 * A number as the bars of Interleaved 2 of 5: the widths of bar, gap, bar, … in modules. Digits come in pairs, one in the
 * bars and one in the gaps, so an odd number gets a nought in front.
 */
export function bars(digits: string): number[] {
  const even = digits.length % 2 ? `0${digits}` : digits;
  const widths = [1, 1, 1, 1];
  for (let at = 0; at < even.length; at += 2) {
    const [bar = "", gap = ""] = [WIDE[Number(even[at])], WIDE[Number(even[at + 1])]];
    for (let n = 0; n < 5; n++) widths.push(bar[n] === "1" ? 3 : 1, gap[n] === "1" ? 3 : 1);
  }
  return [...widths, 3, 1, 1];
}
