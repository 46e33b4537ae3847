import { tick } from "svelte";
import type { MissedWish, Wait } from "../api/trade";
import type { Hold, Line, Vote } from "../api/types";
import type { LiveShow } from "../live/show.svelte";
import { hiddenIn } from "../room/hidden.svelte";
import { spoken, type Entry } from "../room/entries";
import { Saying } from "../room/saying.svelte";
import { loadAreas } from "../ui/i18n";
import type { Playback } from "./playback.svelte";

/** How something was set aside without a tap: a turn in the line, a comment. */
export type Came = "turn" | "comment";

/** What lies over the show; one thing at a time. */
export type Open =
  | { kind: "none" }
  | { kind: "bag" }
  | { kind: "trust" }
  | { kind: "buy"; listing_id: string; variant_id?: string }
  | { kind: "basket"; why: Came | null }
  | { kind: "line"; line: Line }
  | { kind: "asked" };

type Extras = typeof import("./extras");

/** Milliseconds without frames until the page says so. */
const PATIENCE_MS = 2000;

/** The state of the watch page that is neither the room's nor the player's. */
export class Screen {
  private over: Open = $state.raw({ kind: "none" });
  private opener: HTMLElement | null = null;
  full = $state(false);
  readonly saying: Saying;
  /** the stamps are laid out */
  stamping = $state(false);
  /** something was set aside by itself, and its slip has not been seen */
  came: Came | null = $state(null);
  /** what the reader asked for in the chat and could not have */
  missed: MissedWish | null = $state.raw(null);
  /** what comes after the picture, once it is here */
  extras: Extras | null = $state.raw(null);
  private readonly store_id: string;
  private putAway: string | null = $state(null);
  /** The picture has been missing for a while, and since when. */
  missing = $state(false);
  missingSince: Date | null = $state.raw(null);
  /** No frames come although the show is on. */
  readonly gone: boolean = $derived.by(() => this.live.now.show.state === "live" && this.playback.state !== "playing");
  /** It is the stall that is behind, as far as can be told from here: without the feed it may as well be this side. */
  readonly away: boolean = $derived.by(
    () => this.gone && (this.live.now.show.away || (this.playback.state === "away" && this.live.link === "connected")),
  );

  constructor(
    readonly live: LiveShow,
    readonly playback: Playback,
  ) {
    this.saying = new Saying(live.now.show.id);
    this.store_id = live.now.store.id;
  }

  /** The chat for this reader: the lines there are, without those of people they do not want to hear. */
  readonly entries: Entry[] = $derived.by(() => spoken(this.lines, this.hidden));
  private readonly lines = $derived.by(() => this.live.lines);
  private readonly hidden = $derived.by(() => hiddenIn(this.store_id));

  /** The vote to be seen: one that is closed can be put away. */
  get vote(): Vote | null {
    const { vote } = this.live.now;
    return vote && `${vote.id}${vote.state}` !== this.putAway ? vote : null;
  }

  putVoteAway(): void {
    const { vote } = this.live.now;
    this.putAway = vote && `${vote.id}${vote.state}`;
  }

  /** What is set aside for the reader at this show, and where they stand in line. */
  readonly holds: readonly Hold[] = $derived.by(() => (this.live.now.mine?.holds ?? []).filter((hold) => this.isHere(hold)));
  readonly waits: readonly Wait[] = $derived.by(() => (this.live.now.mine?.waits ?? []).filter((wait) => this.isHere(wait)));

  private isHere({ show_id }: { show_id: string | null }): boolean {
    return show_id === this.live.now.show.id;
  }

  readonly titleOf = (listing_id: string): string | null => this.live.listing(listing_id)?.title ?? null;

  listingOf(variant_id: string): string | null {
    return this.live.now.stock.find((row) => row.variant_id === variant_id)?.listing_id ?? null;
  }

  /** Fetches what comes after the picture. Without it the show goes on; it is asked for again with the next wish. */
  async loadExtras(): Promise<void> {
    try {
      const [module] = await Promise.all([import("./extras"), loadAreas(["room", "picture", "errors", "checkout"])]);
      this.extras = module;
    } catch {
      this.extras = null;
    }
  }

  /** Keeps `missing` right; runs again when the picture goes, comes back, or the stall says that it is behind. */
  watchPicture(): () => void {
    if (!this.gone) {
      this.missing = false;
      this.missingSince = null;
      return () => undefined;
    }
    this.missingSince ??= new Date();
    const timer = setTimeout(() => (this.missing = true), this.away ? 0 : PATIENCE_MS);
    return () => clearTimeout(timer);
  }

  get open(): Open {
    return this.over;
  }

  set open(next: Open) {
    if (this.over.kind === "none") this.opener = document.activeElement as HTMLElement | null;
    this.over = next;
    if (next.kind === "basket") this.came = null;
  }

  /** Takes away what lies over the show; the focus goes back to where it was. */
  close = (): void => {
    this.over = { kind: "none" };
    void tick().then(() => this.opener?.isConnected && this.opener.focus({ preventScroll: true }));
  };

  async toggleFull(): Promise<void> {
    try {
      if (document.fullscreenElement) await document.exitFullscreen();
      else await document.documentElement.requestFullscreen();
    } catch {
      this.full = false;
    }
  }
}
