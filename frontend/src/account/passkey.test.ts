import { expect, it } from "vitest";
import { fromBase64url, toBase64url } from "./passkey";

it("carries bytes there and back, without padding and safe in addresses", () => {
  const bytes = new Uint8Array([0, 251, 255, 62, 63, 128, 1]);
  const text = toBase64url(bytes.buffer);
  expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
  expect(new Uint8Array(fromBase64url(text))).toEqual(bytes);
  expect(toBase64url(new ArrayBuffer(0))).toBe("");
});
