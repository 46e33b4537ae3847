/** Where a comment flies and how fast, so that no two in a lane ever touch while on screen. Lengths in CSS px, times in ms. */

/** A comment of this many lane heights crosses in NORMAL_MS; shorter ones are a little slower, longer ones faster. */
const NORMAL_LANES = 4;
const NORMAL_MS = 9000;
/** Bounds of the speed by length. Too far apart, a long comment would have to wait for the whole lane. */
const SLOWEST = 0.9;
const FASTEST = 1.35;
/** Free room between two comments, in lane heights. */
const GAP = 0.75;

export interface Sky {
  width: number;
  /** how many lanes there is room for */
  lanes: number;
  laneHeight: number;
}

/** A comment on its way: its left edge was at `from` at the time `start`, and goes left at `speed` px per ms. */
export interface Flight {
  lane: number;
  from: number;
  start: number;
  speed: number;
  width: number;
}

export const leftOf = (flight: Flight, now: number): number => flight.from - flight.speed * (now - flight.start);
export const rightOf = (flight: Flight, now: number): number => leftOf(flight, now) + flight.width;
export const isGone = (flight: Flight, now: number): boolean => rightOf(flight, now) <= 0;

/**
 * Speed by length. The fuller the room (`crowd`, 0 to 1), the more all fly alike, as fast as the longest: more is seen,
 * and a long comment finds its place as easily as a short one.
 */
export function speedOf(width: number, sky: Sky, crowd: number): number {
  const normal = sky.width + NORMAL_LANES * sky.laneHeight;
  const byLength = Math.min(FASTEST, Math.max(SLOWEST, (sky.width + width) / normal));
  return ((byLength + (FASTEST - byLength) * crowd) * normal) / NORMAL_MS;
}

/** The last comment of each lane, which is all the next one has to keep clear of. */
export class Lanes {
  private readonly last: (Flight | null)[] = [];

  constructor(private sky: Sky) {}

  /** Another size. What flies goes on as it was; a lane that is no longer there is forgotten. */
  resize(sky: Sky): void {
    this.sky = sky;
    this.last.length = Math.min(this.last.length, sky.lanes);
  }

  clear(): void {
    this.last.length = 0;
  }

  /** Starts a comment of this width in the lane that has been free for longest; null when each is still taken. */
  start(now: number, width: number, crowd: number): Flight | null {
    const speed = speedOf(width, this.sky, crowd);
    let best: number | null = null;
    let emptiest = Infinity;
    for (let lane = 0; lane < this.sky.lanes; lane += 1) {
      const before = this.last[lane] ?? null;
      const tail = before ? Math.max(0, rightOf(before, now)) : 0;
      if (tail < emptiest && this.keepsClear(before, now, speed)) {
        best = lane;
        emptiest = tail;
      }
    }
    if (best === null) return null;
    const flight = { lane: best, from: this.sky.width, start: now, speed, width };
    this.last[best] = flight;
    return flight;
  }

  /** Both move in straight lines: apart now, and still apart when the one before leaves, is apart all the way. */
  private keepsClear(before: Flight | null, now: number, speed: number): boolean {
    if (!before || isGone(before, now)) return true;
    const tail = rightOf(before, now);
    const gap = GAP * this.sky.laneHeight;
    const leaves = tail / before.speed;
    return tail + gap <= this.sky.width && this.sky.width - speed * leaves >= gap;
  }
}
