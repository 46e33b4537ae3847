import type { ShowTile } from "../api/types";
import { daysFromNow } from "../ui/format";

export interface Day {
  /** of the first show of the day; null for shows without a time */
  at: string | null;
  shows: ShowTile[];
}

/** The shows in the order they open, parted by the reader's days; those without a time come last. */
export function byDay(shows: readonly ShowTile[], now = new Date()): Day[] {
  const days = new Map<string, Day>();
  const moment = (show: ShowTile): number => (show.planned_at ? Date.parse(show.planned_at) : Infinity);
  for (const show of [...shows].sort((a, b) => moment(a) - moment(b))) {
    const key = show.planned_at ? String(daysFromNow(show.planned_at, now)) : "none";
    const day = days.get(key) ?? { at: show.planned_at, shows: [] };
    day.shows.push(show);
    days.set(key, day);
  }
  return [...days.values()];
}
