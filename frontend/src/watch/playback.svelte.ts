import type { Ticket } from "../api/types";
import type { Player, PlayerFailure, PlayerState } from "../player/watch";

/** After the player gave up, the next try. */
const AGAIN_MS = 5000;

/** The picture and the sound of one live show: starts the player, starts it again, and knows what it is doing. */
export class Playback {
  state = $state<PlayerState>("connecting");
  /** A first frame has been drawn: the poster may go. */
  started = $state(false);
  muted = $state(false);
  /** The browser keeps the sound off until somebody taps. */
  insists = $state(false);
  /** Counts the tries; each one wants a canvas of its own, since a canvas can be handed to a player only once. */
  tries = $state(0);
  /** This browser cannot show it at all; trying again is of no use. */
  unable = $state(false);
  private player: Player | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private run = 0;

  constructor(private readonly ticket: () => Promise<Ticket>) {}

  /** Begins to play on `canvas`; returns what ends it. */
  start(canvas: HTMLCanvasElement): () => void {
    const run = ++this.run;
    this.state = "connecting";
    import("../player/watch")
      .then(({ createPlayer }) => {
        if (run !== this.run) return;
        this.player = createPlayer(canvas, {
          ticket: this.ticket,
          muted: this.muted,
          onState: (state, reason) => this.hear(state, run, reason),
          onFirstFrame: () => this.hear("playing", run),
          onGesture: (needed) => (this.insists = needed),
        });
      })
      .catch(() => this.hear("failed", run));
    return () => this.stop();
  }

  /** Called from a tap, so that the browser allows the sound. */
  mute(muted: boolean): void {
    this.muted = muted;
    this.player?.setMuted(muted);
    this.insists = false;
  }

  private stop(): void {
    this.run += 1;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.player?.destroy();
    this.player = null;
    this.started = false;
  }

  private hear(state: PlayerState, run: number, reason?: PlayerFailure): void {
    if (run !== this.run) return;
    this.state = state;
    if (state === "playing") this.started = true;
    this.unable = reason === "unsupported";
    if (state === "failed" && !this.unable) this.timer ??= setTimeout(() => (this.tries += 1), AGAIN_MS);
  }
}
