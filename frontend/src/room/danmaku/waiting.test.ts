import { expect, test } from "vitest";
import { Waiting } from "./waiting";

/** What a frame lets go. */
function released<T>(waiting: Waiting<T>, now: number, fits: (item: T) => boolean = () => true): T | null {
  let out: T | null = null;
  waiting.release(now, (item) => {
    if (fits(item)) out = item;
    return fits(item);
  });
  return out;
}

test("goes out in the order it came, one each frame", () => {
  const waiting = new Waiting<string>();
  for (const item of ["a", "b"]) waiting.add(item, false, 0);
  expect([1, 2, 3].map((now) => released(waiting, now))).toEqual(["a", "b", null]);
});

test("what fits may pass what does not", () => {
  const waiting = new Waiting<string>();
  for (const item of ["long", "short"]) waiting.add(item, false, 0);
  expect(released(waiting, 0, (item) => item === "short")).toBe("short");
  expect(waiting.size).toBe(1);
});

test("what waited too long is let go", () => {
  const waiting = new Waiting<string>();
  waiting.add("old", false, 0);
  waiting.add("new", false, 1000);
  expect(released(waiting, 1501)).toBe("new");
});

test("a flood keeps it short, and what came last stays", () => {
  const waiting = new Waiting<number>();
  for (let item = 0; item < 1000; item += 1) waiting.add(item, false, 0);
  expect(waiting.size).toBe(8);
  expect(waiting.crowd).toBe(1);
  expect(released(waiting, 0)).toBe(992);
});

test("an own line goes first, is never let go, and nothing passes it", () => {
  const waiting = new Waiting<string>();
  waiting.add("theirs", false, 0);
  waiting.add("mine", true, 0);
  for (let item = 0; item < 100; item += 1) waiting.add(`${item}`, false, 5000);
  expect(released(waiting, 5000, (item) => item !== "mine")).toBeNull();
  expect(released(waiting, 5001)).toBe("mine");
});
