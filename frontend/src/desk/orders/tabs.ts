import type { OrderCounts, OrderState } from "../../api/orders";

/** The orders of a store by what is to be done with them. */
export const TABS = {
  paid: ["paid"],
  placed: ["placed"],
  shipped: ["shipped"],
  done: ["received", "settled"],
  stopped: ["cancelled", "refunded"],
} as const satisfies Record<string, readonly OrderState[]>;
export type Tab = keyof typeof TABS;

export const isTab = (name: string): name is Tab => Object.hasOwn(TABS, name);

/** How many orders a tab has. */
export const inTab = (counts: OrderCounts, tab: Tab): number => TABS[tab].reduce((sum, state) => sum + counts[state], 0);

/** The part of the address that asks for the orders of a tab, older than one of them. */
export function search(tab: Tab, before?: string): string {
  const wanted = new URLSearchParams(TABS[tab].map((state) => ["state", state]));
  if (before) wanted.set("before", before);
  return wanted.toString();
}

/** The last twelve months in Japan, the present one first, as 2026-11. */
export function months(now: Date): string[] {
  const [year, month] = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Tokyo", year: "numeric", month: "2-digit" }).format(now).split("-").map(Number);
  return Array.from({ length: 12 }, (_, back) => {
    const at = new Date(Date.UTC(year ?? 0, (month ?? 1) - 1 - back, 1));
    return `${at.getUTCFullYear()}-${String(at.getUTCMonth() + 1).padStart(2, "0")}`;
  });
}
