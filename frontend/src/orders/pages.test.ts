import { describe, expect, it } from "vitest";
import type { OrderBrief } from "../api/orders";
import { longer, PAGE, renewed, shown, type Shown } from "./pages";

/** Orders by number, the newest first, as the server has them. */
const made = (newest: number, oldest = 1): OrderBrief[] => Array.from({ length: newest - oldest + 1 }, (_, n) => ({ id: `o${newest - n}` }) as OrderBrief);
const page = (all: OrderBrief[], before?: string): OrderBrief[] => all.slice(before ? all.findIndex(({ id }) => id === before) + 1 : 0).slice(0, PAGE);
const ids = (list: Shown): string[] => list.orders.map(({ id }) => id);
const last = (list: Shown): string => list.orders.at(-1)?.id ?? "";

describe("a list of orders", () => {
  it.each([0, 1, PAGE - 1])("of %i is whole at once", (n) => expect(shown(page(made(n)))).toEqual({ orders: made(n), more: false }));

  it.each([PAGE, PAGE + 1, 2 * PAGE - 2, 2 * PAGE - 1, 3 * PAGE])("of %i goes on while there is more, to its very end", (n) => {
    const all = made(n);
    let list = shown(page(all));
    while (list.more) {
      const next = page(all, last(list));
      expect(next).not.toEqual([]);
      list = longer(list, last(list), next);
    }
    expect(list.orders).toEqual(all);
  });

  it("does not take what was asked for below another end", () => {
    const list = shown(page(made(500)));
    expect(longer(list, "o7", made(6))).toBe(list);
  });
});

describe("the newest page again", () => {
  const all = made(450);
  const first = shown(page(all));
  const two = longer(first, last(first), page(all, last(first)));

  it("keeps the older ones, whatever came on top or left", () => {
    expect(renewed(two, page(all))).toEqual(two);
    const grown = made(453);
    expect(ids(renewed(two, page(grown)))).toEqual(ids({ orders: grown.slice(0, 398 + 3), more: true }));
    const shrunk = all.filter(({ id }) => !["o450", "o300", "o260"].includes(id));
    const after = renewed(two, page(shrunk));
    expect(ids(after)).toEqual(ids({ orders: shrunk.slice(0, 398 - 3), more: true }));
    expect(new Set(ids(after)).size).toBe(after.orders.length);
  });

  it("is all there is when it holds everything, or joins nothing", () => {
    expect(renewed(null, page(all))).toEqual(first);
    expect(renewed(two, made(450, 440))).toEqual({ orders: made(450, 440), more: false });
    expect(renewed(two, page(made(1000)))).toEqual(shown(page(made(1000))));
  });
});
