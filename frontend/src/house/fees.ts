/** Hundredths of a percent as people write them, and back. */

const WRITTEN = /^\d{1,3}(\.\d{1,2})?$/;
const MOST = 10_000;

export const percentOf = (bps: number): string => String(bps / 100);

/** What somebody typed as a percentage, in hundredths of a percent; null when it is none. Full-width digits will do. */
export function bpsOf(text: string): number | null {
  const plain = text.normalize("NFKC").replace("%", "").trim();
  if (!WRITTEN.test(plain)) return null;
  const bps = Math.round(Number(plain) * 100);
  return bps <= MOST ? bps : null;
}
