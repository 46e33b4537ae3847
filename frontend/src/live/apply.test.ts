import { describe, expect, test } from "vitest";
import type { Snapshot } from "../api/types";
import { apply } from "./apply";
import type { FeedEvent } from "./events";

interface Vector {
  name: string;
  snapshot: Partial<Snapshot>;
  events: FeedEvent[];
  expected: object;
}

/** The server's own tests run the same files: both sides must come to the same room. */
const files = import.meta.glob<Vector[]>("../../../tests/vectors/feed/*.json", { eager: true, import: "default" });

const empty = {
  show: {}, lines: [], likes: 0, viewers: 0, pinned: null, lineup: [],
  answering: null, questions: [], stock: [], sales: null, mine: null,
};

function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

test("the vectors are there", () => {
  expect(Object.keys(files).length).toBeGreaterThan(10);
});

for (const [file, vectors] of Object.entries(files)) {
  describe(file.split("/").at(-1)!, () => {
    test.each(vectors)("$name", ({ snapshot, events, expected }) => {
      const before = frozen({ ...empty, ...snapshot } as Snapshot);
      expect(frozen(events).reduce(apply, before)).toMatchObject(expected);
    });
  });
}
