/** Votes as whole percents that add up to 100: the largest remainders are rounded up. All 0 while nobody has voted. */
export function shares(votes: readonly number[]): number[] {
  const all = votes.reduce((sum, one) => sum + one, 0);
  if (all === 0) return votes.map(() => 0);
  const exact = votes.map((one) => (one * 100) / all);
  const whole = exact.map(Math.floor);
  const missing = 100 - whole.reduce((sum, one) => sum + one, 0);
  const byRemainder = exact.map((_, n) => n).sort((a, b) => exact[b]! - whole[b]! - (exact[a]! - whole[a]!) || a - b);
  for (const n of byRemainder.slice(0, missing)) whole[n]! += 1;
  return whole;
}
