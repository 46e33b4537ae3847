import { get, post } from "../api/client";
import type { Line, LineupItem, Listing, Show, Snapshot, Ticket } from "../api/types";
import { apply } from "./apply";
import { learnTime, noLaterThanNow, serverNow } from "./clock";
import type { FeedEvent, PrivateEvent } from "./events";
import { Feed, type FeedState } from "./feed";
import { lengthened } from "./history";
import { Taps } from "./taps";
import { visitorKey } from "./visitor";

/** A ticket this close to its end is not worth trying. */
const TICKET_LEFT_MS = 5000;

export const loadSnapshot = (show_id: string): Promise<Snapshot> => get<Snapshot>(`/shows/${show_id}/snapshot`);

/**
 * One show as it happens: the snapshot, kept up to date by the feed, for a page to draw. `close()` ends it.
 */
export class LiveShow {
  now: Snapshot = $state.raw() as Snapshot;
  /** what was said, further back than a snapshot goes */
  lines: Line[] = $state.raw([]);
  link: FeedState = $state("connected");
  /** nothing more happens in it */
  readonly over: boolean = $derived.by(() => this.now.show.state === "ended" || this.now.show.state === "cancelled");
  private readonly feed: Feed;
  private readonly taps: Taps;
  private readonly listeners = new Set<(events: FeedEvent[]) => void>();
  /** when the last snapshot was asked for, by this clock */
  private asked = Date.now();
  private readonly wake = (): void => this.feed.wake();

  constructor(snapshot: Snapshot) {
    this.now = snapshot;
    this.lines = snapshot.lines;
    learnTime(snapshot.server_time);
    const id = snapshot.show.id;
    this.taps = new Taps((count) => post(`/shows/${id}/likes`, { count }));
    this.feed = new Feed(snapshot, {
      load: () => {
        this.asked = Date.now();
        return loadSnapshot(id);
      },
      onChange: (next, events) => this.take(next, events),
      onState: (state) => (this.link = state),
      who: visitorKey(),
    });
    addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
  }

  /** Calls `listener` with each batch of events after they are applied. Returns how to stop. */
  listen(listener: (events: FeedEvent[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The answer to an own request that the feed does not repeat to who made it: what is theirs, as an event would change it. */
  hear(event: PrivateEvent): void {
    const { mine } = apply(this.now, event);
    this.feed.put({ mine });
    this.now = { ...this.now, mine };
  }

  /** Whoever reads has become somebody: what is theirs comes with a new snapshot, and on a feed of their own. */
  entered(): void {
    this.feed.refresh();
  }

  like(): void {
    this.taps.tap();
  }

  /** What the store says about itself may change outside the feed: a follow, for one. */
  put(change: Partial<Pick<Snapshot, "store" | "show">>): void {
    this.feed.put(change);
    this.now = { ...this.now, ...change };
  }

  /** The answer to an own command: the show's state at once, without waiting for the feed to bring it. */
  tell({ state, started_at, ended_at }: Show): void {
    this.put({ show: { ...this.now.show, state, started_at, ended_at } });
  }

  /** The answer to an own choice. How the vote stands is told by the feed, which may be ahead of the answer. */
  voted(vote_id: string, choice: number): void {
    const { mine, vote } = this.now;
    if (vote?.id !== vote_id) return;
    const change = { mine: mine && { ...mine, choice } };
    this.feed.put(change);
    this.now = { ...this.now, ...change };
  }

  item(listing_id: string | null): LineupItem | null {
    return this.now.lineup.find(({ listing }) => listing.id === listing_id) ?? null;
  }

  listing(listing_id: string | null): Listing | null {
    return this.item(listing_id)?.listing ?? null;
  }

  close(): void {
    this.taps.flush();
    this.feed.close();
    removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
  }

  private take(next: Snapshot, events: FeedEvent[]): void {
    if (events.length === 0) {
      learnTime(next.server_time, this.asked);
      this.lines = next.lines;
    } else if (next.lines !== this.now.lines) this.lines = lengthened(this.lines, next.lines, events);
    for (const event of events) if (event.type === "line") noLaterThanNow(event.line.at);
    this.now = next;
    for (const listener of this.listeners) listener(events);
  }
}

/** Gives tickets for one role: the one that came with the page first, fresh ones from then on. */
export function tickets(show_id: string, role: "watch" | "publish", first: Ticket | null = null): () => Promise<Ticket> {
  let spare = first;
  return async () => {
    const ticket = spare;
    spare = null;
    if (ticket && Date.parse(ticket.expires_at) - serverNow() > TICKET_LEFT_MS) return ticket;
    return post<Ticket>(`/shows/${show_id}/tickets`, { role });
  };
}
