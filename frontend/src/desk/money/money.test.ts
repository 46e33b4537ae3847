import { beforeAll, describe, expect, it } from "vitest";
import type { MoneyLine } from "../../api/money";
import { addWords } from "../../ui/i18n";
import errors from "../../ui/locale/errors.en";
import words from "../../ui/locale/money.en";
import { BankForm } from "./bank-form.svelte";
import { change, counts, figureOf, notesOf } from "./lines";

const none: MoneyLine = { id: 1, at: "2026-11-22T11:00:00Z", kind: "sale", order_id: null, order_number: "", waiting: 0, available: 0, reserved: 0, on_the_way: 0, fees: 0 };
const line = (given: Partial<MoneyLine>): MoneyLine => ({ ...none, ...given });

beforeAll(() => {
  addWords(words);
  addWords(errors);
});

describe("a line of the history", () => {
  it("shows what a buyer paid, and that it waits", () => {
    const sale = line({ waiting: 10000 });
    expect([figureOf(sale), counts(sale), notesOf(sale)]).toEqual([10000, false, ["Waits until the goods are received"]]);
  });

  it("shows what came within reach, and what the market took and keeps", () => {
    const settled = line({ kind: "settle", waiting: -10000, available: 8400, reserved: 500, fees: 1100 });
    expect([figureOf(settled), counts(settled), notesOf(settled)]).toEqual([8400, true, ["Fee and tax ¥1,100", "Kept for refunds ¥500"]]);
  });

  it("shows all that goes back to a buyer, whoever it comes from", () => {
    expect(figureOf(line({ kind: "refund", waiting: -2500 }))).toBe(-2500);
    const late = line({ kind: "refund", available: -2100, reserved: -125, fees: -275 });
    expect([figureOf(late), notesOf(late)]).toEqual([-2500, ["Fee and tax ¥275 given back", "¥125 of it from what was kept"]]);
  });

  it("writes a change with its sign", () => {
    expect([change(1480), change(-1480)]).toEqual(["+¥1,480", "−¥1,480"]);
  });
});

describe("the bank account's form", () => {
  it("names every field that is missing or of another length", () => {
    const form = new BankForm(null);
    form.bankCode = "12";
    expect(form.check()).toBe(false);
    expect(Object.keys(form.problems).sort()).toEqual(["bank_code", "bank_name", "branch_code", "branch_name", "holder", "number"]);
    expect(form.problems.number).toBe("Write 7 digits, please.");
  });

  it("takes full-width digits and sends plain ones", () => {
    const form = new BankForm({ bank_code: "0001", bank_name: "ﾐｽﾞﾎ", branch_code: "110", branch_name: "ﾅｺﾞﾔ", kind: "ordinary", ends: "321", holder: "ﾐｵ" });
    expect(form.check()).toBe(false);
    form.number = "７６５-４３２１";
    expect(form.check()).toBe(true);
    expect(form.body()).toMatchObject({ number: "7654321", bank_code: "0001", holder: "ﾐｵ" });
  });
});
