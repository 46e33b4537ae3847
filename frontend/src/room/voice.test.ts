import { expect, test } from "vitest";
import { soundsLikeQuestion, voiceColour } from "./voice";

test("a name's colour does not change", () => {
  expect(voiceColour("01jdabc")).toBe(voiceColour("01jdabc"));
  expect(voiceColour("01jdabc")).toMatch(/^var\(--voice-[1-5]\)$/);
});

test("a question mark of either width at the end makes a question", () => {
  expect(["硬度は？", "how hard? ", "what?!", "why not", ""].map(soundsLikeQuestion)).toEqual([
    true, true, false, false, false,
  ]);
});
