import type { HouseRules, Line } from "../api/types";

/** When (server's clock, ms) the next line may be said in slow mode, by the last own line still in sight; 0 for at once. */
export function nextTurn(lines: Line[], me: string | null, rules: HouseRules, staff: boolean): number {
  if (staff || me === null || rules.slow_s === 0) return 0;
  const last = lines.findLast(({ account, kind }) => account.id === me && kind !== "bought");
  return last ? Date.parse(last.at) + rules.slow_s * 1000 : 0;
}

/** Whole seconds left until `until`; never 0 while there is anything left. */
export const secondsLeft = (until: number, now: number): number => Math.max(0, Math.ceil((until - now) / 1000));
