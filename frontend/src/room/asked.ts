import type { Asked } from "../api/types";
import type { FeedEvent } from "../live/events";

/** What one is told of one's own question: that it waits, that it is being answered, what the answer was, or that it was put aside. */
export type News = { question: Asked; state: "open" | "answering" | "answered" | "dropped" };

/** The news among these events; `told` is what was told last. More people asking the same is no news, nor is a question put back into the queue. */
export function newsIn(events: FeedEvent[], told: ReadonlyMap<string, string>): News[] {
  return events.flatMap((event): News[] => {
    if (event.type !== "asked") return [];
    const { question } = event;
    const { id, state } = question;
    if (state === "merged" || told.get(id) === state || (state === "open" && told.has(id))) return [];
    return [{ question, state }];
  });
}

/** Own questions for the list, the newest first; one that went into another stands there as the other. */
export const listed = (asked: readonly Asked[]): Asked[] => asked.filter(({ state }) => state !== "merged");
