/**
 * The server's clock as seen from here. Deadlines are the server's, and a phone's own clock may be
 * minutes off; the difference is learnt from `server_time` in answers.
 */
let ahead_ms: number | null = null;

/** A change larger than any answer's way means that a clock was set anew. */
const SET_ANEW_MS = 60_000;

/**
 * An answer is always a little old when it comes, so the largest difference seen is the truest. `asked` is when it was
 * asked for, by this clock: an answer that took a minute does not mean that a clock was set anew.
 */
export function learnTime(server_time: string, asked = Date.now()): void {
  const time = Date.parse(server_time);
  const seen = time - Date.now();
  if (ahead_ms === null || seen > ahead_ms || time - asked < ahead_ms - SET_ANEW_MS) ahead_ms = seen;
}

/** Something happened at `time`, so it is at least that late: a page that was long on its way learns it from what is said. */
export function noLaterThanNow(time: string): void {
  const seen = Date.parse(time) - Date.now();
  if (ahead_ms === null || seen > ahead_ms) ahead_ms = seen;
}

/** Milliseconds since 1970, by the server. */
export function serverNow(): number {
  return Date.now() + (ahead_ms ?? 0);
}
