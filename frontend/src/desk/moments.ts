/** Between moments and what a `datetime-local` field holds, which is the reader's own clock without a zone. */

const pad = (n: number): string => String(n).padStart(2, "0");

export function toLocalInput(at: Date): string {
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}T${pad(at.getHours())}:${pad(at.getMinutes())}`;
}

/** ISO in UTC, or null for an empty field. */
export function fromLocalInput(text: string): string | null {
  const at = new Date(text);
  return text && !Number.isNaN(at.getTime()) ? at.toISOString() : null;
}

/** The next full hour that is at least half an hour away. */
export function nextFullHour(now: Date): Date {
  const at = new Date(now.getTime() + 30 * 60_000);
  at.setHours(at.getHours() + 1, 0, 0, 0);
  return at;
}
