/** Sends a seller's camera and microphone into a show. Light by itself: the engine is loaded while the ticket is on its way. */

import type { Ticket } from "../api/types";
import { CLOSED, closeLink, type Link, openLink, SPOKEN } from "./link";
import type { Sending } from "./publish-engine";
import { isFinal, Retry } from "./retry";
import { supported } from "./supported";

export { supported } from "./supported";

export type PublisherState = "connecting" | "live" | "reconnecting" | "failed";
/** replaced: another page sends this show now. ended: the show is over. The rest as for the player. */
export type PublisherFailure = "unsupported" | "refused" | "replaced" | "ended";

export interface PublisherOptions {
  /** A fresh ticket to publish; asked again at every reconnect. */
  ticket(): Promise<Ticket>;
  onState(state: PublisherState, reason?: PublisherFailure): void;
}

export interface Publisher {
  /** Goes on with another camera; the old track is the caller's to stop, before. */
  replaceVideo(track: MediaStreamTrack): void;
  setMuted(muted: boolean): void;
  /** Stops sending; the stream's tracks are the caller's to stop. */
  destroy(): void;
}

const loadEngine = () => import("./publish-engine");

class LivePublisher implements Publisher {
  readonly #stream: MediaStream;
  readonly #options: PublisherOptions;
  readonly #retry = new Retry();
  #sending: Sending | undefined;
  #stop: (() => void) | undefined;
  #state: PublisherState | undefined;
  #camera: MediaStreamTrack | undefined;
  #muted = false;
  #destroyed = false;

  constructor(stream: MediaStream, options: PublisherOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#tell("connecting");
    void this.#run();
  }

  replaceVideo(track: MediaStreamTrack): void {
    this.#camera = track;
    this.#sending?.replaceVideo(track);
  }

  setMuted(muted: boolean): void {
    this.#muted = muted;
    this.#sending?.setMuted(muted);
  }

  destroy(): void {
    this.#destroyed = true;
    this.#retry.stop();
    this.#stop?.();
    this.#sending?.close();
    this.#sending = undefined;
  }

  async #run(): Promise<void> {
    while (!this.#destroyed) {
      const began = performance.now();
      await this.#connect();
      if (this.#destroyed) return;
      this.#tell("reconnecting");
      await this.#retry.wait(performance.now() - began);
    }
  }

  /** One connection from its ticket to its end; never rejects. */
  async #connect(): Promise<void> {
    let link: Link | undefined;
    try {
      const opening = this.#options.ticket().then((ticket) => (link = openLink(ticket, SPOKEN.publish)));
      const [engine, open] = await Promise.all([loadEngine(), opening]);
      if (this.#destroyed) return;
      this.#sending ??= this.#begin(new engine.Sending(open.ticket.broadcast, this.#stream));
      await this.#sending.through(open);
      this.#tell("live");
      const stopped = new Promise<number>((resolve) => (this.#stop = () => resolve(0)));
      const code = this.#destroyed ? 0 : await Promise.race([open.over, stopped]);
      if (code === CLOSED.replaced) this.#fail("replaced");
      if (code === CLOSED.ended) this.#fail("ended");
    } catch (error) {
      if (isFinal(error)) this.#fail("refused");
    } finally {
      this.#stop = undefined;
      if (link) closeLink(link);
    }
  }

  /** What was asked for before the engine was there. */
  #begin(sending: Sending): Sending {
    if (this.#camera) sending.replaceVideo(this.#camera);
    sending.setMuted(this.#muted);
    return sending;
  }

  #fail(reason: PublisherFailure): void {
    this.#tell("failed", reason);
    this.destroy();
  }

  #tell(state: PublisherState, reason?: PublisherFailure): void {
    if (state === this.#state || this.#destroyed) return;
    this.#state = state;
    this.#options.onState(state, reason);
  }
}

/** Sends the stream's camera and microphone: H.264 up to 720p at 30 frames a second, and Opus. Keeps itself going. */
export function createPublisher(stream: MediaStream, options: PublisherOptions): Publisher {
  if (supported().publish) return new LivePublisher(stream, options);
  queueMicrotask(() => options.onState("failed", "unsupported"));
  return { replaceVideo() {}, setMuted() {}, destroy() {} };
}
