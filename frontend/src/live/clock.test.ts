import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { learnTime, serverNow } from "./clock";

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2026-11-22T11:00:00Z") });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a slow answer does not turn the clock back, a changed clock does", () => {
  learnTime("2026-11-22T11:00:05.000Z");
  expect(serverNow() - Date.now()).toBe(5000);
  learnTime("2026-11-22T11:00:01.000Z");
  expect(serverNow() - Date.now()).toBe(5000);
  learnTime("2026-11-22T10:30:00.000Z");
  expect(serverNow() - Date.now()).toBe(-1_800_000);
});
