/** Money, counts, clock times, days and durations, as the reader's language writes them. Clock times are the reader's own. */
import { currentLang } from "./i18n";

const made = new Map<string, Intl.DateTimeFormat | Intl.NumberFormat | Intl.RelativeTimeFormat>();

function dates(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${currentLang()} ${name}`;
  let format = made.get(key);
  if (!format) made.set(key, (format = new Intl.DateTimeFormat(currentLang(), options)));
  return format as Intl.DateTimeFormat;
}

/** ¥1,480 in both languages: the sign of the mock, not the full-width one. */
export function yen(amount: number): string {
  return `${amount < 0 ? "-" : ""}¥${Math.abs(amount).toLocaleString("en")}`;
}

/** 1,204 */
export const count = (n: number): string => n.toLocaleString(currentLang());

/** 20:30 */
export const clock = (at: string | Date): string => dates("clock", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(at));

/** 20:14:30 */
export const clockSeconds = (at: string | Date): string =>
  dates("seconds", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(new Date(at));

/** 11月22日（日） or Sun, 22 Nov */
export function day(at: string | Date): string {
  const date = new Date(at);
  if (currentLang() === "en") return dates("day", { weekday: "short", day: "numeric", month: "short" }).format(date);
  const month = dates("day", { month: "long", day: "numeric" }).format(date);
  return `${month}（${dates("weekday", { weekday: "short" }).format(date)}）`;
}

/** 2026年11月22日 or 22 November 2026 */
export const longDay = (at: string | Date): string => dates("long", { year: "numeric", month: "long", day: "numeric" }).format(new Date(at));

const startOfDay = (date: Date): number => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** Whole days from today to `at` in the reader's calendar: 0 today, -1 yesterday, 1 tomorrow. */
export const daysFromNow = (at: string | Date, now = new Date()): number => Math.round((startOfDay(new Date(at)) - startOfDay(now)) / 86_400_000);

/** Today, yesterday or tomorrow by name, any other day by date; small letters, as inside a sentence (`.opens` makes the first one large). */
export function relativeDay(at: string | Date, now = new Date()): string {
  const days = daysFromNow(at, now);
  if (Math.abs(days) > 1) return day(at);
  const key = `${currentLang()} relative`;
  let format = made.get(key);
  if (!format) made.set(key, (format = new Intl.RelativeTimeFormat(currentLang(), { numeric: "auto" })));
  return (format as Intl.RelativeTimeFormat).format(days, "day");
}

/** 4:12, 48:32 or 2:04:10, from seconds; never negative. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (n: number): string => String(n).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return hours ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}

/** Seconds between two moments. */
export const secondsBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;

/** 166-0001 */
export const postalCode = (digits: string): string => (digits.length === 7 ? `${digits.slice(0, 3)}-${digits.slice(3)}` : digits);
