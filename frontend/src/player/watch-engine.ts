/** The part of the player that decodes. Loaded when play starts, never before. */

import { Audio, Broadcast, Net, Signals, Sync, Video } from "@moq/watch";
import type { Link } from "./link";

export interface Sound {
  muted: boolean;
  volume: number;
}

export interface Playback {
  setSound(sound: Sound): void;
  /** The audio context, once there is one. */
  context(): AudioContext | undefined;
  close(): void;
}

export interface Watcher {
  /** There is a new frame; `newest` gives it for as long as no newer one has come. */
  onFrame(newest: () => VideoFrame | undefined): void;
  /** Something came over the connection, so it is not dead. */
  onSignOfLife(): void;
}

type Connection = Awaited<ReturnType<typeof Net.Connection.connect>>;

/** Plays the broadcast of a ticket over an open link, one publisher after the other, until closed. */
export async function play(link: Link, sound: Sound, watcher: Watcher): Promise<Playback> {
  await link.transport.ready;
  const connection = await Net.Connection.connect(new URL(link.ticket.url), { transport: link.transport });
  const established = new Signals.Signal<Connection | undefined>(connection);
  const muted = new Signals.Signal(sound.muted);
  const volume = new Signals.Signal(sound.volume);
  const broadcast = new Broadcast({ connection: established, enabled: true, name: Net.Path.from(link.ticket.broadcast) });
  let context: () => AudioContext | undefined = () => undefined;

  const root = new Signals.Effect();
  root.run((effect) => {
    // A new publisher starts a new line of time: nothing of the old one may be compared with it.
    if (!effect.get(broadcast.out.active)) return;
    const picture = new Signals.Signal(false);
    const tracks = decode(effect, broadcast, established, { muted, volume, picture });
    context = () => tracks.audio.out.context.peek();
    effect.run((inner) => {
      if (!inner.get(tracks.video.out.frame)) return;
      picture.set(true);
      watcher.onFrame(() => tracks.video.out.frame.peek());
    });
    effect.run((inner) => {
      inner.get(broadcast.out.catalog);
      inner.get(tracks.video.out.stats);
      watcher.onSignOfLife();
    });
  });

  return {
    setSound(next) {
      volume.set(next.volume);
      muted.set(next.muted);
    },
    context: () => context(),
    close() {
      root.close();
      broadcast.close();
      connection.close();
    },
  };
}

interface Wishes {
  muted: Signals.Signal<boolean>;
  volume: Signals.Signal<number>;
  /** whether a picture has been seen */
  picture: Signals.Signal<boolean>;
}

/** The decoders of one publisher's tracks, closed with the effect. */
function decode(effect: Signals.Effect, broadcast: Broadcast, connection: Signals.Signal<Connection | undefined>, wishes: Wishes) {
  const videoSource = new Video.Source({ broadcast, supported: Video.Decoder.supported });
  // Sound waits for the first picture and for somebody who wants to hear it: building the audio graph takes its time.
  const audible = new Signals.Signal<Audio.Supported | undefined>(undefined);
  effect.run((inner) => {
    if (inner.get(wishes.picture) && !inner.get(wishes.muted)) audible.set(Audio.Decoder.supported);
  });
  const audioSource = new Audio.Source({ broadcast, supported: audible });
  const sync = new Sync({ connection, video: videoSource.out.jitter, audio: audioSource.out.jitter });
  const video = new Video.Decoder(videoSource, sync, { enabled: true });
  const hearing = new Signals.Signal(false);
  const audio = new Audio.Decoder(audioSource, sync, { enabled: hearing });
  const emitter = new Audio.Emitter(audio, { volume: wishes.volume, muted: wishes.muted });
  effect.proxy(hearing, emitter.out.enabled);
  for (const part of [emitter, audio, video, sync, audioSource, videoSource]) effect.cleanup(() => part.close());
  return { video, audio };
}
