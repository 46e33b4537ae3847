import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { learnTime, noLaterThanNow, serverNow } from "./clock";

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

test("what has just been said shows how late it is at least, and never turns the clock back", () => {
  vi.setSystemTime(Date.parse("2026-11-22T12:00:00Z"));
  learnTime("2026-11-22T11:59:00.000Z");
  noLaterThanNow("2026-11-22T11:59:59.500Z");
  expect(serverNow() - Date.now()).toBe(-500);
  noLaterThanNow("2026-11-22T11:30:00.000Z");
  expect(serverNow() - Date.now()).toBe(-500);
});

test("an answer that was long on its way is no clock set anew", () => {
  vi.setSystemTime(Date.parse("2026-11-22T13:00:00Z"));
  learnTime("2026-11-22T13:00:00.000Z");
  const asked = Date.now();
  vi.setSystemTime(Date.parse("2026-11-22T13:01:30Z"));
  learnTime("2026-11-22T13:00:01.000Z", asked);
  expect(serverNow() - Date.now()).toBe(0);
});
