import { expect, it } from "vitest";
import { lit } from "./steps";

it.each([
  ["placed", 1],
  ["paid", 2],
  ["shipped", 3],
  ["received", 4],
  ["settled", 4],
  ["cancelled", 0],
  ["refunded", 0],
] as const)("%s lights %d lanterns", (state, lanterns) => expect(lit(state)).toBe(lanterns));
