/**
 * What a screen reader is told of a busy room. A person can listen to about one sentence in four seconds; a room says
 * twenty a second. What concerns the listener comes first, of the rest only the newest, with how many were left out.
 */

/** own: about one's own question; room: a notice, an answer, the stall; line: everybody else. */
export type Weight = "own" | "mention" | "room" | "line";
const ORDER: readonly Weight[] = ["own", "mention", "room"];
/** More than this would be read long after it was said. */
const MOST_WAITING = 4;

export interface Told {
  text: string;
  /** lines that were passed over for it */
  more: number;
}

export class Announcements {
  private readonly waiting = new Map<Weight, string[]>();
  private newest: string | null = null;
  private passed = 0;
  private last = -Infinity;

  constructor(private readonly every_ms = 4000) {}

  add(weight: Weight, text: string): void {
    if (weight === "line") {
      if (this.newest !== null) this.passed += 1;
      this.newest = text;
      return;
    }
    const list = [...(this.waiting.get(weight) ?? []), text];
    this.waiting.set(weight, list.slice(-MOST_WAITING));
  }

  /** Milliseconds from `now` until there is something to say; null while there is nothing. */
  due(now: number): number | null {
    const nothing = this.newest === null && ORDER.every((weight) => !this.waiting.get(weight)?.length);
    return nothing ? null : Math.max(0, this.last + this.every_ms - now);
  }

  /** What is said now, if it is time. */
  take(now: number): Told | null {
    if (this.due(now) !== 0) return null;
    this.last = now;
    for (const weight of ORDER) {
      const text = this.waiting.get(weight)?.shift();
      if (text !== undefined) return { text, more: 0 };
    }
    const told = { text: this.newest ?? "", more: this.passed };
    this.newest = null;
    this.passed = 0;
    return told;
  }
}
