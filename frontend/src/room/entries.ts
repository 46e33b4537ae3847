import type { Line, OrderBrief } from "../api/types";

/** One thing in the chat: what was said, or (for the stall alone) what was sold in between. */
export type Entry = { kind: "line"; id: string; line: Line } | { kind: "sale"; id: string; order: OrderBrief };

/** A sale and the last line before it; `after` is null when nothing had been said. */
export interface SaleMark {
  order: OrderBrief;
  after: string | null;
}

/** Lines with the sales between them. A sale whose line has been forgotten comes first. */
export function withSales(lines: Line[], sales: SaleMark[]): Entry[] {
  const known = new Set(lines.map(({ id }) => id));
  const after = (id: string | null): Entry[] =>
    sales
      .filter((mark) => (mark.after !== null && known.has(mark.after) ? mark.after : null) === id)
      .map(({ order }) => ({ kind: "sale", id: order.id, order }));
  return [...after(null), ...lines.flatMap((line): Entry[] => [{ kind: "line", id: line.id, line }, ...after(line.id)])];
}
