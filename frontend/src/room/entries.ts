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

/** A buyer who tells the room does so within moments of buying. */
const TOLD_WITHIN_MS = 15_000;

/** Lines with the sales between them. A sale whose line has been forgotten comes first; one the room was told of stands there. */
export function withSales(lines: Line[], sales: SaleMark[]): Entry[] {
  const known = new Set(lines.map(({ id }) => id));
  const places = new Map<string, SaleMark[]>();
  const told = new Set<string>();
  for (const mark of sales) {
    const line = lines.find((one) => !told.has(one.id) && tells(one, mark));
    if (line) told.add(line.id);
    const place = line?.id ?? (mark.after !== null && known.has(mark.after) ? mark.after : "");
    places.set(place, [...(places.get(place) ?? []), mark]);
  }
  const at = (id: string): Entry[] => (places.get(id) ?? []).map(({ order }) => ({ kind: "sale", id: order.id, order }));
  return [...at(""), ...lines.flatMap((line): Entry[] => [...(told.has(line.id) ? [] : [entryOf(line)]), ...at(line.id)])];
}

function tells({ kind, account, at }: Line, { order }: SaleMark): boolean {
  return kind === "bought" && order.buyer.id === account.id && Math.abs(Date.parse(at) - Date.parse(order.placed_at)) < TOLD_WITHIN_MS;
}
