import { expect, test } from "vitest";
import { arrivalsIn } from "./arrivals";

const arrived = (names: string[], count: number) => ({ type: "arrived", names, count }) as const;

test("those who come within a moment are one line", () => {
  const first = arrivalsIn([arrived(["hana", "mikan"], 5)]);
  expect(first).toEqual({ name: "mikan", others: 4 });
  expect(arrivalsIn([arrived(["sora"], 8)], first)).toEqual({ name: "sora", others: 12 });
});

test("somebody who does not want to be named is only counted", () => {
  expect(arrivalsIn([arrived([], 3)])).toEqual({ name: null, others: 3 });
  expect(arrivalsIn([arrived([], 2)], { name: "hana", others: 0 })).toEqual({ name: "hana", others: 2 });
  expect(arrivalsIn([arrived(["hana"], 1)], { name: null, others: 3 })).toEqual({ name: "hana", others: 3 });
});

test("nobody came", () => expect(arrivalsIn([{ type: "likes", total: 3 }])).toBeNull());
