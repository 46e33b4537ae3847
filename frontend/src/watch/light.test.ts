import { expect, test } from "vitest";
import { scrimFor } from "./light";

const frame = (value: number) => new Uint8ClampedArray(16).fill(value);

test("scrims are lightest over black and full over white", () => {
  expect(scrimFor(frame(0))).toBe(0.75);
  expect(scrimFor(frame(255))).toBe(1);
  expect(scrimFor(frame(90))).toBeGreaterThan(0.85);
  expect(scrimFor(frame(90))).toBeLessThan(0.95);
});
