import { expect, test } from "vitest";
import type { Line, OrderBrief } from "../api/types";
import { spoken, withSales } from "./entries";

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

test("a line keeps its entry, and hidden people are not heard", () => {
  const by = (id: string, account: string) => ({ id, account: { id: account } }) as Line;
  const lines = [by("a", "x"), by("b", "y"), by("c", "x")];
  const shown = spoken(lines, new Set(["y"]));
  expect(shown.map(({ id }) => id)).toEqual(["a", "c"]);
  expect(spoken(lines, new Set())[0]).toBe(shown[0]);
  expect(withSales(lines, [])[2]).toBe(shown[1]);
});

test("what a buyer told the room is not told twice", () => {
  const told = { id: "b", kind: "bought", at: "2026-11-22T11:00:02.000Z", account: { id: "mio" } } as Line;
  const earlier = { ...told, id: "a", at: "2026-11-22T10:30:00.000Z" };
  const bought = { id: "o1", placed_at: "2026-11-22T11:00:01.000Z", buyer: { id: "mio" } } as OrderBrief;
  const sales = [{ order: bought, after: "c" }];
  expect(withSales([earlier, told, line("c")], sales).map(({ id }) => id)).toEqual(["a", "o1", "c"]);
});
