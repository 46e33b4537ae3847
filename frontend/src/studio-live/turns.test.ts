import { expect, test } from "vitest";
import type { Question } from "../api/types";
import { inTurn, soldByTitle } from "./turns";

const question = (id: string, state: Question["state"] = "open") => ({ id, state }) as Question;

test("what is being answered is first, what was put off is last", () => {
  const queue = [question("a"), question("b"), question("c", "answering"), question("d")];
  expect(inTurn(queue, ["b", "a"]).map(({ id }) => id)).toEqual(["c", "d", "b", "a"]);
});

test("a question put off that is answered meanwhile is not shown twice", () => {
  expect(inTurn([question("a", "answering"), question("b")], ["a"]).map(({ id }) => id)).toEqual(["a", "b"]);
});

test("sold counts leave out what was cancelled", () => {
  const orders = [
    { title: "vase", quantity: 2, state: "paid" },
    { title: "vase", quantity: 1, state: "shipped" },
    { title: "vase", quantity: 4, state: "cancelled" },
  ];
  expect(soldByTitle(orders).get("vase")).toBe(3);
});
