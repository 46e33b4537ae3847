import { expect, test } from "vitest";
import type { Quote } from "../api/trade";
import type { Address } from "../api/types";
import { SlipChoice, written, writtenPrefecture } from "./slip.svelte";
import type { TokenCard } from "./gateways";

const quote = { address: null, card: null } as unknown as Quote;
const address = { prefecture: "北海道" } as Address;
const card = { token: "tok", brand: "visa", last4: "3184" } as TokenCard;
const slip = (account_id: string) => new SlipChoice(account_id, () => quote);

test("a slip put aside, or a way to the bank and back, costs nobody what they wrote", () => {
  const first = slip("mio");
  expect(first.opened).toBe("address");
  first.setAddress(address);
  expect(first.opened).toBe("pay");
  first.setPay({ kind: "new", card });
  const next = slip("mio");
  expect(next).toMatchObject({ address, paying: { kind: "new", card }, opened: null, changed: true });
  expect(writtenPrefecture("mio")).toBe("北海道");
  next.payOtherwise();
  expect(next).toMatchObject({ address, paying: null, opened: "pay" });
});

test("somebody else's slip is empty", () => {
  slip("mio").setAddress(address);
  expect(writtenPrefecture("jun")).toBeNull();
  expect(slip("jun").address).toBeNull();
});

test("once it is bought a card's token is spent, and an address stays only where it is not the account's now", () => {
  const kept = slip("sora");
  kept.setAddress(address);
  kept.setPay({ kind: "new", card });
  kept.draft.save = false;
  written();
  expect(slip("sora")).toMatchObject({ address, paying: null });
  kept.draft.save = true;
  written();
  expect(slip("sora").address).toBeNull();
});
