import { beforeEach, describe, expect, it } from "vitest";
import { clock, clockSeconds, day, daysFromNow, duration, postalCode, relativeDay, yen } from "./format";
import { setLang } from "./i18n";

const now = new Date(2026, 10, 22, 20, 10, 18);

describe("in Japanese", () => {
  beforeEach(() => setLang("ja"));
  it("writes money and counts", () => {
    expect(yen(1480)).toBe("¥1,480");
    expect(yen(0)).toBe("¥0");
  });
  it("writes clock times of the reader's own day", () => {
    expect(clock(now)).toBe("20:10");
    expect(clockSeconds(now)).toBe("20:10:18");
    expect(clock(new Date(2026, 10, 22, 0, 5))).toBe("00:05");
  });
  it("names near days and dates far ones", () => {
    expect(day(now)).toBe("11月22日（日）");
    expect(relativeDay(new Date(2026, 10, 22, 1), now)).toBe("今日");
    expect(relativeDay(new Date(2026, 10, 21, 23, 59), now)).toBe("昨日");
    expect(relativeDay(new Date(2026, 10, 23, 0, 1), now)).toBe("明日");
    expect(relativeDay(new Date(2026, 10, 25), now)).toBe("11月25日（水）");
  });
});

describe("in English", () => {
  beforeEach(() => setLang("en"));
  it("writes days", () => {
    expect(relativeDay(now, now)).toBe("today");
    expect(day(now)).toContain("22");
  });
});

it("counts days by the calendar, not by 24 hours", () => {
  expect(daysFromNow(new Date(2026, 10, 23, 0, 1), new Date(2026, 10, 22, 23, 59))).toBe(1);
});

it.each([
  [252, "4:12"],
  [2912, "48:32"],
  [7450, "2:04:10"],
  [0, "0:00"],
  [-3, "0:00"],
  [59.9, "0:59"],
])("%d s is %s", (seconds, text) => expect(duration(seconds)).toBe(text));

it("writes postal codes", () => {
  expect(postalCode("1660001")).toBe("166-0001");
  expect(postalCode("16")).toBe("16");
});
