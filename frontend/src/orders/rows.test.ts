import { render } from "svelte/server";
import { expect, test } from "vitest";
import type { OrderBrief } from "../api/orders";
import { addWords, setLang } from "../ui/i18n";
import common from "../ui/locale/common.en";
import words from "../ui/locale/orders.en";
import OrderRows from "./OrderRows.svelte";

test("older orders are offered under the last one, and only while there are any", () => {
  setLang("en");
  addWords({ ...common, ...words });
  const order = { id: "o1", number: "EN-2611-0001", placed_at: "2026-11-22T11:00:00Z", state: "paid", title: "Bowl", photo: null, quantity: 1, lines_count: 1, total: 1480, unread: 0 } as OrderBrief;
  const rows = (older?: () => Promise<void>): string => render(OrderRows, { props: { orders: [order], who: () => "Kiyo", stands: () => "Paid for", older } }).body;
  expect(rows(async () => undefined)).toMatch(/<\/ul>.*<button[^>]*>.*Show older/s);
  expect(rows()).not.toContain("<button");
});
