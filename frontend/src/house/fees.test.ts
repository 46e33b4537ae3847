import { describe, expect, it } from "vitest";
import { bpsOf, percentOf } from "./fees";

describe("fees", () => {
  it.each([
    ["8", 800],
    ["8.25", 825],
    ["０.５％", 50],
    ["100", 10_000],
    ["0", 0],
    ["1.15", 115],
  ])("reads %s", (text, bps) => expect(bpsOf(text)).toBe(bps));

  it.each(["", "-1", "8.255", "101", "eight", "1e2"])("does not take %s", (text) => expect(bpsOf(text)).toBeNull());

  it("writes what it reads", () => {
    for (const bps of [0, 5, 50, 825, 10_000]) expect(bpsOf(percentOf(bps))).toBe(bps);
  });
});
