import { describe, expect, it } from "vitest";
import { ApiError } from "../api/client";
import { known, toTrouble } from "./trouble";

const away = new ApiError(503, "server.away", { retry_after: 5 });

describe("a market that does not answer", () => {
  it("is not taken for a connection that is gone", () => {
    expect(toTrouble(away, "offline")).toEqual({ kind: "other", error: away });
    expect(toTrouble(new ApiError(0, "net.offline"), "offline")).toEqual({ kind: "offline" });
  });

  it("leaves a payment in doubt, to be sent again with its key", () => {
    expect(toTrouble(away, "unsure")).toEqual({ kind: "unsure" });
    expect(known(away)).toBe(false);
  });
});
