import { expect, test } from "vitest";
import type { Listing } from "../api/types";
import { complete, ofVariants, remembered } from "./votes";

const listing = (...names: string[]) => ({ variants: names.map((name) => ({ name })) }) as Listing;

test("variants are offered when there is something to choose", () => {
  expect(ofVariants(listing("red", "blue"), "Which?")).toEqual({ question: "Which?", options: ["red", "blue"] });
  expect(ofVariants(listing("a", "b", "c", "d", "e"), "Which?")?.options).toEqual(["a", "b", "c", "d"]);
  expect(ofVariants(listing(""), "Which?")).toBeNull();
  expect(ofVariants(null, "Which?")).toBeNull();
  expect(ofVariants(listing("a", "b"), "x".repeat(90))?.question).toHaveLength(80);
});

test("what was asked before comes first and once", () => {
  const [a, b, c, d] = ["a", "b", "c", "d"].map((question) => ({ question, options: ["1", "2"] }));
  const ballots = [a, b, c].reduceRight((all, one) => remembered(all, one!), [] as { question: string; options: string[] }[]);
  expect(remembered(ballots, d!).map(({ question }) => question)).toEqual(["d", "a", "b"]);
  expect(remembered(ballots, b!).map(({ question }) => question)).toEqual(["b", "a", "c"]);
});

test("a vote needs a question and two different answers", () => {
  expect(complete(" Which? ", [" A ", "", "B"])).toEqual({ question: "Which?", options: ["A", "B"] });
  expect(complete("Which?", ["A", "A "])).toBeNull();
  expect(complete(" ", ["A", "B"])).toBeNull();
});
