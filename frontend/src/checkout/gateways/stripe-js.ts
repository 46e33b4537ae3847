/**
 * Stripe's own program in the page, as far as it is used here. It comes from Stripe and nowhere else, as Stripe asks,
 * and only when somebody is about to pay: https://docs.stripe.com/js
 */
import type { Till } from "../../api/trade";
import type { Card } from "../../api/types";
import type { TokenCard } from ".";

const ADDRESS = "https://js.stripe.com/v3/";
const BRANDS: readonly Card["brand"][] = ["visa", "mastercard", "jcb", "amex", "diners", "discover", "unionpay"];

interface StripeProblem {
  message?: string;
}

/** The field a card is typed into: a frame of Stripe's, whose contents this page cannot read. */
export interface CardField {
  mount(where: HTMLElement): void;
  destroy(): void;
  on(event: "change", heard: (now: { complete: boolean; error?: StripeProblem }) => void): void;
}

export interface Stripe {
  elements(options: { locale: string }): { create(kind: "card", options: object): CardField };
  createPaymentMethod(of: { type: "card"; card: CardField }): Promise<{
    paymentMethod?: { id: string; card?: { brand: string; last4: string } };
    error?: StripeProblem;
  }>;
  handleNextAction(of: { clientSecret: string }): Promise<{ error?: StripeProblem }>;
}

type Maker = (key: string) => Stripe;

let loading: Promise<Maker> | null = null;
let made: { key: string; stripe: Stripe } | null = null;

/** Stripe's program, started with the market's key; fetched once. */
export async function stripeOf({ publishable_key: key }: Till): Promise<Stripe> {
  if (!key) throw new Error("Stripe without a publishable key");
  loading ??= load().catch((error: unknown) => {
    loading = null;
    throw error;
  });
  const maker = await loading;
  if (made?.key !== key) made = { key, stripe: maker(key) };
  return made.stripe;
}

/** What Stripe says is wrong with a card, in the buyer's language. */
export class CardRefused extends Error {}

/** Hands the card in the field to Stripe and gets a token for it. CardRefused with Stripe's own words. */
export async function tokenFor(stripe: Stripe, card: CardField): Promise<TokenCard> {
  const { paymentMethod, error } = await stripe.createPaymentMethod({ type: "card", card });
  if (!paymentMethod?.card) throw new CardRefused(error?.message ?? "");
  const { brand, last4 } = paymentMethod.card;
  return { token: paymentMethod.id, brand: BRANDS.find((known) => known === brand) ?? "other", last4 };
}

function load(): Promise<Maker> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = ADDRESS;
    script.onload = () => {
      const maker = (globalThis as { Stripe?: Maker }).Stripe;
      if (maker) resolve(maker);
      else reject(new Error("Stripe's program did not start"));
    };
    script.onerror = () => {
      script.remove();
      reject(new Error("Stripe's program could not be fetched"));
    };
    document.head.append(script);
  });
}
