import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { canReadFrames, type FrameKeeper, pourFrames } from "./frames";

/** As much of a frame as is looked at. */
class Frame {
  closed = false;
  readonly timestamp: number;
  readonly codedWidth = 1280;
  readonly codedHeight = 720;
  readonly format: string | null;
  constructor(from: { timestamp?: number; format?: string | null }, over: { timestamp?: number } = {}) {
    this.timestamp = over.timestamp ?? from.timestamp ?? 0;
    this.format = from.format ?? null;
  }
  close(): void {
    this.closed = true;
  }
}

class Keeper implements FrameKeeper {
  kept: Frame | undefined;
  seen: number[] = [];
  readonly frame = {
    peek: () => this.kept as unknown as VideoFrame | undefined,
    update: (change: (before: VideoFrame | undefined) => VideoFrame | undefined): void => {
      this.kept = change(this.kept as unknown as VideoFrame | undefined) as unknown as Frame;
      this.seen.push(this.kept.timestamp);
    },
  };
  readonly display = { set: vi.fn() };
}

let camera: ReadableStreamDefaultController<Frame>;
const sent = async (...frames: Frame[]): Promise<void> => {
  for (const frame of frames) camera.enqueue(frame);
  await new Promise((resolve) => setTimeout(resolve));
};

beforeEach(() => {
  vi.stubGlobal("VideoFrame", Frame);
  vi.stubGlobal(
    "MediaStreamTrackProcessor",
    class {
      readonly readable = new ReadableStream<Frame>({ start: (controller) => void (camera = controller) });
    },
  );
  vi.spyOn(performance, "now").mockReturnValue(5000);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const plain = (timestamp: number): Frame => new Frame({ timestamp, format: "I420" });
const track = {} as MediaStreamTrack;

describe("another camera's frames", () => {
  test("go on where the page's clock is, and nothing is left open but the newest", async () => {
    const keeper = new Keeper();
    const before = (keeper.kept = plain(4_990_000));
    const frames = [plain(70), plain(33_403)];
    pourFrames(track, keeper, () => expect.unreachable());
    await sent(...frames);
    expect(keeper.seen).toEqual([5_000_000, 5_033_333]);
    expect([before, ...frames].every(({ closed }) => closed)).toBe(true);
    expect(keeper.kept?.closed).toBe(false);
    expect(keeper.display.set).toHaveBeenLastCalledWith({ width: 1280, height: 720 });
  });

  test("of another make are not handed over", async () => {
    const keeper = new Keeper();
    keeper.kept = plain(0);
    const opaque = new Frame({ timestamp: 70, format: null });
    const strange = vi.fn();
    pourFrames(track, keeper, strange);
    await sent(opaque);
    expect(strange).toHaveBeenCalledOnce();
    expect(opaque.closed).toBe(true);
    expect(keeper.seen).toEqual([]);
  });

  test("end when they are stopped", async () => {
    const keeper = new Keeper();
    keeper.kept = plain(0);
    const stop = pourFrames(track, keeper, () => expect.unreachable());
    await sent(plain(70));
    stop();
    expect(() => camera.enqueue(plain(140))).toThrow();
    expect(keeper.seen).toHaveLength(1);
  });
});

test("where frames cannot be read, that is known", () => {
  expect(canReadFrames()).toBe(true);
  vi.stubGlobal("MediaStreamTrackProcessor", undefined);
  expect(canReadFrames()).toBe(false);
});
