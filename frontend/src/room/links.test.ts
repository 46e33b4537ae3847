import { describe, expect, test } from "vitest";
import { stretches } from "./links";

const hrefs = (text: string) => stretches(text).flatMap(({ href }) => href ?? []);

describe("addresses in the stall's lines", () => {
  test("are found, and the words around them stay", () => {
    expect(stretches("サイズは https://a.example/size?x=1#b です。")).toEqual([
      { text: "サイズは ", href: null },
      { text: "https://a.example/size?x=1#b", href: "https://a.example/size?x=1#b" },
      { text: " です。", href: null },
    ]);
  });
  test("the end of a sentence is not part of them", () => {
    expect(hrefs("See https://a.example/x, or http://b.example. (https://c.example/)")).toEqual([
      "https://a.example/x",
      "http://b.example",
      "https://c.example/",
    ]);
    expect(hrefs("（https://a.example/あ）どうぞ")).toEqual(["https://a.example/あ"]);
  });
  test("what only looks like one is text", () => {
    expect(hrefs("javascript:alert(1) ftp://a.example https:// https://user@a.example http://localhost")).toEqual([]);
  });
  test("nothing is lost", () => {
    const text = "a https://a.example/b. https://c.example! d";
    expect(stretches(text).map((part) => part.text).join("")).toBe(text);
  });
});
