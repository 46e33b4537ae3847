import { describe, expect, it, vi } from "vitest";
import { bars, standing, tell, wayBack, type SandboxPayment } from "./payment";

const payment: SandboxPayment = {
  reference: "sandbox_x",
  method: "card",
  state: "authorised",
  reason: null,
  amount: 2140,
  currency: "JPY",
  brand: "visa",
  last4: "3184",
  number: null,
  confirmation: null,
  expires_at: null,
  return_url: "",
  server_time: "2026-11-22T11:00:00Z",
};

function place(around: "parent" | "opener" | null): { here: Window; said: ReturnType<typeof vi.fn> } {
  const said = vi.fn();
  const other = { postMessage: said } as unknown as Window;
  const here = { location: { origin: "https://market.example" }, opener: null } as unknown as Window;
  Object.assign(here, { parent: here }, around ? { [around]: other } : {});
  return { here, said };
}

describe("telling", () => {
  it("tells the page around it, or the one that opened it, and only pages of our own", () => {
    for (const around of ["parent", "opener"] as const) {
      const { here, said } = place(around);
      tell(payment, here);
      expect(said).toHaveBeenCalledWith({ type: "ennichi:payment", reference: "sandbox_x", state: "authorised" }, "https://market.example");
    }
  });

  it("tells nobody when it stands alone", () => {
    const { here, said } = place(null);
    tell(payment, here);
    expect(said).not.toHaveBeenCalled();
  });
});

it("leads back to pages of our own alone", () => {
  const origin = "https://market.example";
  expect(wayBack("https://market.example/shows/1?x=1#y", origin)).toBe("/shows/1?x=1#y");
  expect(wayBack("/orders", origin)).toBe("/orders");
  for (const bad of ["", "https://evil.example/", "//evil.example", "javascript:alert(1)", "http://["]) expect(wayBack(bad, origin)).toBeNull();
});

it("knows what is open, done and failed", () => {
  const at = (state: SandboxPayment["state"]): string => standing({ ...payment, state });
  expect([at("action_required"), at("awaiting")]).toEqual(["open", "open"]);
  expect([at("authorised"), at("captured")]).toEqual(["done", "done"]);
  expect([at("declined"), at("cancelled")]).toEqual(["failed", "failed"]);
});

it("draws a number as interleaved two of five", () => {
  expect(bars("12")).toEqual([1, 1, 1, 1, 3, 1, 1, 3, 1, 1, 1, 1, 3, 3, 3, 1, 1]);
  expect(bars("1")).toEqual(bars("01"));
  expect(bars("12345678901").length).toBe(4 + 6 * 10 + 3);
});
