import type { Snapshot } from "../api/types";
import { apply } from "./apply";
import type { FeedEvent } from "./events";

export type FeedState = "connected" | "reconnecting";

/** The part of the browser's EventSource the feed needs; tests bring their own. */
export interface Source {
  onopen: ((event: Event) => void) | null;
  onerror: ((event: Event) => void) | null;
  addEventListener(kind: string, handler: (event: MessageEvent<string>) => void): void;
  close(): void;
}

export interface FeedOptions {
  /** Takes a fresh snapshot; called when the server says that the gap is too long to fill. */
  load: () => Promise<Snapshot>;
  /** The room after some events; `events` is empty when the whole snapshot is new. */
  onChange: (snapshot: Snapshot, events: FeedEvent[]) => void;
  onState: (state: FeedState) => void;
  /** this browser's key among the viewers */
  who?: string;
  connect?: (url: string) => Source;
  random?: () => number;
}

const FIRST_DELAY_MS = 300;
const LONGEST_DELAY_MS = 10_000;

/** Milliseconds before try number `tries` (0 is the first): doubling, with half of it random so that a whole room does not return at once. */
export function backoff(tries: number, random: number): number {
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** tries);
  return full / 2 + (full / 2) * random;
}

/**
 * Keeps one snapshot up to date from a show's event stream until it is closed. Lost connections
 * come back by themselves from the last position seen; nothing is applied twice.
 */
export class Feed {
  private source: Source | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private tries = 0;
  private closed = false;
  private readonly connect: (url: string) => Source;
  private readonly random: () => number;

  constructor(
    private snapshot: Snapshot,
    private readonly options: FeedOptions,
  ) {
    this.connect = options.connect ?? ((url) => new EventSource(url) as unknown as Source);
    this.random = options.random ?? Math.random;
    this.open();
  }

  /** Try now instead of after the delay: the network is back, or the page was woken. */
  wake(): void {
    if (this.closed || this.timer === null) return;
    this.tries = 0;
    this.open();
  }

  /** Begins anew with a fresh snapshot: somebody else reads it now. */
  refresh(): void {
    if (!this.closed) void this.restart();
  }

  /** Brings in what this page learnt by other means than the feed. */
  put(change: Partial<Snapshot>): void {
    this.snapshot = { ...this.snapshot, ...change };
  }

  close(): void {
    this.closed = true;
    this.drop();
  }

  private open(): void {
    this.drop();
    const { show, epoch, offset } = this.snapshot;
    const who = this.options.who ? `&who=${this.options.who}` : "";
    const source = this.connect(`/api/v1/shows/${show.id}/feed?from=${epoch}-${offset}${who}`);
    this.source = source;
    source.onopen = () => {
      this.tries = 0;
      this.options.onState("connected");
    };
    source.onerror = () => this.retry(backoff(this.tries++, this.random()));
    source.addEventListener("tick", (event) => this.tick(event));
    source.addEventListener("mine", (event) => this.take(JSON.parse(event.data) as FeedEvent[]));
    source.addEventListener("reset", () => void this.restart());
    source.addEventListener("bye", (event) => {
      const { retry_ms } = JSON.parse(event.data) as { retry_ms: number };
      this.retry(retry_ms * (0.5 + this.random()));
    });
  }

  private tick(event: MessageEvent<string>): void {
    const cut = event.lastEventId.lastIndexOf("-");
    const epoch = event.lastEventId.slice(0, cut);
    const offset = Number(event.lastEventId.slice(cut + 1));
    if (epoch !== this.snapshot.epoch) {
      void this.restart();
      return;
    }
    if (offset <= this.snapshot.offset) return;
    this.take(JSON.parse(event.data) as FeedEvent[], offset);
  }

  private take(events: FeedEvent[], offset = this.snapshot.offset): void {
    this.snapshot = { ...events.reduce(apply, this.snapshot), offset };
    this.options.onChange(this.snapshot, events);
  }

  private async restart(): Promise<void> {
    this.drop();
    this.options.onState("reconnecting");
    try {
      const snapshot = await this.options.load();
      if (this.closed) return;
      this.snapshot = snapshot;
      this.options.onChange(snapshot, []);
      this.open();
    } catch {
      this.retry(backoff(this.tries++, this.random()), () => void this.restart());
    }
  }

  private retry(delay: number, again: () => void = () => this.open()): void {
    this.drop();
    if (this.closed) return;
    this.options.onState("reconnecting");
    this.timer = setTimeout(again, delay);
  }

  private drop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.source?.close();
    this.source = null;
  }
}
