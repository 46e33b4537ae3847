import type { Line } from "../api/types";
import type { FeedEvent } from "./events";

/** A chat that is read as a column goes back this far. */
export const HISTORY_KEPT = 100;

/** What was said so far, one batch of events later: what fell out of the snapshot's lines stays a while longer, unless it was removed. */
export function lengthened(before: Line[], lines: Line[], events: FeedEvent[]): Line[] {
  const first = lines[0]?.offset ?? Infinity;
  const removed = new Set(events.flatMap((event) => (event.type === "removed" ? [event.line_id] : [])));
  return [...before.filter(({ id, offset }) => offset < first && !removed.has(id)), ...lines].slice(-HISTORY_KEPT);
}
