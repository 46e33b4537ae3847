import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Taps } from "./taps";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("quick taps are one request", () => {
  const send = vi.fn(async () => undefined);
  const taps = new Taps(send);
  taps.tap();
  taps.tap();
  vi.advanceTimersByTime(399);
  expect(send).not.toHaveBeenCalled();
  taps.tap();
  vi.advanceTimersByTime(1);
  expect(send.mock.calls).toEqual([[3]]);
});

test("more than a request may carry waits for the next", () => {
  const send = vi.fn(async () => undefined);
  const taps = new Taps(send);
  for (let n = 0; n < 25; n += 1) taps.tap();
  vi.advanceTimersByTime(2000);
  expect(send.mock.calls).toEqual([[20], [5]]);
});

test("a refused request is forgotten", async () => {
  const send = vi.fn(async () => Promise.reject(new Error("too fast")));
  const taps = new Taps(send);
  taps.tap();
  await vi.advanceTimersByTimeAsync(5000);
  expect(send).toHaveBeenCalledTimes(1);
});
