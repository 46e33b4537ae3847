/** What may stand in the way of buying, as a kind that the sheet can act on and put into words. */
import { ApiError } from "../api/client";

export type Trouble =
  | { kind: "sold_out"; available: number }
  | { kind: "per_buyer"; limit: number; left: number }
  | { kind: "declined"; reason: string | null }
  /** the total is another one now, and the buyer has seen the old one */
  | { kind: "total"; total: number }
  | { kind: "limit" | "offline" | "unsure" | "broken" | "wait" | "address" | "pay" | "notice" | "gone" }
  | { kind: "other"; error: unknown };

const isUnsettled = (error: unknown): boolean => error instanceof ApiError && error.code === "payment.unsettled";

/** The server has decided; trying the same again would be a new intention. */
export function known(error: unknown): boolean {
  return error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429 && !isUnsettled(error);
}

const number = (value: unknown): number => Number(value) || 0;

const KINDS: Record<string, (params: Record<string, unknown>) => Trouble> = {
  "stock.sold_out": ({ available }) => ({ kind: "sold_out", available: number(available) }),
  "hold.per_buyer": ({ limit, left }) => ({ kind: "per_buyer", limit: number(limit), left: number(left) }),
  "hold.limit": () => ({ kind: "limit" }),
  "payment.declined": ({ reason }) => ({ kind: "declined", reason: typeof reason === "string" ? reason : null }),
  "payment.unsettled": () => ({ kind: "unsure" }),
  "checkout.total_changed": ({ total }) => ({ kind: "total", total: number(total) }),
  "checkout.address_missing": () => ({ kind: "address" }),
  "checkout.card_missing": () => ({ kind: "pay" }),
  "store.notice_incomplete": () => ({ kind: "notice" }),
};

/** `lost` is what to say when the answer did not come: only a payment leaves anything in doubt. */
export function toTrouble(error: unknown, lost: "offline" | "unsure"): Trouble {
  if (!(error instanceof ApiError)) return { kind: "broken" };
  if (error.status === 0 || (error.status >= 500 && lost === "unsure")) return { kind: lost };
  if (error.status === 429) return { kind: "wait" };
  if (error.fields.some(({ path }) => /address|prefecture/.test(path))) return { kind: "address" };
  return KINDS[error.code]?.(error.params) ?? { kind: "other", error };
}

/** How often, and after how many milliseconds each, a payment whose end is not known yet is asked for again. */
const ASK_AGAIN = { times: 5, every_ms: 1500 };

/** Sends again, with the same key, while the payment house has not made up its mind. */
export async function settled<T>(send: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await send();
    } catch (error) {
      if (!isUnsettled(error) || tries > ASK_AGAIN.times) throw error;
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN.every_ms));
    }
  }
}
