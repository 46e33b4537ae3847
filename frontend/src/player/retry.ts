/** Waiting between attempts: short at first, longer later, at once when the network or the page comes back. */

const FIRST = 250;
const LONGEST = 4000;
const HEALTHY = 5000;

export class Retry {
  #delay = FIRST;
  #wake: (() => void) | undefined;
  readonly #listening = new AbortController();

  constructor() {
    const signal = this.#listening.signal;
    window.addEventListener("online", () => this.now(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || this.now(), { signal });
  }

  /** Ends a wait that is going on. */
  now(): void {
    this.#delay = FIRST;
    this.#wake?.();
  }

  /** Waits before the next attempt; `lasted` is how many milliseconds the last connection lived. */
  async wait(lasted: number): Promise<void> {
    if (lasted > HEALTHY) this.#delay = FIRST;
    const delay = this.#delay * (0.75 + Math.random() / 2);
    this.#delay = Math.min(this.#delay * 2, LONGEST);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delay);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  stop(): void {
    this.#listening.abort();
    this.#wake?.();
  }
}

/** A refusal that asking again does not change: everything the server says no to, except "not just now". */
export function isFinal(error: unknown): boolean {
  const { status, code } = error as { status?: number; code?: string };
  return typeof status === "number" && status >= 400 && status < 500 && status !== 429 && code !== "media.full";
}
