import { beforeAll, describe, expect, it } from "vitest";
import type { Shipping } from "../api/selling";
import { addWords, setLang } from "../ui/i18n";
import common from "../ui/locale/common.en";
import law from "../ui/locale/law.en";
import store from "../ui/locale/store.en";
import { REGIONS, inRegions } from "./regions";
import { ShippingForm } from "./shipping-form.svelte";
import { zoneWords } from "./shipping-words";

beforeAll(() => {
  setLang("en");
  addWords({ ...common, ...law, ...store });
});

const BY_SIZE: Shipping = {
  name: "Parcels",
  zones: [
    { prefectures: ["北海道"], fees: [{ up_to: 80, fee: 1300 }, { up_to: 160, fee: 2500 }] },
    { prefectures: [], fees: [{ up_to: 60, fee: 700 }, { up_to: 160, fee: 1500 }] },
  ],
  each_more: 200,
  free_over: 10000,
};

describe("a shipping form", () => {
  it("gives back what it was opened with", () => expect(new ShippingForm(BY_SIZE).body()).toEqual(BY_SIZE));

  it("sends one fee when it is the same for everything", () => {
    const form = new ShippingForm();
    form.name = " Letters ";
    form.zones[0]!.flat = "３７０円";
    expect(form.check()).toBe(true);
    expect(form.body()).toEqual({ name: "Letters", zones: [{ prefectures: [], fees: [{ up_to: 160, fee: 370 }] }], each_more: 0, free_over: null });
  });

  it("has everywhere else last, and each prefecture in one zone alone", () => {
    const form = new ShippingForm(BY_SIZE);
    form.add();
    const [north, fresh, rest] = form.zones;
    form.choose(fresh!.key, REGIONS.hokkaido, true);
    form.choose(fresh!.key, REGIONS.shikoku, true);
    expect([north!.prefectures, fresh!.prefectures, rest!.prefectures]).toEqual([[], ["北海道", ...REGIONS.shikoku], []]);
    expect(form.check()).toBe(false);
    expect(form.problems["zones.0.prefectures"]).toBe("Choose at least one.");
    form.remove(north!.key);
    form.choose(fresh!.key, REGIONS.hokkaido, false);
    expect(form.zones.map((zone) => zone.prefectures)).toEqual([[...REGIONS.shikoku], []]);
  });

  it("names every field that is no number", () => {
    const form = new ShippingForm();
    form.eachMore = "x";
    form.freeOver = "-1";
    expect(form.check()).toBe(false);
    expect(Object.keys(form.problems).sort()).toEqual(["each_more", "free_over", "name", "zones.0.flat"]);
  });
});

it("says prefectures by region where they fill one", () =>
  expect(inRegions(["大阪府", ...REGIONS.shikoku, "東京都"])).toEqual({ regions: ["shikoku"], single: ["東京都", "大阪府"] }));

it("says what each zone costs", () =>
  expect(zoneWords(BY_SIZE)).toEqual([
    { where: "Hokkaido", fee: "¥1,300 to ¥2,500" },
    { where: "Everywhere else", fee: "¥700 to ¥1,500" },
  ]));
