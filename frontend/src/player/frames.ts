/** Reads a camera's frames, where the browser lets a page do that. */

/** Where frames go. The newest one is kept until the next; it is the keeper's to close. */
export interface FrameKeeper {
  readonly frame: {
    peek(): VideoFrame | undefined;
    update(change: (before: VideoFrame | undefined) => VideoFrame | undefined): void;
  };
  readonly display: { set(size: { width: number; height: number }): void };
}

type Processor = new (options: { track: MediaStreamTrack }) => { readonly readable: ReadableStream<VideoFrame> };
const processor = (): Processor | undefined => (globalThis as { MediaStreamTrackProcessor?: Processor }).MediaStreamTrackProcessor;

export const canReadFrames = (): boolean => processor() !== undefined;

/**
 * Hands every frame of `track` to `keeper`, its time on the page's clock, until the track or the returned function ends it.
 * An encoder that is running may fail over frames of another make, opaque ones after plain ones: then `onstrange` is told, and nothing is handed over.
 */
export function pourFrames(track: MediaStreamTrack, keeper: FrameKeeper, onstrange: () => void): () => void {
  const Reading = processor();
  if (!Reading) throw new Error("this browser does not read frames");
  const reader = new Reading({ track }).readable.getReader();
  let stopped = false;
  void pour(reader, keeper, onstrange, () => stopped).catch(() => undefined);
  return () => {
    stopped = true;
    void reader.cancel().catch(() => undefined);
  };
}

type Frames = ReadableStreamDefaultReader<VideoFrame>;

async function pour(reader: Frames, keeper: FrameKeeper, onstrange: () => void, stopped: () => boolean): Promise<void> {
  const opaque = keeper.frame.peek()?.format === null;
  let shift: number | undefined;
  for (;;) {
    const { value: frame } = await reader.read();
    if (!frame) return;
    if (stopped()) return frame.close();
    if (shift === undefined && (frame.format === null) !== opaque) {
      frame.close();
      await reader.cancel();
      return onstrange();
    }
    shift ??= performance.now() * 1000 - frame.timestamp;
    const timed = new VideoFrame(frame, { timestamp: frame.timestamp + shift });
    frame.close();
    keeper.frame.update((before) => {
      before?.close();
      return timed;
    });
    keeper.display.set({ width: timed.codedWidth, height: timed.codedHeight });
  }
}
