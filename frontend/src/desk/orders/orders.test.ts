import { describe, expect, it } from "vitest";
import type { Order, OrderCounts } from "../../api/orders";
import { refundOf, worth, type Wish } from "./refund";
import { inTab, isTab, months, search } from "./tabs";

const order = {
  refundable: 4000,
  totals: { shipping: 660 },
  lines: [
    { variant_id: "a", unit_price: 1480 },
    { variant_id: "b", unit_price: 1000 },
  ],
} as Order;
const wish = (given: Partial<Wish>): Wish => ({ kind: "units", units: {}, shipping: false, amount: "", ...given });

describe("what goes back", () => {
  it("is all that is left, an amount as it is typed, or the price of units", () => {
    expect(worth(order, wish({ kind: "all" }))).toBe(4000);
    expect(worth(order, wish({ kind: "amount", amount: "１,２００円" }))).toBe(1200);
    expect(worth(order, wish({ kind: "amount", amount: "-3" }))).toBe(0);
    expect(worth(order, wish({ units: { a: 2, b: 0 }, shipping: true }))).toBe(3620);
    expect(worth(order, wish({}))).toBe(0);
  });
  it("is sent as the API takes it", () => {
    expect(refundOf(wish({ kind: "all", amount: "5" }))).toEqual({});
    expect(refundOf(wish({ kind: "amount", amount: "５" }))).toEqual({ amount: 5 });
    expect(refundOf(wish({ units: { a: 2, b: 0 }, shipping: true }))).toEqual({ lines: [{ variant_id: "a", quantity: 2 }], shipping: true });
  });
});

describe("the counter's tabs", () => {
  it("put every state somewhere, once", () => {
    const counts: OrderCounts = { placed: 1, paid: 2, shipped: 4, received: 8, settled: 16, cancelled: 32, refunded: 64 };
    expect((["paid", "placed", "shipped", "done", "stopped"] as const).map((tab) => inTab(counts, tab))).toEqual([2, 1, 4, 24, 96]);
    expect(isTab("constructor")).toBe(false);
  });
  it("ask for their states, and for what is older", () => {
    expect(search("done")).toBe("state=received&state=settled");
    expect(search("paid", "x1")).toBe("state=paid&before=x1");
  });
  it("offer months by the calendar in Japan", () => {
    expect(months(new Date("2026-12-31T15:30:00Z")).slice(0, 2)).toEqual(["2027-01", "2026-12"]);
    expect(months(new Date("2026-11-22T12:00:00Z"))).toHaveLength(12);
  });
});
