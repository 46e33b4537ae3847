import { tick } from "svelte";
import type { LiveShow } from "../live/show.svelte";
import type { Playback } from "./playback.svelte";

/** What lies over the show; one thing at a time. */
export type Open = { kind: "none" } | { kind: "bag" } | { kind: "trust" } | { kind: "buy"; listing_id: string };

/** Milliseconds without frames until the page says so. */
const PATIENCE_MS = 2000;

/** The state of the watch page that is neither the room's nor the player's. */
export class Screen {
  private over: Open = $state.raw({ kind: "none" });
  private opener: HTMLElement | null = null;
  full = $state(false);
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
  ) {}

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
