import { describe, expect, test } from "vitest";
import { Announcements } from "./announce";

/** Lets a room talk and collects what is said aloud, with the time. */
function listen(says: [at: number, weight: "own" | "mention" | "room" | "line", text: string][], until: number) {
  const room = new Announcements();
  const heard: { at: number; text: string; more: number }[] = [];
  for (let now = 0; now <= until; now += 50) {
    for (const [at, weight, text] of says) if (at === now) room.add(weight, text);
    const told = room.take(now);
    if (told) heard.push({ at: now, ...told });
  }
  return heard;
}

describe("a screen reader in a busy room", () => {
  test("hears one line in four seconds, and how many more there were", () => {
    const says = Array.from({ length: 400 }, (_, n): [number, "line", string] => [n * 50, "line", `line ${n}`]);
    const heard = listen(says, 20_000);
    expect(heard.map(({ at }) => at)).toEqual([0, 4000, 8000, 12_000, 16_000, 20_000]);
    expect(heard[1]).toEqual({ at: 4000, text: "line 80", more: 79 });
  });

  test("a quiet room is heard at once and whole", () => {
    expect(listen([[0, "line", "a"], [5000, "line", "b"]], 6000)).toEqual([
      { at: 0, text: "a", more: 0 },
      { at: 5000, text: "b", more: 0 },
    ]);
  });

  test("one's own question comes before mentions, those before the stall, that before all other lines", () => {
    const heard = listen([[0, "line", "l"], [0, "room", "r"], [0, "mention", "m"], [0, "own", "o"]], 12_000);
    expect(heard.map(({ text }) => text)).toEqual(["o", "m", "r", "l"]);
  });

  test("what waits is bounded, the newest stay", () => {
    const says = Array.from({ length: 9 }, (_, n): [number, "mention", string] => [0, "mention", `m${n}`]);
    expect(listen(says, 60_000).map(({ text }) => text)).toEqual(["m5", "m6", "m7", "m8"]);
  });

  test("it says when it will have something to say", () => {
    const room = new Announcements();
    expect(room.due(0)).toBeNull();
    room.add("line", "a");
    expect(room.due(0)).toBe(0);
    room.take(0);
    room.add("line", "b");
    expect(room.due(1000)).toBe(3000);
  });
});
