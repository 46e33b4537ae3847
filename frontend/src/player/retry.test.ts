import { expect, test } from "vitest";
import { ApiError } from "../api/client";
import { isFinal } from "./retry";

test("a refusal is final, trouble is not", () => {
  expect(isFinal(new ApiError(409, "show.wrong_state"))).toBe(true);
  expect(isFinal(new ApiError(403, "auth.forbidden"))).toBe(true);
  expect(isFinal(new ApiError(404, "not_found"))).toBe(true);
  expect(isFinal(new ApiError(0, "net.offline"))).toBe(false);
  expect(isFinal(new ApiError(409, "media.full"))).toBe(false);
  expect(isFinal(new ApiError(429, "limits.too_fast"))).toBe(false);
  expect(isFinal(new ApiError(500, "server.failed"))).toBe(false);
  expect(isFinal(new TypeError("the connection was lost"))).toBe(false);
});
