import { expect, test } from "vitest";
import type { Asked } from "../api/types";
import { listed, newsIn } from "./asked";

const asked = (id: string, state: Asked["state"], people = 1) =>
  ({ type: "asked", question: { id, state, asked: people, text: "?", listing_id: null, answer: null, media_ms: null } }) as const;

test("each step of a question is told once", () => {
  expect(newsIn([asked("q", "open")], new Map()).map(({ state }) => state)).toEqual(["open"]);
  expect(newsIn([asked("q", "open", 5)], new Map([["q", "open"]]))).toEqual([]);
  expect(newsIn([asked("q", "answering")], new Map([["q", "open"]])).map(({ state }) => state)).toEqual(["answering"]);
  expect(newsIn([asked("q", "answered")], new Map([["q", "answered"]]))).toEqual([]);
});

test("a question put back into the queue, or into another one, is no news", () => {
  expect(newsIn([asked("q", "open"), asked("r", "merged")], new Map([["q", "answering"]]))).toEqual([]);
  expect(listed([asked("q", "merged").question, asked("r", "open").question]).map(({ id }) => id)).toEqual(["r"]);
});
