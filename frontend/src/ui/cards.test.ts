import { expect, test } from "vitest";
import { cardName } from "./cards";

test("a card is called by its brand and last digits, or by the digits alone", () => {
  expect(cardName({ brand: "jcb", last4: "0505" })).toBe("JCB ···· 0505");
  expect(cardName({ brand: "other", last4: "0505" })).toBe("···· 0505");
  expect(cardName({ brand: null, last4: null })).toBe("");
});
