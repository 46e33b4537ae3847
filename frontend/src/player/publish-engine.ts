/** The part of the publisher that encodes. Loaded when the seller goes live, never before. */

import { type Audio, Broadcast, Net, Signals, type Video } from "@moq/publish";
import { canReadFrames, pourFrames } from "./frames";
import type { Link } from "./link";

type Connection = Awaited<ReturnType<typeof Net.Connection.connect>>;

const PIXELS = 1280 * 720;
const BITRATE = 2_000_000;
const FRAME_RATE = 30;
const KEYFRAME_MS = 2000;

/** One seller's camera and microphone, encoded once; the line of time goes on over reconnects. */
export class Sending {
  readonly #connection = new Signals.Signal<Connection | undefined>(undefined);
  readonly #muted = new Signals.Signal(false);
  readonly #video: Signals.Signal<Video.Source | undefined>;
  readonly #broadcast: Broadcast;
  #track: MediaStreamTrack | undefined;
  #stopPouring: (() => void) | undefined;

  constructor(name: string, stream: MediaStream) {
    this.#track = stream.getVideoTracks()[0];
    this.#video = new Signals.Signal(this.#track as Video.Source | undefined);
    const sound = stream.getAudioTracks()[0] as Audio.Source | undefined;
    this.#broadcast = new Broadcast({
      connection: this.#connection,
      enabled: true,
      name: Net.Path.from(name),
      audio: { enabled: sound !== undefined, muted: this.#muted, codec: "opus", ...(sound && { source: sound }) },
      video: {
        source: this.#video,
        hd: {
          enabled: true,
          config: {
            // A hardware VP9 encoder would win otherwise, and recordings and thumbnails need H.264.
            codec: "avc1",
            maxPixels: PIXELS,
            maxBitrate: BITRATE,
            frameRate: FRAME_RATE,
            keyframeInterval: KEYFRAME_MS as Net.Time.Milli,
          },
        },
      },
    });
  }

  /** Sends over this link from now on, until the link is over. */
  async through(link: Link): Promise<void> {
    await link.transport.ready;
    const connection = await Net.Connection.connect(new URL(link.ticket.url), { transport: link.transport });
    this.#connection.set(connection);
    void link.over.then(() => {
      if (this.#connection.peek() === connection) this.#connection.set(undefined);
      connection.close();
    });
  }

  /**
   * Goes on with another camera. Another source would take the picture out of the catalog for a moment, and every viewer
   * would start over; so while somebody watches, the new camera's frames are put where those of the one before came from.
   */
  replaceVideo(track: MediaStreamTrack): void {
    if (track === this.#track) return;
    this.#track = track;
    this.#stopPouring?.();
    const { video } = this.#broadcast;
    const startOver = (): void => this.#video.set(track as Video.Source);
    if (video.hd.active.peek() && canReadFrames()) this.#stopPouring = pourFrames(track, video, startOver);
    else startOver();
  }

  setMuted(muted: boolean): void {
    this.#muted.set(muted);
  }

  close(): void {
    this.#stopPouring?.();
    this.#broadcast.close();
    this.#connection.peek()?.close();
  }
}
