/** The API takes at most this many likes in one request. */
const MOST_AT_ONCE = 20;

/**
 * Gathers quick taps into one request per `every_ms`. Taps beyond what one request may carry wait
 * for the next one; a failed request is not repeated, a like is not worth a retry storm.
 */
export class Taps {
  private waiting = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly send: (count: number) => Promise<unknown>,
    private readonly every_ms = 400,
  ) {}

  tap(): void {
    this.waiting += 1;
    this.timer ??= setTimeout(() => this.flush(), this.every_ms);
  }

  /** Sends what is waiting now, for a page that is being left. */
  flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const count = Math.min(MOST_AT_ONCE, this.waiting);
    if (count === 0) return;
    this.waiting -= count;
    this.send(count).catch(() => undefined);
    if (this.waiting > 0) this.timer = setTimeout(() => this.flush(), this.every_ms);
  }
}
