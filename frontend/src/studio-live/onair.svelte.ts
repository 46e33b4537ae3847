import type { Ticket } from "../api/types";
import type { Publisher, PublisherFailure, PublisherState } from "../player/publish";

/** After a refusal, the next try. */
const AGAIN_MS = 4000;

/** The way of the picture from this page to the relay: one publisher at a time, brought back after every failure that may pass. */
export class OnAir {
  state: PublisherState | "off" = $state("off");
  reason: PublisherFailure | null = $state(null);
  private publisher: Publisher | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private run = 0;

  constructor(private readonly ticket: () => Promise<Ticket>) {}

  /** Begins to send `stream`; a second call with a new stream takes over from the first. */
  async send(stream: MediaStream, muted: boolean): Promise<void> {
    this.stop();
    const run = ++this.run;
    this.state = "connecting";
    this.reason = null;
    try {
      const { createPublisher } = await import("../player/publish");
      if (run !== this.run) return;
      this.publisher = createPublisher(stream, {
        ticket: this.ticket,
        onState: (state, reason) => this.hear(state, reason ?? null, run, stream, muted),
      });
      this.publisher.setMuted(muted);
    } catch {
      this.hear("failed", "refused", run, stream, muted);
    }
  }

  replaceVideo(track: MediaStreamTrack): void {
    this.publisher?.replaceVideo(track);
  }

  setMuted(muted: boolean): void {
    this.publisher?.setMuted(muted);
  }

  stop(): void {
    this.run += 1;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.publisher?.destroy();
    this.publisher = null;
    this.state = "off";
  }

  private hear(state: PublisherState, reason: PublisherFailure | null, run: number, stream: MediaStream, muted: boolean): void {
    if (run !== this.run) return;
    this.state = state;
    this.reason = reason;
    if (state === "failed" && reason === "refused") {
      this.timer ??= setTimeout(() => void this.send(stream, muted), AGAIN_MS);
    }
  }
}
