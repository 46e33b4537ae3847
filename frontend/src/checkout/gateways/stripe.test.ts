import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Till } from "../../api/trade";

const TILL: Till = { gateway: "stripe", methods: ["card", "konbini"], publishable_key: "pk_test_1" };
const SECRET = { kind: "stripe", url: null, client_secret: "pi_1_secret_2" } as const;

/** Stripe's program as a script says it, and the page's head that fetches it. */
const said = { createPaymentMethod: vi.fn(), handleNextAction: vi.fn(), elements: vi.fn() };
const start = vi.fn((_key: string) => said);
let scripts: { src: string; onload: () => void; onerror: () => void; remove: () => void }[] = [];
let arrives = true;

beforeEach(() => {
  vi.resetModules();
  scripts = [];
  arrives = true;
  vi.stubGlobal("document", {
    createElement: () => ({ remove: vi.fn() }),
    head: {
      append: (script: (typeof scripts)[number]) => {
        scripts.push(script);
        queueMicrotask(arrives ? script.onload : script.onerror);
      },
    },
  });
  vi.stubGlobal("Stripe", start);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

test("the program comes from Stripe, once, and starts with the market's key", async () => {
  const { stripeOf } = await import("./stripe-js");
  expect(scripts).toEqual([]);
  const [one, two] = await Promise.all([stripeOf(TILL), stripeOf(TILL)]);
  expect(one).toBe(two);
  expect(scripts.map(({ src }) => src)).toEqual(["https://js.stripe.com/v3/"]);
  expect(start.mock.calls).toEqual([["pk_test_1"]]);
});

test("what could not be fetched is fetched again", async () => {
  const { stripeOf } = await import("./stripe-js");
  arrives = false;
  await expect(stripeOf(TILL)).rejects.toThrow("could not be fetched");
  arrives = true;
  expect(await stripeOf(TILL)).toBe(said);
  expect(scripts).toHaveLength(2);
});

test("a market without a key is not asked to pay", async () => {
  const { stripeOf } = await import("./stripe-js");
  await expect(stripeOf({ ...TILL, publishable_key: null })).rejects.toThrow("publishable key");
  expect(scripts).toEqual([]);
});

test("a card becomes a token", async () => {
  const { stripeOf, tokenFor } = await import("./stripe-js");
  const field = { mount: vi.fn(), destroy: vi.fn(), on: vi.fn() };
  said.createPaymentMethod.mockResolvedValue({ paymentMethod: { id: "pm_1", card: { brand: "jcb", last4: "0000" } } });
  expect(await tokenFor(await stripeOf(TILL), field)).toEqual({ token: "pm_1", brand: "jcb", last4: "0000" });
  expect(said.createPaymentMethod).toHaveBeenCalledWith({ type: "card", card: field });
  said.createPaymentMethod.mockResolvedValue({ paymentMethod: { id: "pm_2", card: { brand: "eftpos_au", last4: "1" } } });
  expect((await tokenFor(await stripeOf(TILL), field)).brand).toBe("other");
});

test("a card Stripe refuses is refused in Stripe's words", async () => {
  const { CardRefused, stripeOf, tokenFor } = await import("./stripe-js");
  said.createPaymentMethod.mockResolvedValue({ error: { message: "カード番号が正しくありません。" } });
  const refused = tokenFor(await stripeOf(TILL), {} as never);
  await expect(refused).rejects.toBeInstanceOf(CardRefused);
  await expect(refused).rejects.toThrow("カード番号が正しくありません。");
});

test("the bank's step is Stripe's own, and its end is for the server to say", async () => {
  vi.doMock("./StripeCard.svelte", () => ({ default: {} }));
  const { default: gateway } = await import("./stripe");
  said.handleNextAction.mockResolvedValue({ error: { message: "failed" } });
  await expect(gateway.prove?.(SECRET, TILL)).resolves.toBeUndefined();
  expect(said.handleNextAction).toHaveBeenCalledWith({ clientSecret: "pi_1_secret_2" });
});
