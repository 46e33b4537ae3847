/** The part of the publisher that encodes. Loaded when the seller goes live, never before. */

import { type Audio, Broadcast, Net, Signals, type Video } from "@moq/publish";
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

  constructor(name: string, stream: MediaStream) {
    this.#video = new Signals.Signal(stream.getVideoTracks()[0] as Video.Source | undefined);
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

  replaceVideo(track: MediaStreamTrack): void {
    this.#video.set(track as Video.Source);
  }

  setMuted(muted: boolean): void {
    this.#muted.set(muted);
  }

  close(): void {
    this.#broadcast.close();
    this.#connection.peek()?.close();
  }
}
