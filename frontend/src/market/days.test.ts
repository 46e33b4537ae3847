import { expect, it } from "vitest";
import type { ShowTile } from "../api/types";
import { byDay } from "./days";

const show = (id: string, at: Date | null): ShowTile => ({ id, planned_at: at?.toISOString() ?? null }) as ShowTile;

it("parts shows by day in the order they open, those without a time last", () => {
  const now = new Date(2026, 10, 22, 20);
  const days = byDay(
    [show("none", null), show("tomorrow", new Date(2026, 10, 23, 9)), show("late", new Date(2026, 10, 22, 22)), show("soon", new Date(2026, 10, 22, 21))],
    now,
  );
  expect(days.map((one) => one.shows.map((tile) => tile.id))).toEqual([["soon", "late"], ["tomorrow"], ["none"]]);
  expect(days.at(-1)?.at).toBeNull();
});
