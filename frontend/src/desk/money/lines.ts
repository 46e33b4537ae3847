/** What a line of the history says: the one figure that counts, and the small ones beside it. */
import type { MoneyLine } from "../../api/money";
import { yen } from "../../ui/format";
import { t, type Key } from "../../ui/i18n";

const NAMES: Record<MoneyLine["kind"], Key> = {
  sale: "money.line.sale",
  refund: "money.line.refund",
  refund_failed: "money.line.refund_failed",
  settle: "money.line.settle",
  release: "money.line.release",
  payout: "money.line.payout",
  payout_settled: "money.line.payout_settled",
  payout_failed: "money.line.payout_failed",
};

export const nameOf = (line: MoneyLine): string => t(NAMES[line.kind]);

/** A sale is what the buyer paid; a refund all that goes back, fee or no fee; the rest is what came within reach, or left it. */
export function figureOf(line: MoneyLine): number {
  if (line.kind === "sale") return line.waiting;
  if (line.kind === "refund" || line.kind === "refund_failed") return line.waiting + line.available + line.reserved + line.fees;
  return line.kind === "payout_settled" ? line.on_the_way : line.available;
}

/** Whether the figure changes what may be withdrawn, and is set in strong type. */
export const counts = (line: MoneyLine): boolean => line.available !== 0;

export function notesOf(line: MoneyLine): string[] {
  const notes: string[] = [];
  if (line.kind === "sale") notes.push(t("money.waitsUntilReceived"));
  if (line.fees > 0) notes.push(t("money.feeTaken", { amount: yen(line.fees) }));
  if (line.fees < 0) notes.push(t("money.feeBack", { amount: yen(-line.fees) }));
  if (line.kind === "refund" && line.reserved < 0) notes.push(t("money.fromKept", { amount: yen(-line.reserved) }));
  if (line.kind === "settle" && line.reserved > 0) notes.push(t("money.keptBack", { amount: yen(line.reserved) }));
  return notes;
}

/** +¥1,480 or −¥1,480, as a change. */
export const change = (amount: number): string => `${amount < 0 ? "−" : "+"}${yen(Math.abs(amount))}`;
