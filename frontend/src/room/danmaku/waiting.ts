/** Longer, and a comment would fly past something it no longer speaks of. */
const PATIENCE_MS = 1500;
const MOST = 8;

interface Entry<T> {
  item: T;
  own: boolean;
  since: number;
}

/**
 * What has no lane yet. It is short on purpose: the chat has every line, so what finds no room in time is let go, the
 * oldest first. One's own lines stand before all others and are never let go.
 */
export class Waiting<T> {
  private entries: Entry<T>[] = [];

  get size(): number {
    return this.entries.length;
  }

  /** How full it is, 0 to 1. */
  get crowd(): number {
    return Math.min(1, this.entries.length / MOST);
  }

  add(item: T, own: boolean, now: number): void {
    this.entries.push({ item, own, since: now });
    if (this.entries.length <= MOST) return;
    const oldest = this.entries.findIndex((entry) => !entry.own);
    if (oldest >= 0) this.entries.splice(oldest, 1);
  }

  /**
   * Hands out the first that `launch` can take, if any; an own line that cannot go yet lets no other pass it. One at a
   * time: a frame has the time to draw one new sprite, not three.
   */
  release(now: number, launch: (item: T) => boolean): void {
    this.entries = this.entries.filter(({ own, since }) => own || now - since <= PATIENCE_MS);
    const mine = this.entries.find(({ own }) => own);
    const gone = (mine ? [mine] : this.entries).find(({ item }) => launch(item));
    if (gone) this.entries.splice(this.entries.indexOf(gone), 1);
  }

  remove(unwanted: (item: T) => boolean): void {
    this.entries = this.entries.filter(({ item }) => !unwanted(item));
  }

  clear(): void {
    this.entries = [];
  }
}
