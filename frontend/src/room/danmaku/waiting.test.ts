import { expect, test } from "vitest";
import { Waiting } from "./waiting";

function released(waiting: Waiting<string>, now: number, room: number, fits: (item: string) => boolean = () => true): string[] {
  const out: string[] = [];
  waiting.release(now, (item) => {
    if (out.length >= room || !fits(item)) return false;
    out.push(item);
    return true;
  });
  return out;
}

test("goes out in the order it came, as room allows", () => {
  const waiting = new Waiting<string>();
  for (const item of ["a", "b", "c"]) waiting.add(item, false, 0);
  expect(released(waiting, 0, 2)).toEqual(["a", "b"]);
  expect(released(waiting, 0, 2)).toEqual(["c"]);
});

test("what fits may pass what does not", () => {
  const waiting = new Waiting<string>();
  for (const item of ["long", "short"]) waiting.add(item, false, 0);
  expect(released(waiting, 0, 9, (item) => item === "short")).toEqual(["short"]);
  expect(waiting.size).toBe(1);
});

test("what waited too long is let go", () => {
  const waiting = new Waiting<string>();
  waiting.add("old", false, 0);
  waiting.add("new", false, 1000);
  expect(released(waiting, 1501, 9)).toEqual(["new"]);
});

test("a flood keeps it short, and what came last stays", () => {
  const waiting = new Waiting<number>();
  for (let item = 0; item < 1000; item += 1) waiting.add(item, false, 0);
  expect(waiting.size).toBe(8);
  expect(waiting.crowd).toBe(1);
  const out: number[] = [];
  waiting.release(0, (item) => out.push(item) > 0);
  expect(out[0]).toBe(992);
});

test("an own line goes first, is never let go, and nothing passes it", () => {
  const waiting = new Waiting<string>();
  waiting.add("theirs", false, 0);
  waiting.add("mine", true, 0);
  for (let item = 0; item < 100; item += 1) waiting.add(`${item}`, false, 5000);
  expect(released(waiting, 5000, 9, (item) => item !== "mine")).toEqual([]);
  expect(released(waiting, 5001, 1)).toEqual(["mine"]);
});
