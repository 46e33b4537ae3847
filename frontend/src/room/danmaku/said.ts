import type { FeedEvent } from "../../live/events";

/** One line as it flies. */
export interface Comment {
  id: string;
  text: string;
  voice: "guest" | "stall" | "question";
  own: boolean;
}

/** A line this old was said while this page was away; it belongs to the chat alone. */
const LATE_MS = 5000;

/** What of these events flies: what was said just now, not stamps or purchases, and nothing that was kept quiet but one's own. */
export function commentsIn(events: FeedEvent[], own: string | null, now: number): Comment[] {
  return events.flatMap((event) => {
    if (event.type !== "line") return [];
    const { line } = event;
    const mine = line.account.id === own;
    const loud = line.kind === "said" && (mine || !line.quiet);
    if (!loud || now - Date.parse(line.at) > LATE_MS) return [];
    return [{ id: line.id, text: line.text, voice: line.account.seller ? "stall" : line.question ? "question" : "guest", own: mine }];
  });
}

/** The lines these events take away again. */
export const removedIn = (events: FeedEvent[]): string[] =>
  events.flatMap((event) => (event.type === "removed" ? [event.line_id] : []));
