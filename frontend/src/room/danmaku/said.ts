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

/**
 * What of these events flies: what was said just now, not stamps or purchases, nothing that was kept quiet but one's
 * own, and nothing by people `hidden` from this reader.
 */
export function commentsIn(
  events: FeedEvent[],
  own: string | null,
  now: number,
  hidden: (account_id: string) => boolean = () => false,
): Comment[] {
  return events.flatMap((event) => {
    if (event.type !== "line") return [];
    const { line } = event;
    const mine = line.account.id === own;
    const heard = line.kind === "said" && (mine || !(line.quiet || hidden(line.account.id)));
    if (!heard || now - Date.parse(line.at) > LATE_MS) return [];
    return [{ id: line.id, text: line.text, voice: line.account.seller ? "stall" : line.question ? "question" : "guest", own: mine }];
  });
}

/** The lines these events take away again. */
export const removedIn = (events: FeedEvent[]): string[] =>
  events.flatMap((event) => (event.type === "removed" ? [event.line_id] : []));
