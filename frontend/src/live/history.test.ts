import { expect, test } from "vitest";
import type { Line } from "../api/types";
import { HISTORY_KEPT, lengthened } from "./history";

const line = (offset: number) => ({ id: `l${offset}`, offset }) as Line;
const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => line(from + n));
const ids = (list: Line[]) => list.map(({ id }) => id);

test("lines that left the snapshot stay, up to a bound", () => {
  expect(ids(lengthened(lines(1, 3), lines(3, 4), []))).toEqual(["l1", "l2", "l3", "l4"]);
  expect(lengthened(lines(1, HISTORY_KEPT), lines(60, 130), [])).toHaveLength(HISTORY_KEPT);
});

test("a removed line is gone, whether the snapshot still had it or not", () => {
  const removed = (id: string) => [{ type: "removed", line_id: id } as const];
  expect(ids(lengthened(lines(1, 4), lines(3, 4), removed("l1")))).toEqual(["l2", "l3", "l4"]);
  expect(ids(lengthened(lines(1, 4), [line(3)], removed("l4")))).toEqual(["l1", "l2", "l3"]);
});

test("when the last line of all is removed nothing of it stays", () => {
  expect(lengthened([line(1)], [], [{ type: "removed", line_id: "l1" }])).toEqual([]);
});
