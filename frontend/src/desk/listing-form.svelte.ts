/** The listing editor's fields as they are typed, their check, and what is sent. */
import type { Condition, Listing } from "../api/types";
import { t } from "../ui/i18n";
import { wholeNumber } from "./numbers";

export interface VariantField {
  key: number;
  id: string | null;
  name: string;
  price: string;
  stock: string;
  /** what was there when the form was opened; unchanged stock is not sent, so that a sale in between is not undone */
  stockBefore: string | null;
  keyword: string;
}

let nextKey = 1;
const blank = (): VariantField => ({ key: nextKey++, id: null, name: "", price: "", stock: "", stockBefore: null, keyword: "" });

export class ListingForm {
  title = $state("");
  story = $state("");
  condition: Condition = $state("new");
  taxRate: "8" | "10" = $state("10");
  price = $state("");
  variants: VariantField[] = $state([blank()]);
  /** "" is the stall's usual fee */
  shippingId = $state("");
  size = $state("60");
  /** "" is as many as there are */
  perBuyer = $state("");
  showFormer = $state(false);
  problems: Record<string, string> = $state({});
  readonly several: boolean = $derived(this.variants.length > 1);

  fill(listing: Listing): void {
    this.title = listing.title;
    this.story = listing.story;
    this.condition = listing.condition;
    this.taxRate = listing.tax_rate === 8 ? "8" : "10";
    this.price = String(listing.price);
    this.shippingId = listing.shipping_id ?? "";
    this.size = String(listing.size);
    this.perBuyer = listing.per_buyer === null ? "" : String(listing.per_buyer);
    this.showFormer = listing.show_former;
    this.variants = listing.variants.map((variant) => ({
      key: nextKey++,
      id: variant.id,
      name: variant.name,
      price: String(variant.price),
      stock: String(variant.available),
      stockBefore: String(variant.available),
      keyword: variant.keyword,
    }));
  }

  add(): void {
    const first = this.variants[0];
    if (first && !this.several && !first.price) first.price = this.price;
    this.variants.push({ ...blank(), price: this.price });
  }

  remove(key: number): void {
    this.variants = this.variants.filter((variant) => variant.key !== key);
    const last = this.variants[0];
    if (last && !this.several) this.price = last.price || this.price;
  }

  /** Fills `problems`; true when there are none. */
  check(): boolean {
    const wrong: Record<string, string> = {};
    if (!this.title.trim()) wrong.title = t("problem.empty");
    if (this.perBuyer.trim() && !wholeNumber(this.perBuyer)) wrong.per_buyer = t("goods.needPerBuyer");
    if (!this.several && !wholeNumber(this.price)) wrong.price = t("goods.needPrice");
    const names = this.variants.map((variant) => variant.name.trim());
    for (const [index, variant] of this.variants.entries()) {
      if (wholeNumber(variant.stock) === null) wrong[`variants.${index}.stock`] = t("goods.needStock");
      if (!this.several) continue;
      if (!wholeNumber(variant.price)) wrong[`variants.${index}.price`] = t("goods.needPrice");
      if (!names[index]) wrong[`variants.${index}.name`] = t("problem.empty");
      else if (names.indexOf(names[index] ?? "") !== index) wrong[`variants.${index}.name`] = t("problem.twice");
    }
    this.problems = wrong;
    return Object.keys(wrong).length === 0;
  }

  /** What the API takes; call `check` first. */
  body(photoIds: string[]): Record<string, unknown> {
    const prices = this.variants.map((variant) => wholeNumber(this.several ? variant.price : this.price) ?? 0);
    return {
      title: this.title.trim(),
      story: this.story.trim(),
      condition: this.condition,
      tax_rate: Number(this.taxRate),
      price: Math.min(...prices),
      photo_ids: photoIds,
      shipping_id: this.shippingId || null,
      size: Number(this.size),
      per_buyer: wholeNumber(this.perBuyer),
      show_former: this.showFormer,
      variants: this.variants.map((variant, index) => ({
        ...(variant.id ? { id: variant.id } : {}),
        name: this.several ? variant.name.trim() : "",
        price: prices[index],
        ...(variant.stock === variant.stockBefore ? {} : { stock: wholeNumber(variant.stock) ?? 0 }),
      })),
    };
  }
}
