/** A list of orders, newest first, that comes a page at a time. */
import type { OrderBrief } from "../api/orders";

/** At most this many come at once. */
export const PAGE = 200;

export interface Shown {
  orders: OrderBrief[];
  /** there are older ones */
  more: boolean;
}

/** The page that came. The last order of a full one only tells that there is more: the next page begins with it. */
export function shown(page: OrderBrief[]): Shown {
  const more = page.length >= PAGE;
  return { orders: more ? page.slice(0, PAGE - 1) : page, more };
}

/** The list with what came of `before`, an order's id; as it was, when it has another end by now. */
export function longer(now: Shown, before: string, page: OrderBrief[]): Shown {
  if (now.orders.at(-1)?.id !== before) return now;
  const older = shown(page);
  return { orders: [...now.orders, ...older.orders], more: older.more };
}

/** The newest page again, and below it what was older already; all from the newest when nothing joins the two. */
export function renewed(now: Shown | null, page: OrderBrief[]): Shown {
  const newest = shown(page);
  const ids = new Set(newest.orders.map(({ id }) => id));
  const joint = now?.orders.findLastIndex(({ id }) => ids.has(id)) ?? -1;
  const older = newest.more && now ? now.orders.slice(joint + 1) : [];
  if (!now || joint < 0 || !older.length) return newest;
  return { orders: [...newest.orders, ...older], more: now.more };
}
