import type { Question } from "../api/types";

/** The order for the seller: what is being answered, then as asked, then what was put off (in the order of putting off). */
export function inTurn(questions: Question[], later: string[]): Question[] {
  const answering = questions.filter(({ state }) => state === "answering");
  const open = questions.filter(({ state, id }) => state === "open" && !later.includes(id));
  const put_off = later.flatMap((id) => questions.filter((question) => question.id === id && question.state === "open"));
  return [...answering, ...open, ...put_off];
}

/** How many of each title were sold, from orders that still stand. */
export function soldByTitle(orders: { title: string; quantity: number; state: string }[]): Map<string, number> {
  const sold = new Map<string, number>();
  for (const { title, quantity, state } of orders) {
    if (state === "cancelled" || state === "refunded") continue;
    sold.set(title, (sold.get(title) ?? 0) + quantity);
  }
  return sold;
}
