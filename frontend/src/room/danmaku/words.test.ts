import { describe, expect, it } from "vitest";
import { readsFromRight, shorten } from "./words";

const byLength = (text: string): number => text.length * 10;
const FAMILY = "👨‍👩‍👧‍👦";

describe("shorten", () => {
  it("leaves what fits", () => expect(shorten("かんぱーい", 100, byLength)).toBe("かんぱーい"));

  it("shows forty signs of a long line", () => {
    expect(shorten("あ".repeat(200), 1e6, byLength)).toBe(`${"あ".repeat(40)}…`);
    expect(shorten("あ".repeat(40), 1e6, byLength)).toBe("あ".repeat(40));
  });

  it("counts a family as one sign and never cuts it apart", () => {
    expect(shorten(FAMILY.repeat(40), 1e6, byLength)).toBe(FAMILY.repeat(40));
    expect(shorten(FAMILY.repeat(41), 1e6, byLength)).toBe(`${FAMILY.repeat(40)}…`);
    const cut = shorten(FAMILY.repeat(9), 400, byLength);
    expect(cut).toBe(`${FAMILY.repeat(3)}…`);
  });

  it("cuts to the room there is, without a blank before the dots", () => {
    expect(shorten("one two three", 90, byLength)).toBe("one two…");
    expect(shorten("﷽﷽", 5, byLength)).toBe("…");
  });
});

it("finds the direction by the first letter", () => {
  expect(["שלום", "«مرحبا» hello", "123 سلام"].map(readsFromRight)).toEqual([true, true, true]);
  expect(["hello שלום", "かんぱい", "123!", ""].map(readsFromRight)).toEqual([false, false, false, false]);
});
