import { describe, expect, test } from "vitest";
import { addressed, mentions } from "./mentions";

describe("a mention", () => {
  test.each([
    ["@mikan is it soft?", "mikan", true],
    ["so, @MIKAN!", "mikan", true],
    ["＠ｍｉｋａｎ さん", "mikan", true],
    ["@mikan2 hello", "mikan", false],
    ["@mikan_ hello", "mikan", false],
    ["@mikanさん、どうぞ", "mikan", true],
    ["@みかんさん いいね", "みかん", true],
    ["@ミカン", "ﾐｶﾝ", true],
    ["mikan is here", "mikan", false],
    ["a@mikan", "mikan", true],
    ["@hana and @mikan", "mikan", true],
    ["@mikan2 @mikan", "mikan", true],
    ["@Anna Maria thanks", "anna maria", true],
    ["@", "", false],
    ["@.*", "mikan", false],
  ])("%s speaks to %s: %s", (text, name, is) => expect(mentions(text, name)).toBe(is));
});

describe("putting a name into the box", () => {
  test("before nothing, and after what is written", () => {
    expect(addressed("", "みかん", 200)).toBe("@みかん ");
    expect(addressed("have you seen", "mikan", 200)).toBe("have you seen @mikan ");
  });
  test("another name takes its place; the same one stays once", () => {
    expect(addressed("@hana ", "mikan", 200)).toBe("@mikan ");
    expect(addressed("@mikan yes", "mikan", 200)).toBe("@mikan yes");
  });
  test("never beyond what may be said", () => expect(addressed("x".repeat(198), "mikan", 200)).toBe("x".repeat(198)));
});
