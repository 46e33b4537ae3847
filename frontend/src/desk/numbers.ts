/** Whole numbers as people type them: full-width digits, separators and a yen sign are fine. Null when it is no whole number. */
export function wholeNumber(text: string): number | null {
  const plain = text.normalize("NFKC").replace(/[,\s¥円]/g, "");
  return /^\d{1,9}$/.test(plain) ? Number(plain) : null;
}
