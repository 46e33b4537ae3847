import { describe, expect, it } from "vitest";
import { type Flight, isGone, Lanes, leftOf, rightOf, type Sky, speedOf } from "./lanes";

const PHONE: Sky = { width: 390, lanes: 3, laneHeight: 34 };

/** The same numbers for the same seed (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Two straight movements touch between two times exactly if they do at one of the ends. */
function touch(before: Flight, after: Flight, edge: number): boolean {
  const meet = after.start;
  const part = before.start + (before.from + before.width) / before.speed;
  const overlaps = (now: number): boolean => leftOf(after, now) < rightOf(before, now) && leftOf(after, now) < edge;
  return part > meet && (overlaps(meet) || overlaps(part));
}

describe("speed", () => {
  it("brings a comment of ordinary length over a phone in nine seconds", () => {
    const width = 4 * PHONE.laneHeight;
    expect((PHONE.width + width) / speedOf(width, PHONE, 0)).toBeCloseTo(9000);
  });

  it("grows with the length, within bounds", () => {
    const speeds = [1, 60, 136, 250, 476, 5000].map((width) => speedOf(width, PHONE, 0));
    expect(speeds).toEqual([...speeds].sort((a, b) => a - b));
    expect(speeds.at(-1)! / speeds[0]!).toBeLessThanOrEqual(1.5);
  });

  it("is that of the longest for all in a full room", () => {
    for (const width of [1, 136, 5000]) expect(speedOf(width, PHONE, 1)).toBeCloseTo(speedOf(5000, PHONE, 0));
  });
});

describe("lanes", () => {
  it("are taken from the top while all are empty", () => {
    const lanes = new Lanes(PHONE);
    expect([1, 2, 3].map(() => lanes.start(0, 100, 0)?.lane)).toEqual([0, 1, 2]);
    expect(lanes.start(0, 100, 0)).toBeNull();
  });

  it("are free again once the tail is in and the next cannot catch up", () => {
    const lanes = new Lanes({ ...PHONE, lanes: 1 });
    const slow = lanes.start(0, 30, 0)!;
    const tailIn = (30 + 26) / slow.speed;
    expect(lanes.start(tailIn, 476, 0)).toBeNull();
    expect(lanes.start(tailIn, 30, 0)).not.toBeNull();
  });

  it("let nothing start when there is no room for any", () => {
    expect(new Lanes({ ...PHONE, lanes: 0 }).start(0, 100, 0)).toBeNull();
  });

  it.each([1, 2, 3, 4, 5, 6])("never let two comments touch, whatever comes and however the screen changes (%i)", (seed) => {
    const random = dice(seed);
    const lanes = new Lanes(PHONE);
    let sky = PHONE;
    let now = 0;
    let started = 0;
    let flying: Flight[] = [];
    for (let turn = 0; turn < 6000; turn += 1) {
      now += random() ** 4 * 2000;
      if (random() < 0.01) {
        sky = { ...PHONE, width: 200 + Math.floor(random() * 1200), lanes: 1 + Math.floor(random() * 3) };
        lanes.resize(sky);
        flying = flying.filter(({ lane }) => lane < sky.lanes);
      }
      flying = flying.filter((flight) => !isGone(flight, now));
      const flight = lanes.start(now, 1 + random() ** 2 * 700, random());
      if (!flight) continue;
      started += 1;
      expect(flight.lane).toBeLessThan(sky.lanes);
      expect(leftOf(flight, now)).toBe(sky.width);
      for (const before of flying) if (before.lane === flight.lane) expect(touch(before, flight, Infinity)).toBe(false);
      flying.push(flight);
    }
    expect(started).toBeGreaterThan(1000);
  });

  it("let a good part of a full room through on a phone", () => {
    const random = dice(7);
    const lanes = new Lanes(PHONE);
    let started = 0;
    for (let now = 0; now < 60_000; now += 16) if (lanes.start(now, 60 + random() * 140, 1)) started += 1;
    expect(started / 60).toBeGreaterThan(1.4);
  });

  it("let long ones through as well as short ones in a full room", () => {
    const lanes = new Lanes(PHONE);
    let long = 0;
    let all = 0;
    for (let now = 0; now < 120_000; now += 16) {
      const width = (now / 16) % 2 === 0 ? 20 : 300;
      if (!lanes.start(now, width, 1)) continue;
      all += 1;
      if (width === 300) long += 1;
    }
    expect(long / all).toBeGreaterThan(0.4);
  });
});
