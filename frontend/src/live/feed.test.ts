import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Snapshot } from "../api/types";
import type { FeedEvent } from "./events";
import { Feed, backoff, type FeedState, type Source } from "./feed";

class Wire implements Source {
  onopen: ((event: Event) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  closed = false;
  private readonly handlers = new Map<string, (event: MessageEvent<string>) => void>();

  constructor(readonly url: string) {}

  addEventListener(kind: string, handler: (event: MessageEvent<string>) => void): void {
    this.handlers.set(kind, handler);
  }

  close(): void {
    this.closed = true;
  }

  say(kind: string, data: unknown, lastEventId = ""): void {
    this.handlers.get(kind)?.({ data: JSON.stringify(data), lastEventId } as MessageEvent<string>);
  }
}

function snapshot(offset: number, epoch = "e1", likes = 0): Snapshot {
  return {
    epoch, offset, likes, show: { id: "s", likes }, lines: [], lineup: [], stock: [], mine: null,
  } as unknown as Snapshot;
}

function room(load = async () => snapshot(9, "e2", 90), who?: string) {
  const wires: Wire[] = [];
  const states: FeedState[] = [];
  const seen: { snapshot: Snapshot; events: FeedEvent[] }[] = [];
  const feed = new Feed(snapshot(4), {
    load,
    onChange: (now, events) => seen.push({ snapshot: now, events }),
    onState: (state) => states.push(state),
    connect: (url) => {
      wires.push(new Wire(url));
      return wires[wires.length - 1]!;
    },
    random: () => 1,
    ...(who ? { who } : {}),
  });
  return { feed, wires, states, seen, wire: () => wires[wires.length - 1]! };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the feed", () => {
  test("says which browser it is, so that tabs and reconnections are one viewer", () => {
    const { wire } = room(undefined, "k3y");
    expect(wire().url).toBe("/api/v1/shows/s/feed?from=e1-4&who=k3y");
  });

  test("starts where the snapshot ends and moves on with each tick", () => {
    const { wire, seen } = room();
    expect(wire().url).toBe("/api/v1/shows/s/feed?from=e1-4");
    wire().say("tick", [{ type: "likes", total: 7 }], "e1-6");
    expect(seen[0]!.snapshot).toMatchObject({ likes: 7, offset: 6 });
  });

  test("comes back from the last position and does not apply a tick twice", () => {
    const { wires, wire, states, seen } = room();
    wire().onopen?.(new Event("open"));
    wire().say("tick", [{ type: "likes", total: 7 }], "e1-6");
    wire().onerror?.(new Event("error"));
    expect(states).toEqual(["connected", "reconnecting"]);
    vi.advanceTimersByTime(300);
    expect(wires).toHaveLength(2);
    expect(wires[0]!.closed).toBe(true);
    expect(wire().url).toBe("/api/v1/shows/s/feed?from=e1-6");
    wire().say("tick", [{ type: "likes", total: 5 }], "e1-6");
    expect(seen).toHaveLength(1);
  });

  test("takes what is private without moving its position", () => {
    const { wire, seen } = room();
    wire().say("mine", [{ type: "hold", hold: { id: "h", state: "held" } }]);
    expect(seen[0]!.snapshot).toMatchObject({ offset: 4, mine: { holds: [{ id: "h" }] } });
  });

  test("starts again from a new snapshot when told to, or when the epoch is another", async () => {
    for (const tell of [
      (wire: Wire) => wire.say("reset", {}),
      (wire: Wire) => wire.say("tick", [], "e2-1"),
    ]) {
      const { wires, wire, seen } = room();
      tell(wire());
      await vi.advanceTimersByTimeAsync(0);
      expect(seen[0]).toMatchObject({ snapshot: { likes: 90 }, events: [] });
      expect(wires).toHaveLength(2);
      expect(wire().url).toBe("/api/v1/shows/s/feed?from=e2-9");
    }
  });

  test("keeps asking for the snapshot while the server cannot give it", async () => {
    const load = vi.fn(async () => snapshot(9, "e2", 90));
    load.mockRejectedValueOnce(new Error("down"));
    const { wire, wires } = room(load);
    wire().say("reset", {});
    await vi.advanceTimersByTimeAsync(400);
    expect(load).toHaveBeenCalledTimes(2);
    expect(wires).toHaveLength(2);
  });

  test("returns after the time the server asks for", () => {
    const { wire, wires } = room();
    wire().say("bye", { retry_ms: 1000 });
    vi.advanceTimersByTime(1400);
    expect(wires).toHaveLength(1);
    vi.advanceTimersByTime(200);
    expect(wires).toHaveLength(2);
  });

  test("tries at once when it is woken, and never after it is closed", () => {
    const { feed, wire, wires } = room();
    wire().onerror?.(new Event("error"));
    feed.wake();
    expect(wires).toHaveLength(2);
    wire().onerror?.(new Event("error"));
    feed.close();
    vi.advanceTimersByTime(60_000);
    expect(wires).toHaveLength(2);
  });
});

test("the delay doubles up to ten seconds and at least half of it is waited", () => {
  expect([0, 1, 2].map((tries) => backoff(tries, 1))).toEqual([300, 600, 1200]);
  expect(backoff(20, 1)).toBe(10_000);
  expect(backoff(20, 0)).toBe(5_000);
});
