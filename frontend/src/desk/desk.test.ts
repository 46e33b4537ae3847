import { beforeAll, describe, expect, it } from "vitest";
import { addWords, setLang } from "../ui/i18n";
import common from "../ui/locale/common.en";
import desk from "../ui/locale/desk.en";
import { ListingForm } from "./listing-form.svelte";
import { fromLocalInput, nextFullHour, toLocalInput } from "./moments";
import { wholeNumber } from "./numbers";
import { moved } from "./reorder";

beforeAll(() => {
  setLang("en");
  addWords({ ...common, ...desk });
});

describe("moved", () => {
  it("puts one item in another place and leaves the list it was given", () => {
    const list = ["a", "b", "c"];
    expect(moved(list, 2, 0)).toEqual(["c", "a", "b"]);
    expect(moved(list, 0, 1)).toEqual(["b", "a", "c"]);
    expect(list).toEqual(["a", "b", "c"]);
  });
  it("ignores places outside the list", () => expect(moved(["a"], 0, 1)).toEqual(["a"]));
});

it.each([
  ["1480", 1480],
  ["１，４８０円", 1480],
  ["¥1,480", 1480],
  ["0", 0],
  ["", null],
  ["-1", null],
  ["1.5", null],
  ["1e3", null],
  ["9999999999", null],
])("wholeNumber(%s) is %s", (text, number) => expect(wholeNumber(text)).toBe(number));

describe("moments", () => {
  it("go to a field and back without moving", () => {
    const at = new Date(2026, 10, 22, 20, 30);
    expect(toLocalInput(at)).toBe("2026-11-22T20:30");
    expect(fromLocalInput(toLocalInput(at))).toBe(at.toISOString());
    expect(fromLocalInput("")).toBeNull();
  });
  it("the next full hour leaves time to get ready", () => {
    expect(nextFullHour(new Date(2026, 10, 22, 20, 10)).getHours()).toBe(21);
    expect(nextFullHour(new Date(2026, 10, 22, 20, 40)).getHours()).toBe(22);
  });
});

describe("the listing form", () => {
  const filled = (): ListingForm => {
    const form = new ListingForm();
    form.title = " Water ";
    form.price = "1480";
    if (form.variants[0]) form.variants[0].stock = "7";
    return form;
  };

  it("says which fields are missing", () => {
    const form = new ListingForm();
    expect(form.check()).toBe(false);
    expect(Object.keys(form.problems).sort()).toEqual(["price", "title", "variants.0.stock"]);
  });

  it("sends one thing with one price", () => {
    const form = filled();
    expect(form.check()).toBe(true);
    expect(form.body(["p1"])).toMatchObject({ title: "Water", price: 1480, tax_rate: 10, photo_ids: ["p1"], variants: [{ name: "", price: 1480, stock: 7 }] });
  });

  it("needs a different name for each of several kinds, and sends the lowest price", () => {
    const form = filled();
    form.add();
    const [one, two] = form.variants;
    if (!one || !two) throw new Error("two kinds were expected");
    Object.assign(one, { name: "three", price: "1480" });
    Object.assign(two, { name: "three", price: "900", stock: "1" });
    expect(form.check()).toBe(false);
    expect(Object.keys(form.problems)).toEqual(["variants.1.name"]);
    two.name = "one";
    expect(form.check()).toBe(true);
    expect(form.body([])).toMatchObject({ price: 900, variants: [{ name: "three", price: 1480 }, { name: "one", price: 900 }] });
  });

  it("does not send stock nobody touched", () => {
    const form = filled();
    const [variant] = form.variants;
    if (!variant) throw new Error("a kind was expected");
    variant.stockBefore = "7";
    expect(form.body([]).variants).toEqual([{ name: "", price: 1480 }]);
    variant.stock = "8";
    expect(form.body([]).variants).toEqual([{ name: "", price: 1480, stock: 8 }]);
  });
});
