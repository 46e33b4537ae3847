import { beforeEach, expect, test } from "vitest";
import { Flock, type Rider } from "./flock";

const PHONE = { width: 390, lanes: 3, laneHeight: 34 };
let gone: string[] = [];
let flock: Flock<Rider>;
const rider = (id: string, own = false): Rider => ({ id, own, width: 100 });
const ids = (now: number): string[] => flock.at(now).map(({ rider }) => rider.id);

beforeEach(() => {
  gone = [];
  flock = new Flock(({ id }) => gone.push(id));
  flock.resize(PHONE);
});

test("enters at the right edge, leaves at the left, and is given back once", () => {
  flock.add(rider("a"), 0);
  expect(flock.at(0)).toEqual([{ rider: rider("a"), left: 390, top: 0 }]);
  expect(flock.at(4000)[0]!.left).toBeLessThan(200);
  expect(ids(20_000)).toEqual([]);
  expect(gone).toEqual(["a"]);
  expect(flock.idle).toBe(true);
});

test("stays small in a flood, and what left is given back", () => {
  let most = 0;
  for (let now = 0; now < 60_000; now += 33) {
    flock.add(rider(`${now}`), now);
    most = Math.max(most, flock.at(now).length);
  }
  expect(most).toBeGreaterThan(6);
  expect(most).toBeLessThan(20);
  expect(ids(90_000)).toEqual([]);
  expect(new Set(gone).size).toBe(gone.length);
});

test("an own line flies soon, however full it is", () => {
  for (let now = 0; now < 10_000; now += 33) {
    flock.add(rider(`${now}`), now);
    flock.at(now);
  }
  flock.add(rider("mine", true), 10_000);
  let flew = 10_000;
  while (!ids(flew).includes("mine")) {
    flock.add(rider(`${flew}`), flew);
    flew += 33;
  }
  expect(flew).toBeLessThan(12_500);
});

test("a narrower screen keeps what flies; a lane that is gone lets go of its own", () => {
  for (const id of ["a", "b", "c"]) flock.add(rider(id), 0);
  expect([0, 16, 33].map(ids)).toEqual([["a"], ["a", "b"], ["a", "b", "c"]]);
  flock.resize({ ...PHONE, width: 300, lanes: 2 });
  expect(ids(100)).toEqual(["a", "b"]);
  expect(gone).toEqual(["c"]);
});

test("what is taken away flies no further, nor sets off", () => {
  for (const id of ["a", "b"]) flock.add(rider(id), 0);
  expect(ids(0)).toEqual(["a"]);
  flock.remove("a");
  flock.remove("b");
  expect(flock.idle).toBe(true);
  expect(gone).toEqual(["a"]);
});

test("text of another size begins anew", () => {
  flock.add(rider("a"), 0);
  flock.at(0);
  flock.resize({ ...PHONE, laneHeight: 68, lanes: 1 });
  expect(flock.idle).toBe(true);
  expect(gone).toEqual(["a"]);
});

test("without any room nothing waits", () => {
  flock.resize({ ...PHONE, lanes: 0 });
  flock.add(rider("mine", true), 0);
  expect(flock.idle).toBe(true);
});
