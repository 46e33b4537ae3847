import { describe, expect, test } from "vitest";
import type { Question } from "../api/types";
import { fresh, held, joined, neighbour, postponed, type Row, settled, STILL_MS, stillFor } from "./queue";

const question = (id: string, state: Question["state"] = "open", asked = 1) => ({ id, state, asked }) as Question;
const ids = (rows: Row[]): string[] => rows.map((row) => row.question.id + (row.gone ? "-" : ""));
const nobody = new Set<string>();

describe("the order", () => {
  test("new questions join at the end, even when all before them were put off", () => {
    let order = joined([], [question("a"), question("b")]);
    order = postponed(postponed(order, "a"), "b");
    expect(joined(order, [question("a"), question("b"), question("c")])).toEqual(["a", "b", "c"]);
  });

  test("what left the queue loses its place", () => {
    expect(joined(["a", "b"], [question("b")])).toEqual(["b"]);
  });

  test("what is being answered stands in front, and goes back to its place when it is not answered now", () => {
    const order = ["a", "b", "c"];
    expect(ids(settled(order, [question("a"), question("b"), question("c", "answering")]))).toEqual(["c", "a", "b"]);
    expect(ids(settled(order, [question("a"), question("b"), question("c")]))).toEqual(["a", "b", "c"]);
  });

  test("a later question with more askers does not pass an earlier one", () => {
    expect(ids(settled(["a", "b"], [question("a", "open", 1), question("b", "open", 40)]))).toEqual(["a", "b"]);
  });
});

describe("under a finger", () => {
  const rows = settled(["a", "b", "c"], [question("a"), question("b"), question("c")]);

  test("nothing joins, nothing leaves, nothing moves; counts go on", () => {
    const room = [question("b", "open", 7), question("c", "answering"), question("d")];
    const still = held(rows, room, nobody);
    expect(ids(still)).toEqual(["a-", "b", "c"]);
    expect(still[1]?.question.asked).toBe(7);
    expect(still[2]?.question.state).toBe("open");
    expect(fresh(still, room)).toBe(1);
  });

  test("what comes back while it is held is not marked any more", () => {
    const marked = held(rows, [question("b"), question("c")], nobody);
    expect(ids(held(marked, [question("a"), question("b"), question("c")], nobody))).toEqual(["a", "b", "c"]);
  });

  test("what the seller does here happens at once, and moves nothing else in", () => {
    const room = [question("b"), question("c", "answering"), question("d")];
    const mine = held(rows, room, new Set(["a", "c"]));
    expect(ids(mine)).toEqual(["c", "b"]);
    expect(fresh(mine, room)).toBe(1);
  });

  test("any storm of events leaves every row in its place", () => {
    let state = 7;
    const dice = (n: number): number => (state = (state * 48271) % 2147483647) % n;
    let shown = rows;
    for (let round = 0; round < 500; round += 1) {
      const states: Question["state"][] = ["open", "answering"];
      const room = ["a", "b", "c", "d", "e", "f"].filter(() => dice(3) > 0).map((id) => question(id, states[dice(2)], dice(90)));
      shown = held(shown, room, nobody);
      expect(shown.map((row) => row.question.id)).toEqual(["a", "b", "c"]);
      expect(shown.every((row) => row.question.state === "open")).toBe(true);
    }
  });
});

describe("how long it stays", () => {
  test("as long as a finger or the keyboard is on it", () => {
    expect(stillFor({ down: 1, focused: false, last: 0 }, 1e9)).toBe(Infinity);
    expect(stillFor({ down: 0, focused: true, last: 0 }, 1e9)).toBe(Infinity);
  });

  test("and a little longer", () => {
    expect(stillFor({ down: 0, focused: false, last: 1000 }, 1000)).toBe(STILL_MS);
    expect(stillFor({ down: 0, focused: false, last: 1000 }, 1000 + STILL_MS)).toBe(0);
  });
});

test("keys go from row to row, past those that are gone, and stop at the ends", () => {
  const rows: Row[] = [question("a"), question("b"), question("c")].map((one) => ({ question: one, gone: one.id === "b" }));
  expect(neighbour(rows, null, 1)).toBe("a");
  expect(neighbour(rows, "a", 1)).toBe("c");
  expect(neighbour(rows, "c", 1)).toBe("c");
  expect(neighbour(rows, "c", -1)).toBe("a");
  expect(neighbour(rows, "b", 1)).toBe("a");
  expect(neighbour([], "a", 1)).toBeNull();
});
