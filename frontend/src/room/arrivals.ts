import type { FeedEvent } from "../live/events";

/** Who has come, as one line says it. */
export interface Arrival {
  name: string | null;
  others: number;
}

/** The arrivals of a moment in one: the last name told, and how many more came. Null when nobody did. */
export function arrivalsIn(events: FeedEvent[], before: Arrival | null = null): Arrival | null {
  let name = before?.name ?? null;
  let people = before ? before.others + (before.name === null ? 0 : 1) : 0;
  for (const event of events) {
    if (event.type !== "arrived") continue;
    people += Math.max(event.count, event.names.length);
    name = event.names.at(-1) ?? name;
  }
  if (people === 0) return null;
  return { name, others: name === null ? people : people - 1 };
}
