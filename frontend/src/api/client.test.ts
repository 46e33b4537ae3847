import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError, call, get, newKey, onReach, post, toError } from "./client";

const answers = (status: number, body: string): void => {
  vi.stubGlobal("fetch", vi.fn(() => Promise.resolve(new Response(status === 204 ? null : body, { status }))));
};
const failure = async (promise: Promise<unknown>): Promise<ApiError> => {
  const error: unknown = await promise.then(() => null, (why: unknown) => why);
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
};
afterEach(() => vi.unstubAllGlobals());

describe("call", () => {
  it("gives back what was answered", async () => {
    answers(200, '{"status":"ok"}');
    expect(await get("/health")).toEqual({ status: "ok" });
    answers(204, "");
    expect(await call("DELETE", "/x")).toBeUndefined();
  });

  it("sends JSON with the key of the intention", async () => {
    answers(201, "{}");
    await post("/holds", { variant_id: "v", quantity: 1 }, { key: "k1" });
    const [address, init] = vi.mocked(fetch).mock.calls[0] ?? [];
    expect(address).toBe("/api/v1/holds");
    expect(init?.headers).toMatchObject({ "Idempotency-Key": "k1", "Content-Type": "application/json" });
    expect(init?.body).toBe('{"variant_id":"v","quantity":1}');
  });

  it("turns a business fact into its code and params", async () => {
    answers(409, '{"error":{"code":"stock.sold_out","message":"gone","params":{"available":0}}}');
    const error = await failure(post("/holds", {}));
    expect([error.status, error.code, error.params, error.message]).toEqual([409, "stock.sold_out", { available: 0 }, "gone"]);
  });

  it("names the fields", async () => {
    answers(422, '{"error":{"code":"input.invalid","message":"","params":{"fields":[{"path":"title","problem":"empty"}]}}}');
    expect((await failure(post("/x", {}))).fields).toEqual([{ path: "title", problem: "empty" }]);
  });

  it("says offline when nothing answers, and tells whoever watches", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed")));
    const seen: boolean[] = [];
    const stop = onReach((reached) => seen.push(reached));
    expect((await failure(get("/me"))).code).toBe("net.offline");
    answers(200, "{}");
    await get("/me");
    stop();
    expect(seen).toEqual([false, true]);
  });

  it("does not call an abort a failure of the net", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new DOMException("stop", "AbortError")));
    await expect(get("/me")).rejects.toThrow(DOMException);
  });

  it("keeps calm about answers that are not ours", async () => {
    answers(502, "<html>Bad gateway</html>");
    expect((await failure(get("/me"))).code).toBe("net.server");
    answers(200, '{"cut');
    expect((await failure(get("/me"))).code).toBe("net.garbled");
    expect(toError(403, undefined).code).toBe("net.refused");
    expect(toError(409, { error: { code: "x", params: null } }).params).toEqual({});
  });
});

it("every intention has a key of its own", () => {
  expect(newKey()).toMatch(/^[0-9a-f]{32}$/);
  expect(newKey()).not.toBe(newKey());
});
