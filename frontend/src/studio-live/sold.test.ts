import { expect, test } from "vitest";
import { soldByTitle } from "./sold";

test("sold counts leave out what was cancelled", () => {
  const orders = [
    { title: "vase", quantity: 2, state: "paid" },
    { title: "vase", quantity: 1, state: "shipped" },
    { title: "vase", quantity: 4, state: "cancelled" },
  ];
  expect(soldByTitle(orders).get("vase")).toBe(3);
});
