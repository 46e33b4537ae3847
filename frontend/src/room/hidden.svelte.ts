/** People a reader does not want to hear, in this browser, per stall. Nobody else is told. */
import { keep, kept } from "../ui/kept";

/** The longest ago hidden are forgotten first. */
const MOST = 200;
const lists: Record<string, string[]> = $state({});

const drawer = (store_id: string): string => `hidden.${store_id}`;

function list(store_id: string): string[] {
  return lists[store_id] ?? kept<string[]>(drawer(store_id))?.value ?? [];
}

/** Reactive once somebody was hidden or shown again. */
export const isHidden = (store_id: string, account_id: string): boolean => list(store_id).includes(account_id);

export const hiddenIn = (store_id: string): ReadonlySet<string> => new Set(list(store_id));

export function hide(store_id: string, account_id: string, hidden = true): void {
  const others = list(store_id).filter((id) => id !== account_id);
  lists[store_id] = hidden ? [...others, account_id].slice(-MOST) : others;
  keep(drawer(store_id), lists[store_id]);
}
