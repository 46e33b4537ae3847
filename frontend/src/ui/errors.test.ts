import { beforeAll, describe, expect, it } from "vitest";
import { ApiError } from "../api/client";
import { fieldSentences, sentence } from "./errors";
import { addWords, setLang } from "./i18n";
import common from "./locale/common.en";
import errors from "./locale/errors.en";

beforeAll(() => {
  setLang("en");
  addWords({ ...common, ...errors });
});

describe("sentence", () => {
  it("knows the code", () => expect(sentence(new ApiError(404, "not_found"))).toBe(common["error.not_found"]));
  it("fills in how long to wait, in whole seconds", () => {
    expect(sentence(new ApiError(429, "limits.too_fast", { retry_after: 2.2 }))).toContain("3 s");
  });
  it("says why a card was declined where it knows", () => {
    expect(sentence(new ApiError(409, "payment.declined", { reason: "expired_card" }))).toBe(errors["error.payment.declined.expired_card"]);
    expect(sentence(new ApiError(409, "payment.declined", { reason: "a new one" }))).toBe(errors["error.payment.declined"]);
  });
  it("never shows a bare code", () => {
    expect(sentence(new ApiError(409, "brand.new"))).toBe(common["error.unknown"]);
    expect(sentence(new ApiError(500, "brand.new"))).toBe(common["error.net.server"]);
    expect(sentence(new TypeError("x is not a function"))).toBe(common["error.unknown"]);
  });
});

describe("fieldSentences", () => {
  it("names fields the way forms do, and reads the schema's own words", () => {
    const error = new ApiError(422, "input.invalid", {
      fields: [
        { path: "variants[0].name", problem: "twice" },
        { path: "$.title", problem: "Expected `str` of length >= 1" },
        { path: "price", problem: "Expected `int` >= 1" },
        { path: "story", problem: "Expected `str` of length <= 4000" },
        { path: "other", problem: "something else" },
      ],
    });
    expect(fieldSentences(error)).toEqual({
      "variants.0.name": errors["problem.twice"],
      title: errors["problem.empty"],
      price: errors["problem.too_small"],
      story: errors["problem.too_long"],
      other: errors["problem.other"],
    });
  });
});
