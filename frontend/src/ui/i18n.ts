/**
 * The words of the pages. Each area has two flat files, `locale/{area}.en.ts` and `locale/{area}.ja.ts`; only the reader's
 * language is fetched, and only the areas a page names in its route. `{name}` is filled in; `|` parts one from many.
 */
import type account from "./locale/account.en";
import type ask from "./locale/ask.en";
import type checkout from "./locale/checkout.en";
import type common from "./locale/common.en";
import type desk from "./locale/desk.en";
import type house from "./locale/house.en";
import type errors from "./locale/errors.en";
import type law from "./locale/law.en";
import type papers from "./locale/papers.en";
import type line from "./locale/line.en";
import type market from "./locale/market.en";
import type money from "./locale/money.en";
import type orders from "./locale/orders.en";
import type picture from "./locale/picture.en";
import type room from "./locale/room.en";
import type sandbox from "./locale/sandbox.en";
import type selling from "./locale/selling.en";
import type store from "./locale/store.en";
import type studio from "./locale/studio.en";
import type watch from "./locale/watch.en";

export type Lang = "ja" | "en";
export const LANGS: readonly Lang[] = ["ja", "en"];

interface Areas {
  common: typeof common;
  market: typeof market;
  money: typeof money;
  store: typeof store;
  account: typeof account;
  orders: typeof orders;
  selling: typeof selling;
  desk: typeof desk;
  watch: typeof watch;
  ask: typeof ask;
  picture: typeof picture;
  room: typeof room;
  law: typeof law;
  papers: typeof papers;
  line: typeof line;
  errors: typeof errors;
  checkout: typeof checkout;
  studio: typeof studio;
  house: typeof house;
  sandbox: typeof sandbox;
}
export type Area = keyof Areas;
type KeysOf<A> = A extends unknown ? keyof A & string : never;
/** Every key of every area. */
export type Key = KeysOf<Areas[Area]>;
type Words = Record<string, string>;
export type Params = Record<string, string | number>;

const files = import.meta.glob<{ default: Words }>("./locale/*.*.ts");
const words = new Map<string, string>();
let lang: Lang = "ja";
let plural = new Intl.PluralRules("ja");
let numbers = new Intl.NumberFormat("ja");

export function setLang(next: Lang): void {
  lang = next;
  plural = new Intl.PluralRules(next);
  numbers = new Intl.NumberFormat(next);
}

export const currentLang = (): Lang => lang;

/** Fetches the words of some areas in the reader's language. Safe to call again; a page calls `t` only after it. */
export async function loadAreas(areas: readonly Area[]): Promise<void> {
  await Promise.all(
    areas.map(async (area) => {
      const file = files[`./locale/${area}.${lang}.ts`];
      if (file) addWords((await file()).default);
    }),
  );
}

export function addWords(more: Words): void {
  for (const [key, value] of Object.entries(more)) words.set(key, value);
}

/** The sentence of a key in the reader's language. Numbers among the params are grouped (1,204); `count` chooses between `one|many`. */
export function t(key: Key, params: Params = {}): string {
  return fill(words.get(key) ?? key, params);
}

/** The sentence of a key that is only known at run time, such as one made from an error code; null when there is none. */
export function lookUp(key: string, params: Params = {}): string | null {
  const found = words.get(key);
  return found === undefined ? null : fill(found, params);
}

function fill(text: string, params: Params): string {
  let chosen = text;
  if (text.includes("|")) {
    const [one = text, many = one] = text.split("|");
    chosen = plural.select(Number(params.count ?? 0)) === "one" ? one : many;
  }
  return chosen.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? numbers.format(value) : value;
  });
}
