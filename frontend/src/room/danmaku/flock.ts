import { type Flight, isGone, Lanes, leftOf, type Sky } from "./lanes";
import { Waiting } from "./waiting";

/** A comment that is ready to fly. */
export interface Rider {
  id: string;
  own: boolean;
  /** CSS px */
  width: number;
}

export interface Placed<R extends Rider> {
  rider: R;
  left: number;
  top: number;
}

interface Flying<R extends Rider> {
  rider: R;
  flight: Flight;
}

/** Everything that flies or waits to. It has no screen and no clock: told the time, it says what is where. */
export class Flock<R extends Rider> {
  private sky: Sky = { width: 0, lanes: 0, laneHeight: 0 };
  private readonly lanes = new Lanes(this.sky);
  private readonly waiting = new Waiting<R>();
  private flying: Flying<R>[] = [];

  /** `onGone` is told of each one that was on screen and is not any more. */
  constructor(private readonly onGone: (rider: R) => void) {}

  get idle(): boolean {
    return this.flying.length === 0 && this.waiting.size === 0;
  }

  /** Another width keeps what flies; lanes of another height end it, since it was made for the old one. */
  resize(sky: Sky): void {
    if (sky.laneHeight !== this.sky.laneHeight || sky.lanes === 0) this.clear();
    this.sky = sky;
    this.lanes.resize(sky);
    this.keep(({ flight }) => flight.lane < sky.lanes);
  }

  add(rider: R, now: number): void {
    if (this.sky.lanes > 0) this.waiting.add(rider, rider.own, now);
  }

  /** Where everything is at this time, after the next that waited has set off. */
  at(now: number): Placed<R>[] {
    this.keep(({ flight }) => !isGone(flight, now));
    const crowd = this.waiting.crowd;
    this.waiting.release(now, (rider) => {
      const flight = this.lanes.start(now, rider.width, crowd);
      if (flight) this.flying.push({ rider, flight });
      return flight !== null;
    });
    return this.flying.map(({ rider, flight }) => ({
      rider,
      left: leftOf(flight, now),
      top: flight.lane * this.sky.laneHeight,
    }));
  }

  remove(id: string): void {
    this.waiting.remove((rider) => rider.id === id);
    this.keep(({ rider }) => rider.id !== id);
  }

  clear(): void {
    this.waiting.clear();
    this.lanes.clear();
    this.keep(() => false);
  }

  private keep(wanted: (one: Flying<R>) => boolean): void {
    const gone = this.flying.filter((one) => !wanted(one));
    if (gone.length === 0) return;
    this.flying = this.flying.filter(wanted);
    for (const { rider } of gone) this.onGone(rider);
  }
}
