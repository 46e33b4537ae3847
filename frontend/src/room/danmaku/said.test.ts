import { expect, test } from "vitest";
import type { Line } from "../../api/types";
import type { FeedEvent } from "../../live/events";
import { commentsIn, removedIn } from "./said";

const NOW = Date.parse("2026-11-22T11:10:18.000Z");
function said(id: string, more: Partial<Line> = {}, by: Partial<Line["account"]> = {}): FeedEvent {
  const account = { id: "someone", name: "Rin", seller: false, moderator: false, ...by };
  const line: Line = {
    id, offset: 1, at: "2026-11-22T11:10:17.900Z", media_ms: 0, kind: "said", account, text: id, question: false,
    listing_id: null, quantity: null, quiet: false,
  };
  return { type: "line", line: { ...line, ...more } };
}
const ids = (events: FeedEvent[], own: string | null = null): string[] => commentsIn(events, own, NOW).map(({ id }) => id);

test("lines fly, other news does not", () => {
  expect(ids([said("a"), { type: "likes", total: 3 }, said("b")])).toEqual(["a", "b"]);
  expect(ids([])).toEqual([]);
});

test("the stall, a question and oneself are told apart", () => {
  const events = [said("a"), said("b", { question: true }), said("c", { question: true }, { seller: true }), said("d", {}, { id: "me" })];
  expect(commentsIn(events, "me", NOW).map(({ voice, own }) => [voice, own])).toEqual([
    ["guest", false], ["question", false], ["stall", false], ["guest", true],
  ]);
});

test("stamps and purchases stay in the chat", () => {
  expect(ids([said("a"), said("b", { kind: "stamp" }), said("c", { kind: "bought" })])).toEqual(["a"]);
});

test("what was kept quiet flies for its writer alone", () => {
  const quiet = said("a", { quiet: true }, { id: "me" });
  expect(ids([quiet])).toEqual([]);
  expect(ids([quiet], "me")).toEqual(["a"]);
});

test("whom the reader has hidden is not seen either", () => {
  const events = [said("a", {}, { id: "loud" }), said("b")];
  expect(commentsIn(events, null, NOW, (id) => id === "loud").map(({ id }) => id)).toEqual(["b"]);
});

test("what was said while nobody was looking does not fly afterwards", () => {
  expect(ids([said("a", { at: "2026-11-22T11:10:12.000Z" }), said("b")])).toEqual(["b"]);
});

test("lines that are removed are named", () => {
  expect(removedIn([said("a"), { type: "removed", line_id: "b" }])).toEqual(["b"]);
});
