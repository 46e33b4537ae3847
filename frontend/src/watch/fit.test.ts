import { describe, expect, test } from "vitest";
import { fit } from "./fit";

const phone = { width: 390, height: 844 };
const column = { width: 728, height: 900 };

describe("a picture on the stage", () => {
  test("fills it when its shape is the stage's", () => {
    expect(fit(phone, 390 / 844, 0.45)).toMatchObject({ width: 390, height: 844, left: 0, top: 0, melts: "none" });
  });

  test("a wide picture on a phone is cropped, but never to less than the part that must be seen", () => {
    const place = fit(phone, 16 / 9, 0.45);
    expect(390 / place.width).toBeCloseTo(0.45);
    expect(place.left).toBeCloseTo(-(place.width - 390) / 2);
    expect(place.melts).toBe("upright");
    expect(place.top).toBeGreaterThan(0);
    expect(place.top + place.height).toBeLessThan(844);
  });

  test("a tall picture on a wide stage stands whole in the middle", () => {
    expect(fit(column, 9 / 16, 1)).toMatchObject({ width: 506.25, height: 900, top: 0, melts: "sideways" });
  });

  test("a stage that is not laid out yet gets nothing", () => {
    expect(fit({ width: 0, height: 0 }, 1, 1)).toMatchObject({ width: 0, height: 0 });
  });
});
