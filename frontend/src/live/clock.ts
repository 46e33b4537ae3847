/**
 * The server's clock as seen from here. Deadlines are the server's, and a phone's own clock may be
 * minutes off; the difference is learnt from `server_time` in answers.
 */
let ahead_ms = 0;

export function learnTime(server_time: string): void {
  ahead_ms = Date.parse(server_time) - Date.now();
}

/** Milliseconds since 1970, by the server. */
export function serverNow(): number {
  return Date.now() + ahead_ms;
}
