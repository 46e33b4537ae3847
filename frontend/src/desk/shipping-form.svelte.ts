/** A shipping profile's fields as they are typed, their check, and what is sent. */
import { SIZES, type Fee, type Shipping, type Size, type Zone } from "../api/selling";
import { t } from "../ui/i18n";
import { wholeNumber } from "./numbers";

export interface ZoneField {
  key: number;
  /** empty for everywhere else */
  prefectures: string[];
  /** the one fee */
  flat: string;
  sizes: Record<Size, string>;
}

let nextKey = 1;
const noSizes = (): Record<Size, string> => ({ 60: "", 80: "", 100: "", 120: "", 140: "", 160: "" });
const blank = (): ZoneField => ({ key: nextKey++, prefectures: [], flat: "", sizes: noSizes() });
const most = SIZES[SIZES.length - 1] ?? 160;

export class ShippingForm {
  name = $state("");
  bySize = $state(false);
  eachMore = $state("0");
  freeOver = $state("");
  /** everywhere else stands last */
  zones: ZoneField[] = $state([blank()]);
  problems: Record<string, string> = $state({});

  constructor(shipping?: Shipping) {
    if (!shipping) return;
    this.name = shipping.name;
    this.bySize = shipping.zones.some((zone) => zone.fees.length > 1);
    this.eachMore = String(shipping.each_more);
    this.freeOver = shipping.free_over === null ? "" : String(shipping.free_over);
    const named = shipping.zones.filter((zone) => zone.prefectures.length);
    const rest = shipping.zones.filter((zone) => !zone.prefectures.length);
    this.zones = [...named, ...rest].map(fieldOf);
  }

  add(): void {
    this.zones.splice(this.zones.length - 1, 0, blank());
  }

  remove(key: number): void {
    this.zones = this.zones.filter((zone) => zone.key !== key);
  }

  /** Puts prefectures into one zone, and takes them out of the others: each stands in one alone. */
  choose(key: number, prefectures: readonly string[], chosen: boolean): void {
    const moved = new Set(prefectures);
    for (const zone of this.zones) {
      const kept = zone.prefectures.filter((name) => !moved.has(name));
      zone.prefectures = chosen && zone.key === key ? [...kept, ...prefectures] : kept;
    }
  }

  /** Fills `problems`; true when there are none. */
  check(): boolean {
    const wrong: Record<string, string> = {};
    if (!this.name.trim()) wrong.name = t("problem.empty");
    if (wholeNumber(this.eachMore) === null) wrong.each_more = t("law.number");
    if (this.freeOver.trim() && !wholeNumber(this.freeOver)) wrong.free_over = t("law.number");
    for (const [index, zone] of this.zones.entries()) {
      if (index < this.zones.length - 1 && !zone.prefectures.length) wrong[`zones.${index}.prefectures`] = t("sending.chooseWhere");
      if (!this.bySize && wholeNumber(zone.flat) === null) wrong[`zones.${index}.flat`] = t("law.number");
      if (this.bySize) for (const size of SIZES) if (wholeNumber(zone.sizes[size]) === null) wrong[`zones.${index}.${size}`] = t("law.number");
    }
    this.problems = wrong;
    return Object.keys(wrong).length === 0;
  }

  /** What the API takes; call `check` first. */
  body(): Shipping {
    return {
      name: this.name.trim(),
      zones: this.zones.map((zone): Zone => ({ prefectures: zone.prefectures, fees: this.feesOf(zone) })),
      each_more: wholeNumber(this.eachMore) ?? 0,
      free_over: wholeNumber(this.freeOver),
    };
  }

  /** Sizes that cost as much as the next larger one need not be said. */
  private feesOf(zone: ZoneField): Fee[] {
    if (!this.bySize) return [{ up_to: most, fee: wholeNumber(zone.flat) ?? 0 }];
    const fees = SIZES.map((up_to) => ({ up_to, fee: wholeNumber(zone.sizes[up_to]) ?? 0 }));
    return fees.filter((fee, index) => fee.fee !== fees[index + 1]?.fee);
  }
}

function fieldOf(zone: Zone): ZoneField {
  const sizes = noSizes();
  for (const size of SIZES) sizes[size] = String((zone.fees.find((fee) => fee.up_to >= size) ?? zone.fees[zone.fees.length - 1])?.fee ?? "");
  return { key: nextKey++, prefectures: [...zone.prefectures], flat: sizes[most], sizes };
}
