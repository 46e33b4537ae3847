import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Hold } from "../api/types";
import { Purchase } from "./purchase.svelte";

const soon = () => new Date(Date.now() + 300_000).toISOString();
const hold = (change: Partial<Hold> = {}) =>
  ({ id: "h1", state: "held", quantity: 1, expires_at: soon(), server_time: new Date().toISOString(), ...change }) as Hold;

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
const lost = () => {
  throw new TypeError("no network");
};

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
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function held(): Promise<Purchase> {
  const purchase = new Purchase();
  answers.push(json(201, hold()));
  await purchase.buy("v1", 1, "s1");
  return purchase;
}

test("a hold turns the sheet into the slip, and runs out by the server's clock", async () => {
  const purchase = await held();
  expect(purchase.step).toBe("slip");
  vi.advanceTimersByTime(299_000);
  purchase.tick();
  expect(purchase.step).toBe("slip");
  vi.advanceTimersByTime(1_000);
  purchase.tick();
  expect(purchase.step).toBe("expired");
});

test("a lost answer is asked for again with the same key, a decided one with a new key", async () => {
  const purchase = await held();
  answers.push(lost, no(409, "payment.declined", { reason: "generic" }), json(201, { id: "o1" }));
  await purchase.confirm(null, null, "c1", false);
  expect(purchase.trouble).toEqual({ kind: "unsure" });
  await purchase.confirm(null, null, "c1", false);
  expect(purchase.trouble).toEqual({ kind: "declined" });
  expect(purchase.step).toBe("slip");
  await purchase.confirm(null, null, "c1", false);
  expect(purchase.step).toBe("bought");
  const keys = calls.slice(1).map(({ key }) => key);
  expect(keys[0]).toBe(keys[1]);
  expect(keys[2]).not.toBe(keys[1]);
});

test("a payment that is not settled yet is asked for again with the same key", async () => {
  const purchase = await held();
  answers.push(no(409, "payment.unsettled"), no(409, "payment.unsettled"), json(201, { id: "o1" }));
  const paying = purchase.confirm(null, null, "c1", false);
  await vi.advanceTimersByTimeAsync(4000);
  await paying;
  expect(purchase.step).toBe("bought");
  expect(new Set(calls.slice(1).map(({ key }) => key)).size).toBe(1);
});

test("time that runs out over a lost answer is not called the end before the server says so", async () => {
  const purchase = await held();
  answers.push(lost, json(200, hold({ state: "sold", order_id: "o1" })), json(200, { id: "o1" }));
  await purchase.confirm(null, null, "c1", false);
  vi.advanceTimersByTime(301_000);
  purchase.tick();
  await vi.advanceTimersByTimeAsync(10);
  expect(purchase).toMatchObject({ step: "bought", order: { id: "o1" } });
});

test("sold out says how many are left and keeps looking", async () => {
  const purchase = new Purchase();
  answers.push(no(409, "stock.sold_out", { available: 0 }));
  await purchase.buy("v1", 1, null);
  expect(purchase).toMatchObject({ step: "look", trouble: { kind: "sold_out", available: 0 } });
});

test("a hold that another window already bought ends at its order", async () => {
  const purchase = await held();
  answers.push(no(409, "hold.wrong_state"), json(200, hold({ state: "sold", order_id: "o1" })), json(200, { id: "o1" }));
  await purchase.confirm(null, null, "c1", false);
  expect(purchase).toMatchObject({ step: "bought", order: { id: "o1" } });
});

test("closing the slip gives the units back, closing after buying does not", async () => {
  const purchase = await held();
  answers.push(() => new Response(null, { status: 204 }));
  purchase.giveBack();
  expect(calls.at(-1)).toMatchObject({ method: "DELETE", path: "/api/v1/holds/h1" });
  const other = await held();
  answers.push(json(201, { id: "o1" }));
  await other.confirm(null, null, "c1", false);
  other.giveBack();
  expect(calls.at(-1)?.method).toBe("POST");
});

test("without a session the caller is told", async () => {
  const purchase = new Purchase();
  answers.push(no(401, "auth.required"));
  await expect(purchase.buy("v1", 1, null)).rejects.toMatchObject({ status: 401 });
  expect(purchase.busy).toBe(false);
});

test("the room is told only when the buyer wishes it", async () => {
  const purchase = await held();
  answers.push(no(409, "payment.declined", { reason: "card_declined" }), json(201, { id: "o1" }));
  await purchase.confirm(null, null, "c1", false);
  await purchase.confirm(null, null, "c1", false, true);
  expect(calls.slice(1).map(({ body }) => body)).toEqual([
    { card_id: "c1", save: false },
    { card_id: "c1", save: false, tell_room: true },
  ]);
});
