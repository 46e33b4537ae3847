/** The player of a live show. Light by itself: the engine is loaded while the ticket is on its way. */

import type { Ticket } from "../api/types";
import { CLOSED, closeLink, type Link, openLink, SPOKEN } from "./link";
import { Painter } from "./painter";
import { isFinal, Retry } from "./retry";
import { supported } from "./supported";
import type { Playback } from "./watch-engine";

export { supported } from "./supported";

/** away: the stall sends no frames just now. stalled: a hitch shorter than that. */
export type PlayerState = "connecting" | "playing" | "stalled" | "away" | "failed";
/** unsupported: this browser cannot. refused: the server gives no ticket. ended: the show is over. */
export type PlayerFailure = "unsupported" | "refused" | "ended";

export interface PlayerOptions {
  /** A fresh ticket to watch; asked again at every reconnect. */
  ticket(): Promise<Ticket>;
  onState(state: PlayerState, reason?: PlayerFailure): void;
  onFirstFrame(): void;
  muted: boolean;
  /** Is told when the browser begins or stops to insist on a tap before it lets sound out. */
  onGesture?(needed: boolean): void;
}

export interface Player {
  /** Call it in a tap handler when unmuting: browsers insist on one. */
  setMuted(muted: boolean): void;
  /** 0 to 1. */
  setVolume(volume: number): void;
  /** Whether sound is wanted but the browser waits for a tap. */
  readonly needsGesture: boolean;
  destroy(): void;
}

const STALLED_MS = 500;
const AWAY_MS = 2000;
const CHECK_MS = 200;
// A connection over which nothing comes may be dead without knowing it. It is dialled again after a while, ever more rarely.
const PATIENCE_MS = 4000;
const LONGEST_PATIENCE_MS = 20_000;

const loadEngine = () => import("./watch-engine");

class LivePlayer implements Player {
  readonly #options: PlayerOptions;
  readonly #painter: Painter;
  readonly #retry = new Retry();
  readonly #timer: ReturnType<typeof setInterval>;
  #playback: Playback | undefined;
  #redial: (() => void) | undefined;
  #sound: { muted: boolean; volume: number };
  #state: PlayerState | undefined;
  #gesture = false;
  #seen = false;
  #destroyed = false;
  #lastFrame = performance.now();
  #lastSign = performance.now();
  #patience = PATIENCE_MS;

  constructor(canvas: HTMLCanvasElement, options: PlayerOptions) {
    this.#options = options;
    this.#sound = { muted: options.muted, volume: 1 };
    this.#painter = new Painter(canvas, () => this.#painted());
    this.#timer = setInterval(() => this.#check(), CHECK_MS);
    this.#tell("connecting");
    void this.#run();
  }

  setMuted(muted: boolean): void {
    this.#sound = { ...this.#sound, muted };
    this.#playback?.setSound(this.#sound);
    if (!muted) void this.#playback?.context()?.resume();
  }

  setVolume(volume: number): void {
    this.#sound = { ...this.#sound, volume: Math.min(1, Math.max(0, volume)) };
    this.#playback?.setSound(this.#sound);
  }

  get needsGesture(): boolean {
    if (this.#sound.muted) return false;
    const context = this.#playback?.context();
    return context ? context.state === "suspended" : navigator.userActivation?.hasBeenActive === false;
  }

  destroy(): void {
    this.#destroyed = true;
    clearInterval(this.#timer);
    this.#retry.stop();
    this.#redial?.();
    this.#painter.stop();
  }

  async #run(): Promise<void> {
    while (!this.#destroyed) {
      const began = performance.now();
      await this.#connect();
      if (this.#destroyed) return;
      await this.#retry.wait(performance.now() - began);
    }
  }

  /** One connection from its ticket to its end; never rejects. */
  async #connect(): Promise<void> {
    let link: Link | undefined;
    try {
      const opening = this.#options.ticket().then((ticket) => (link = openLink(ticket, SPOKEN.watch)));
      const [engine, open] = await Promise.all([loadEngine(), opening]);
      if (this.#destroyed) return;
      this.#playback = await engine.play(open, this.#sound, {
        onFrame: (newest) => this.#arrived(newest),
        onSignOfLife: () => (this.#lastSign = performance.now()),
      });
      this.#lastSign = performance.now();
      const redialled = new Promise<number>((resolve) => (this.#redial = () => resolve(0)));
      const code = this.#destroyed ? 0 : await Promise.race([open.over, redialled]);
      if (code === CLOSED.ended) this.#fail("ended");
    } catch (error) {
      if (isFinal(error)) this.#fail("refused");
    } finally {
      this.#redial = undefined;
      this.#playback?.close();
      this.#playback = undefined;
      if (link) closeLink(link);
    }
  }

  #arrived(newest: () => VideoFrame | undefined): void {
    if (this.#destroyed) return;
    this.#lastFrame = performance.now();
    this.#patience = PATIENCE_MS;
    this.#painter.schedule(newest);
    // A hidden page paints nothing, and yet the show goes on.
    if (this.#seen) this.#tell("playing");
  }

  #painted(): void {
    if (this.#seen) return;
    this.#seen = true;
    // Timings of real visits, and the benches, read it.
    performance.mark("ennichi:first-frame");
    this.#tell("playing");
    this.#options.onFirstFrame();
  }

  #check(): void {
    if (this.#gesture !== this.needsGesture) {
      this.#gesture = !this.#gesture;
      this.#options.onGesture?.(this.#gesture);
    }
    const now = performance.now();
    const quiet = now - this.#lastFrame;
    if (quiet > AWAY_MS) this.#tell("away");
    else if (quiet > STALLED_MS && this.#seen) this.#tell("stalled");
    if (this.#redial && now - this.#lastSign > this.#patience) {
      this.#patience = Math.min(this.#patience * 1.5, LONGEST_PATIENCE_MS);
      this.#redial();
    }
  }

  #fail(reason: PlayerFailure): void {
    this.#tell("failed", reason);
    this.destroy();
  }

  #tell(state: PlayerState, reason?: PlayerFailure): void {
    if (state === this.#state || this.#destroyed) return;
    this.#state = state;
    this.#options.onState(state, reason);
  }
}

/** Plays a live show on the canvas, whose size follows the picture. Begins at once and keeps itself going. */
export function createPlayer(canvas: HTMLCanvasElement, options: PlayerOptions): Player {
  if (supported().watch) return new LivePlayer(canvas, options);
  queueMicrotask(() => options.onState("failed", "unsupported"));
  return { setMuted() {}, setVolume() {}, needsGesture: false, destroy() {} };
}
