import { beforeEach, expect, test, vi } from "vitest";

const load = async () => (await import("./visitor")).visitorKey;

beforeEach(() => vi.resetModules());

function box(): Pick<Storage, "getItem" | "setItem"> {
  const kept = new Map<string, string>();
  return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => void kept.set(name, value) };
}

test("tabs and later pages of a browser have the same key", async () => {
  const browser = box();
  const first = (await load())(() => browser);
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  vi.resetModules();
  expect((await load())(() => browser)).toBe(first);
});

test("what is no key is replaced", async () => {
  const browser = box();
  browser.setItem("ennichi.visitor", "a b&c=d");
  const key = (await load())(() => browser);
  expect(key).toMatch(/^[0-9a-f]{32}$/);
  expect(browser.getItem("ennichi.visitor")).toBe(key);
});

test("a browser that keeps nothing has one key per page", async () => {
  const forbidden = (): never => {
    throw new DOMException("no", "SecurityError");
  };
  const visitorKey = await load();
  expect(visitorKey(forbidden)).toBe(visitorKey(forbidden));
  vi.resetModules();
  expect((await load())(forbidden)).not.toBe(visitorKey(forbidden));
});
