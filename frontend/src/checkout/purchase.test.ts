import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { PurchaseState, Quote, Wait } from "../api/trade";
import type { Hold } from "../api/types";
import { Purchase, type Choice } from "./purchase.svelte";

const soon = (ms = 300_000) => new Date(Date.now() + ms).toISOString();
const hold = (change: Partial<Hold> = {}) =>
  ({ id: "h1", state: "held", quantity: 1, expires_at: soon(), server_time: new Date().toISOString(), ...change }) as Hold;
const quote = (change: Partial<Quote> & { total?: number } = {}) =>
  ({
    hold_ids: ["h1"], lines: [], totals: { total: change.total ?? 2140 }, expires_at: soon(), server_time: new Date().toISOString(),
    address: null, ...change,
  }) as unknown as Quote;
const payment = (state: PurchaseState["state"], change: Partial<PurchaseState> = {}) =>
  ({ id: "p1", state, total: 2140, order_id: null, action: null, reason: null, expires_at: null, ...change }) as PurchaseState;
const CHOICE: Choice = { address: null, pay: { type: "card", card_id: "c1" }, save: false, tell_room: false };

interface Call {
  method: string;
  path: string;
  key: string | undefined;
  body: unknown;
}
let calls: Call[] = [];
let answers: (() => Response)[] = [];

const json = (status: number, body: unknown) => () => new Response(JSON.stringify(body), { status });
const no = (status: number, code: string, params = {}) => json(status, { error: { code, message: code, params } });
const done = () => new Response(null, { status: 204 });
const lost = () => {
  throw new TypeError("no network");
};
const bought = () => [json(201, payment("paid", { order_id: "o1" })), json(200, { id: "o1" })];
const purchases = () => calls.filter(({ path }) => path.endsWith("/purchases"));

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2026-11-22T11:00:00Z") });
  calls = [];
  answers = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const headers = init.headers as Record<string, string>;
    calls.push({ method: init.method ?? "", path, key: headers["Idempotency-Key"], body: init.body && JSON.parse(init.body as string) });
    const answer = answers.shift();
    if (!answer) throw new Error(`nobody expected ${path}`);
    return answer();
  });
});
afterEach(() => {
  expect(answers).toEqual([]);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function held(show_id: string | null = "s1", change: Partial<Quote> = {}): Promise<Purchase> {
  const purchase = new Purchase(show_id);
  answers.push(json(201, hold()), json(200, quote(change)));
  await purchase.buy("v1", 1);
  return purchase;
}

test("a hold turns the sheet into the slip of the show's basket, and runs out by the server's clock", async () => {
  const purchase = await held();
  expect(calls.map(({ path }) => path)).toEqual(["/api/v1/holds", "/api/v1/shows/s1/basket"]);
  expect(purchase.step).toBe("slip");
  vi.advanceTimersByTime(299_000);
  purchase.tick();
  expect(purchase.step).toBe("slip");
  vi.advanceTimersByTime(1_000);
  purchase.tick();
  expect(purchase.step).toBe("expired");
});

test("outside a show the slip is about that one hold", async () => {
  await held(null);
  expect(calls.at(-1)).toMatchObject({ method: "POST", path: "/api/v1/quotes", body: { hold_ids: ["h1"] } });
});

test("when one of several holds runs out the others stay on the slip", async () => {
  const purchase = await held("s1", { hold_ids: ["h1", "h2"], expires_at: soon(120_000) });
  answers.push(json(200, quote({ hold_ids: ["h2"] })));
  vi.advanceTimersByTime(120_000);
  purchase.tick();
  await vi.advanceTimersByTimeAsync(1);
  expect(purchase).toMatchObject({ step: "slip", quote: { hold_ids: ["h2"] } });
});

test("the total that was shown is sent, and another one is shown before anything is bought", async () => {
  const purchase = await held();
  answers.push(no(409, "checkout.total_changed", { total: 2340 }), json(200, quote({ total: 2340 })));
  await purchase.confirm(CHOICE);
  expect(purchase).toMatchObject({ step: "slip", trouble: { kind: "total", total: 2340 }, quote: { totals: { total: 2340 } } });
  answers.push(...bought());
  await purchase.confirm(CHOICE);
  expect(purchase.step).toBe("bought");
  expect(purchases().map(({ body }) => (body as { total: number }).total)).toEqual([2140, 2340]);
});

test("a lost answer is asked for again with the same key, a decided one with a new key", async () => {
  const purchase = await held();
  answers.push(lost, no(409, "payment.declined", { reason: "card_declined" }), ...bought());
  await purchase.confirm(CHOICE);
  expect(purchase.trouble).toEqual({ kind: "unsure" });
  await purchase.confirm(CHOICE);
  expect(purchase.trouble).toEqual({ kind: "declined", reason: "card_declined" });
  expect(purchase.step).toBe("slip");
  await purchase.confirm(CHOICE);
  expect(purchase.step).toBe("bought");
  const [first, second, third] = purchases().map(({ key }) => key);
  expect(first).toBe(second);
  expect(third).not.toBe(second);
});

test("a payment that is not settled yet is asked for again with the same key", async () => {
  const purchase = await held();
  answers.push(no(409, "payment.unsettled"), no(409, "payment.unsettled"), ...bought());
  const paying = purchase.confirm(CHOICE);
  await vi.advanceTimersByTimeAsync(4000);
  await paying;
  expect(purchase.step).toBe("bought");
  expect(new Set(purchases().map(({ key }) => key)).size).toBe(1);
});

test("a payment whose end the house does not know is looked after until it does", async () => {
  const purchase = await held();
  answers.push(json(201, payment("paying")));
  await purchase.confirm(CHOICE);
  expect(purchase.step).toBe("settling");
  purchase.tick();
  expect(calls.length).toBe(3);
  answers.push(json(200, payment("paying")));
  vi.advanceTimersByTime(3000);
  purchase.tick();
  await vi.advanceTimersByTimeAsync(1);
  answers.push(...bought());
  vi.advanceTimersByTime(3000);
  purchase.tick();
  await vi.advanceTimersByTimeAsync(1);
  expect(purchase).toMatchObject({ step: "bought", order: { id: "o1" } });
});

test("what the bank wants is a step of its own, and afterwards the house is asked", async () => {
  const purchase = await held();
  const action = { kind: "page", url: "/sandbox/payments/x", client_secret: null } as const;
  answers.push(json(201, payment("action_required", { action, expires_at: soon(900_000) })));
  await purchase.confirm(CHOICE);
  expect(purchase).toMatchObject({ step: "action", paying: { action } });
  answers.push(...bought());
  await purchase.goOn();
  expect(calls.at(-2)).toMatchObject({ method: "POST", path: "/api/v1/purchases/p1/continue" });
  expect(purchase.step).toBe("bought");
});

test("a buyer whom the bank does not know comes back to the slip with the reason", async () => {
  const purchase = await held();
  answers.push(json(201, payment("action_required")));
  await purchase.confirm(CHOICE);
  answers.push(json(200, payment("declined", { reason: "authentication_failed" })), json(200, quote()));
  await purchase.goOn();
  expect(purchase).toMatchObject({ step: "slip", paying: null, trouble: { kind: "declined", reason: "authentication_failed" } });
});

test("giving up at the bank's page brings the slip back, unless it was paid in that moment", async () => {
  const purchase = await held();
  answers.push(json(201, payment("action_required")));
  await purchase.confirm(CHOICE);
  answers.push(json(200, payment("given_up")), json(200, quote()));
  await purchase.giveUp();
  expect(purchase).toMatchObject({ step: "slip", paying: null });
  answers.push(json(201, payment("action_required")));
  await purchase.confirm(CHOICE);
  answers.push(...bought());
  await purchase.giveUp();
  expect(purchase.step).toBe("bought");
});

test("what is paid at a shop is ordered, and waits for its money", async () => {
  const purchase = await held();
  answers.push(json(201, payment("awaiting", { order_id: "o1" })), json(200, { id: "o1", pay: { number: "12345" } }));
  await purchase.confirm({ ...CHOICE, pay: { type: "konbini" } });
  expect(purchase).toMatchObject({ step: "awaiting", order: { pay: { number: "12345" } } });
  expect(purchases()[0]!.body).toMatchObject({ pay: { type: "konbini" }, hold_ids: ["h1"] });

  answers.push(json(200, { id: "o1", state: "paid", pay: null }));
  await purchase.paidAtShop();
  expect(purchase).toMatchObject({ step: "bought", order: { state: "paid" } });
});

test("a payment that was under way when the page was left is taken up where it is", async () => {
  const purchase = new Purchase("s1");
  answers.push(json(200, payment("action_required", { action: { kind: "page", url: "/x", client_secret: null } })));
  await purchase.open([hold({ state: "confirming", purchase_id: "p1" })]);
  expect(purchase.step).toBe("action");
});

test("time that runs out over a lost answer is not called the end before the server says so", async () => {
  const purchase = await held();
  answers.push(lost, json(200, hold({ state: "sold", order_id: "o1" })), json(200, { id: "o1" }));
  await purchase.confirm(CHOICE);
  vi.advanceTimersByTime(301_000);
  purchase.tick();
  await vi.advanceTimersByTimeAsync(10);
  expect(purchase).toMatchObject({ step: "bought", order: { id: "o1" } });
});

test("a lost answer whose payment is under way is taken up where it is", async () => {
  const purchase = await held();
  answers.push(lost, json(200, hold({ state: "confirming", purchase_id: "p1" })), json(200, payment("action_required")));
  await purchase.confirm(CHOICE);
  vi.advanceTimersByTime(301_000);
  await purchase.tick();
  expect(calls.at(-1)).toMatchObject({ method: "GET", path: "/api/v1/purchases/p1" });
  expect(purchase).toMatchObject({ step: "action", trouble: null });
});

test("a bank's step that is over is asked about now and then, not at every tick", async () => {
  const purchase = await held();
  answers.push(json(201, payment("action_required", { expires_at: soon(60_000) })));
  await purchase.confirm(CHOICE);
  vi.advanceTimersByTime(60_000);
  answers.push(json(200, payment("action_required", { expires_at: soon(0) })));
  for (let n = 0; n < 4; n += 1) {
    await purchase.tick();
    vi.advanceTimersByTime(250);
  }
  expect(calls.filter(({ path }) => path.endsWith("/continue"))).toHaveLength(1);
  answers.push(json(200, payment("declined", { reason: "expired" })), json(200, quote()));
  vi.advanceTimersByTime(3000);
  await purchase.tick();
  expect(purchase).toMatchObject({ step: "slip", trouble: { kind: "declined" } });
});

test("whoever is no longer signed in hears of it when the time is over, too", async () => {
  const purchase = await held("s1", { hold_ids: ["h1", "h2"] });
  answers.push(no(401, "auth.required"));
  vi.advanceTimersByTime(301_000);
  await expect(purchase.tick()).rejects.toMatchObject({ status: 401 });
});

test("sold out says how many are left and keeps looking", async () => {
  const purchase = new Purchase(null);
  answers.push(no(409, "stock.sold_out", { available: 0, waiting: 2 }));
  await purchase.buy("v1", 1);
  expect(purchase).toMatchObject({ step: "look", trouble: { kind: "sold_out", available: 0 } });
});

test("who stands in line waits; who came just in time holds it", async () => {
  const purchase = new Purchase("s1");
  const wait = { id: "w1", ahead: 1, hold_id: null, server_time: new Date().toISOString() } as Wait;
  answers.push(json(201, wait));
  await purchase.standInLine("v1", 1);
  expect(purchase).toMatchObject({ step: "look", wait: { id: "w1" } });
  expect(calls[0]).toMatchObject({ path: "/api/v1/waits", body: { variant_id: "v1", quantity: 1, show_id: "s1" } });
  answers.push(done);
  await purchase.leaveLine("w1");
  expect(purchase.wait).toBeNull();
  answers.push(json(201, { ...wait, hold_id: "h1" }), json(200, quote()));
  await purchase.standInLine("v1", 1);
  expect(purchase.step).toBe("slip");
});

test("a hold that another window already bought ends at its order", async () => {
  const purchase = await held();
  answers.push(no(409, "hold.wrong_state"), json(200, hold({ state: "sold", order_id: "o1" })), json(200, { id: "o1" }));
  await purchase.confirm(CHOICE);
  expect(purchase).toMatchObject({ step: "bought", order: { id: "o1" } });
});

test("an empty basket after another window bought it is not called expired", async () => {
  const purchase = await held();
  answers.push(json(200, null), json(200, hold({ state: "sold", order_id: "o1" })), json(200, { id: "o1" }));
  await purchase.refresh();
  expect(purchase).toMatchObject({ step: "bought", order: { id: "o1" } });
});

test("another prefecture may cost another fee, and the slip says so before it binds", async () => {
  const purchase = await held();
  answers.push(json(200, quote()), json(200, quote({ total: 2940 })));
  await purchase.shipTo("沖縄県");
  expect(calls.at(-1)).toMatchObject({ path: "/api/v1/quotes", body: { hold_ids: ["h1"], prefecture: "沖縄県" } });
  expect(purchase.quote?.totals.total).toBe(2940);
});

test("taking the last thing off the slip ends it, taking one of two keeps the other", async () => {
  const purchase = await held("s1", { hold_ids: ["h1", "h2"] });
  answers.push(done, json(200, quote({ hold_ids: ["h2"] })));
  await purchase.putBack("h1");
  expect(purchase).toMatchObject({ step: "slip", quote: { hold_ids: ["h2"] } });
  answers.push(done);
  await purchase.putBack("h2");
  expect(purchase).toMatchObject({ step: "look", quote: null });
});

test("giving the slip back gives everything on it back, after buying it gives nothing", async () => {
  const purchase = await held("s1", { hold_ids: ["h1", "h2"] });
  answers.push(done, done);
  await purchase.giveBack();
  expect(calls.slice(-2)).toMatchObject([{ method: "DELETE", path: "/api/v1/holds/h1" }, { method: "DELETE", path: "/api/v1/holds/h2" }]);
  const other = await held();
  answers.push(...bought());
  await other.confirm(CHOICE);
  await other.giveBack();
  expect(calls.at(-1)?.method).toBe("GET");
});

test("without a session the caller is told", async () => {
  const purchase = new Purchase(null);
  answers.push(no(401, "auth.required"));
  await expect(purchase.buy("v1", 1)).rejects.toMatchObject({ status: 401 });
  expect(purchase.busy).toBe(false);
});

test("the room is told only when the buyer wishes it", async () => {
  const purchase = await held();
  answers.push(no(409, "payment.declined", { reason: "card_declined" }), ...bought());
  await purchase.confirm(CHOICE);
  await purchase.confirm({ ...CHOICE, tell_room: true });
  expect(purchases().map(({ body }) => body)).toEqual([
    { hold_ids: ["h1"], total: 2140, save: false, pay: { type: "card", card_id: "c1" } },
    { hold_ids: ["h1"], total: 2140, save: false, pay: { type: "card", card_id: "c1" }, tell_room: true },
  ]);
});

test("what is held moving elsewhere does not take away what the buyer was just told", async () => {
  const purchase = await held();
  answers.push(no(409, "payment.declined", { reason: "card_declined" }), json(200, quote()));
  await purchase.confirm(CHOICE);
  await purchase.refresh();
  expect(purchase).toMatchObject({ step: "slip", trouble: { kind: "declined", reason: "card_declined" } });
});

test("a slip knows from the beginning where it goes when that was said on an earlier one", async () => {
  const purchase = new Purchase("s1", "北海道");
  answers.push(json(201, hold()), json(200, quote()), json(200, quote({ total: 2900 })));
  await purchase.buy("v1", 1);
  expect(calls.at(-1)).toMatchObject({ path: "/api/v1/quotes", body: { hold_ids: ["h1"], prefecture: "北海道" } });
  expect(purchase.quote?.totals.total).toBe(2900);
});
