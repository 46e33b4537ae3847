import type { Line, OrderBrief } from "../api/types";

/** One thing in the chat: what was said, or (for the stall alone) what was sold in between. */
export type Entry = { kind: "line"; id: string; line: Line } | { kind: "sale"; id: string; order: OrderBrief };

/** A sale and the last line before it; `after` is null when nothing had been said. */
export interface SaleMark {
  order: OrderBrief;
  after: string | null;
}

const made = new WeakMap<Line, Entry>();

/** The same entry for the same line, so that what is drawn already is not drawn again. */
function entryOf(line: Line): Entry {
  let entry = made.get(line);
  if (!entry) made.set(line, (entry = { kind: "line", id: line.id, line }));
  return entry;
}

/** Lines as the chat shows them, without those of hidden people. */
export function spoken(lines: Line[], hidden: ReadonlySet<string>): Entry[] {
  return lines.filter(({ account }) => !hidden.has(account.id)).map(entryOf);
}

/** Lines with the sales between them. A sale whose line has been forgotten comes first. */
export function withSales(lines: Line[], sales: SaleMark[]): Entry[] {
  const known = new Set(lines.map(({ id }) => id));
  const after = (id: string | null): Entry[] =>
    sales
      .filter((mark) => (mark.after !== null && known.has(mark.after) ? mark.after : null) === id)
      .map(({ order }) => ({ kind: "sale", id: order.id, order }));
  return [...after(null), ...lines.flatMap((line): Entry[] => [entryOf(line), ...after(line.id)])];
}
