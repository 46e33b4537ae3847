/** A name keeps its colour through the whole show, on every screen. */
export function voiceColour(account_id: string): string {
  let sum = 0;
  for (const letter of account_id) sum = (sum * 31 + letter.charCodeAt(0)) % 9973;
  return `var(--voice-${(sum % 5) + 1})`;
}

/** A message that ends like a question is one, unless its writer says otherwise. */
export function soundsLikeQuestion(text: string): boolean {
  return /[?？]\s*$/.test(text);
}

/** A name inside a sentence, which keeps its direction to itself. */
export const isolated = (name: string): string => `\u2068${name}\u2069`;
