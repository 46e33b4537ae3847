import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Line } from "../api/types";
import { allowed, appoint, block, report, timeOut } from "./line-acts";

const line = (account: Partial<Line["account"]> = {}, more: Partial<Line> = {}): Line => ({
  id: "l1", offset: 1, at: "", media_ms: null, kind: "said", text: "hi", question: false, listing_id: null, quantity: null, quiet: false,
  account: { id: "a", name: "Ann", seller: false, moderator: false, ...account },
  ...more,
});
const can = (...of: Parameters<typeof allowed>) => Object.entries(allowed(...of)).flatMap(([what, may]) => (may ? [what] : []));

describe("who may do what with a line", () => {
  test("a viewer", () => {
    expect(can(line(), null, "me")).toEqual(["mention", "copy", "hide", "report"]);
    expect(can(line(), null, null)).toEqual(["copy", "hide"]);
    expect(can(line({ id: "me" }), null, "me")).toEqual(["copy"]);
    expect(can(line({ seller: true }), null, "me")).toEqual(["mention", "copy", "report"]);
  });
  test("those who keep order, towards guests and towards each other", () => {
    expect(can(line(), "moderator", "me")).toEqual(["mention", "copy", "hide", "remove", "pin", "restrain"]);
    expect(can(line(), "owner", "me")).toContain("appoint");
    expect(can(line({ moderator: true }), "owner", "me")).toEqual(["mention", "copy", "remove", "pin", "appoint"]);
    expect(can(line({ seller: true }), "moderator", "me")).toEqual(["mention", "copy", "remove", "pin"]);
  });
  test("what only the stall hears is not put over the chat, a stamp is not copied", () => {
    expect(can(line({}, { quiet: true }), "owner", "me")).not.toContain("pin");
    expect(can(line({}, { kind: "stamp" }), "owner", "me")).not.toContain("copy");
  });
});

describe("an act and its undo", () => {
  const calls: string[] = [];
  beforeEach(() => {
    calls.length = 0;
    vi.stubGlobal("fetch", async (url: string, { method, body }: RequestInit) => {
      calls.push([method, url, body].filter(Boolean).join(" "));
      return new Response(null, { status: 204 });
    });
  });
  afterEach(() => vi.unstubAllGlobals());
  const place = { show_id: "s", store_id: "t", line: line() };

  test("time out and release", async () => {
    await (await timeOut(place, 600))?.();
    expect(calls).toEqual(['PUT /api/v1/stores/t/timeouts/a {"seconds":600}', "DELETE /api/v1/stores/t/timeouts/a"]);
  });
  test("block, with the last lines", async () => {
    await (await block(place, true))?.();
    expect(calls).toEqual(['PUT /api/v1/stores/t/blocks/a {"remove_lines":true}', "DELETE /api/v1/stores/t/blocks/a"]);
  });
  test("dismiss and appoint again", async () => {
    await (await appoint(place, false))?.();
    expect(calls).toEqual(["DELETE /api/v1/stores/t/moderators/a", "PUT /api/v1/stores/t/moderators/a"]);
  });
  test("a report cannot be taken back", async () => {
    expect(await report(place, "fraud", " odd ")).toBeNull();
    expect(calls).toEqual(['POST /api/v1/shows/s/lines/l1/reports {"reason":"fraud","note":"odd"}']);
  });
});
