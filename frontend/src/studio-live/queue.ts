import type { Question } from "../api/types";

/**
 * The order of the questions on the seller's screen. It follows the room, but never while a finger is on the list: then every row
 * stays where it is, and what has changed waits.
 */
export interface Row {
  question: Question;
  /** it has left the queue elsewhere, and is shown until the finger is off */
  gone: boolean;
}

/** The ids in the seller's order: those known keep their places, new ones join at the end. */
export function joined(order: readonly string[], questions: readonly Question[]): string[] {
  const there = new Set(questions.map(({ id }) => id));
  const known = new Set(order);
  return [...order.filter((id) => there.has(id)), ...questions.flatMap(({ id }) => (known.has(id) ? [] : [id]))];
}

/** Put off: to the end of the line. */
export const postponed = (order: readonly string[], id: string): string[] => [...order.filter((one) => one !== id), id];

/** The queue as it is: what is being answered, then everything else in the seller's order. */
export function settled(order: readonly string[], questions: readonly Question[]): Row[] {
  const found = new Map(questions.map((question) => [question.id, question]));
  const rows = order.flatMap((id): Row[] => {
    const question = found.get(id);
    return question ? [{ question, gone: false }] : [];
  });
  return inFront(rows);
}

/**
 * The queue under a finger. No row comes, goes, moves or changes what its buttons do, except what the seller did here (`own`): only counts go on,
 * and what has left the queue is marked.
 */
export function held(rows: readonly Row[], questions: readonly Question[], own: ReadonlySet<string>): Row[] {
  const found = new Map(questions.map((question) => [question.id, question]));
  const kept = rows.flatMap((row): Row[] => {
    const question = found.get(row.question.id);
    if (own.has(row.question.id)) return question ? [{ question, gone: false }] : [];
    return [question ? { question: { ...row.question, asked: question.asked }, gone: false } : { ...row, gone: true }];
  });
  return own.size > 0 ? inFront(kept) : kept;
}

/** How many questions wait behind the rows that are held. */
export function fresh(rows: readonly Row[], questions: readonly Question[]): number {
  const shown = new Set(rows.map(({ question }) => question.id));
  return questions.reduce((sum, { id }) => sum + (shown.has(id) ? 0 : 1), 0);
}

/** The next row up or down that can be acted upon; the first one when none was chosen. */
export function neighbour(rows: readonly Row[], id: string | null, step: 1 | -1): string | null {
  const ids = rows.flatMap(({ question, gone }) => (gone ? [] : [question.id]));
  const at = id === null ? -1 : ids.indexOf(id);
  if (at === -1) return ids[0] ?? null;
  return ids[Math.min(ids.length - 1, Math.max(0, at + step))] ?? null;
}

function inFront(rows: Row[]): Row[] {
  const answering = ({ question }: Row): boolean => question.state === "answering";
  return [...rows.filter(answering), ...rows.filter((row) => !answering(row))];
}

/** After the last touch, a list may move again. */
export const STILL_MS = 1500;

/** What touches the list: fingers and buttons held down, the keyboard's focus, and when it was last moved over. */
export interface Touching {
  down: number;
  focused: boolean;
  last: number;
}

/** How long the list has to stay as it is: 0 when it may move, Infinity while something is on it. */
export function stillFor({ down, focused, last }: Touching, now: number): number {
  if (down > 0 || focused) return Infinity;
  return Math.max(0, last + STILL_MS - now);
}
