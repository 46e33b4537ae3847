import { expect, test } from "vitest";
import type { Line } from "../api/types";
import { nextTurn, secondsLeft } from "./pace";

const slow = { shield: true, slow_s: 10, followers_only: false };
const line = (account: string, at: number, kind: Line["kind"] = "said") =>
  ({ account: { id: account }, at: new Date(at).toISOString(), kind }) as Line;

test("in slow mode the clock starts with one's own last line", () => {
  const lines = [line("me", 1000), line("me", 5000), line("you", 9000)];
  expect(nextTurn(lines, "me", slow, false)).toBe(15_000);
  expect(nextTurn(lines, "somebody", slow, false)).toBe(0);
});

test("a stamp is a line, a purchase is none", () => {
  expect(nextTurn([line("me", 1000, "stamp"), line("me", 8000, "bought")], "me", slow, false)).toBe(11_000);
});

test("staff, and rooms without slow mode, have no pace", () => {
  const lines = [line("me", 5000)];
  expect(nextTurn(lines, "me", slow, true)).toBe(0);
  expect(nextTurn(lines, "me", { ...slow, slow_s: 0 }, false)).toBe(0);
  expect(nextTurn(lines, null, slow, false)).toBe(0);
});

test("seconds are whole and never promise too early", () => {
  expect(secondsLeft(10_000, 9_999)).toBe(1);
  expect(secondsLeft(10_000, 2_500)).toBe(8);
  expect(secondsLeft(10_000, 10_000)).toBe(0);
});
