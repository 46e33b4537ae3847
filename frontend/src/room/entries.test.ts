import { expect, test } from "vitest";
import type { Line, OrderBrief } from "../api/types";
import { withSales } from "./entries";

const line = (id: string) => ({ id }) as Line;
const order = (id: string) => ({ id }) as OrderBrief;

test("a sale stands after what was said last before it", () => {
  const sales = [
    { order: order("o1"), after: "a" },
    { order: order("o2"), after: "a" },
    { order: order("o3"), after: "b" },
  ];
  expect(withSales([line("a"), line("b")], sales).map(({ id }) => id)).toEqual(["a", "o1", "o2", "b", "o3"]);
});

test("a sale whose line is forgotten, or that came before any, is first", () => {
  const sales = [
    { order: order("o1"), after: null },
    { order: order("o2"), after: "gone" },
  ];
  expect(withSales([line("a")], sales).map(({ id }) => id)).toEqual(["o1", "o2", "a"]);
});
