import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { addWords, setLang } from "../../ui/i18n";
import common from "../../ui/locale/common.en";
import errors from "../../ui/locale/errors.en";
import words from "../../ui/locale/money.en";
import { Withdrawal } from "./withdrawal.svelte";

const lost = (): never => {
  throw new TypeError("no network");
};
const no = (status: number, code: string) => () => new Response(JSON.stringify({ error: { code, message: code, params: { available: 900 } } }), { status });
const asked = () => new Response(JSON.stringify({ id: "p1" }), { status: 201 });
let sent: { key: string; amount: number }[] = [];
let answers: (() => Response)[] = [];

/** Asks for these amounts, one after the other, on one sheet. */
async function ask(...amounts: string[]): Promise<Withdrawal> {
  const withdrawal = new Withdrawal("s1", 5000);
  for (const text of amounts) {
    withdrawal.text = text;
    await withdrawal.ask(5000);
  }
  return withdrawal;
}

beforeEach(() => {
  setLang("en");
  addWords({ ...common, ...errors, ...words });
  sent = [];
  vi.stubGlobal("fetch", async (_: string, { headers, body }: RequestInit) => {
    sent.push({ key: (headers as Record<string, string>)["Idempotency-Key"] ?? "", ...(JSON.parse(String(body)) as { amount: number }) });
    return (answers.shift() ?? asked)();
  });
});
afterEach(() => vi.unstubAllGlobals());

test("the same amount after a lost answer is asked for with the same key, however it is typed", async () => {
  answers = [lost, no(503, "server.away"), no(429, "limits.too_fast"), asked];
  const withdrawal = await ask("1,000", "1000", "１０００円", "1000");
  expect(sent.map(({ amount }) => amount)).toEqual([1000, 1000, 1000, 1000]);
  expect(new Set(sent.map(({ key }) => key)).size).toBe(1);
  expect([withdrawal.problem, withdrawal.busy]).toEqual(["", false]);
});

test("another amount has a key of its own, and the first keeps its own", async () => {
  answers = [lost, lost, lost];
  await ask("1000", "2000", "1000");
  const [first, second, third] = sent.map(({ key }) => key);
  expect(second).not.toBe(first);
  expect(third).toBe(first);
});

test("after a refusal the next try is a new wish", async () => {
  answers = [no(409, "payout.too_large"), asked];
  await ask("1000", "1000");
  expect(sent[1]?.key).not.toBe(sent[0]?.key);
});

test("what cannot be asked for is not sent, and one press sends once", async () => {
  expect((await ask("0", "x", "5001")).problem).toBe("You can withdraw ¥5,000 at most.");
  expect(sent).toEqual([]);
  const withdrawal = new Withdrawal("s1", 5000);
  const answered = await Promise.all([withdrawal.ask(5000), withdrawal.ask(5000)]);
  expect(answered).toEqual([{ id: "p1" }, null]);
  expect(sent.map(({ amount }) => amount)).toEqual([5000]);
});
