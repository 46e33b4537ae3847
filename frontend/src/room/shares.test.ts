import { expect, test } from "vitest";
import { shares } from "./shares";

test("percents add up to a hundred", () => {
  expect(shares([1, 1, 1])).toEqual([34, 33, 33]);
  expect(shares([2, 1])).toEqual([67, 33]);
  expect(shares([999, 1, 0, 0])).toEqual([100, 0, 0, 0]);
  for (let n = 0; n < 300; n += 1) {
    const votes = Array.from({ length: 2 + (n % 3) }, () => Math.floor(Math.random() * 50));
    const sum = shares(votes).reduce((all, one) => all + one, 0);
    expect(sum).toBe(votes.some((one) => one > 0) ? 100 : 0);
  }
});

test("before anybody has voted there is nothing", () => expect(shares([0, 0])).toEqual([0, 0]));
