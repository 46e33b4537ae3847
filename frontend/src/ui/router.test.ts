import { describe, expect, it } from "vitest";
import { match, safeNext, type Route } from "./router";

const route = (path: string): Route => ({ path, theme: "paper", areas: [], load: () => Promise.reject(new Error("not opened here")) });
const routes = ["/", "/shows/:id", "/shows/:id/studio", "/studio", "/studio/listings/new", "/studio/listings/:id"].map(route);

describe("match", () => {
  it.each([
    ["/", "/", {}],
    ["/shows/abc", "/shows/:id", { id: "abc" }],
    ["/shows/abc/", "/shows/:id", { id: "abc" }],
    ["/shows/abc/studio", "/shows/:id/studio", { id: "abc" }],
    ["/studio/listings/new", "/studio/listings/new", {}],
    ["/studio/listings/x%20y", "/studio/listings/:id", { id: "x y" }],
  ])("%s is %s", (pathname, path, params) => {
    const found = match(routes, pathname);
    expect(found?.route.path).toBe(path);
    expect(found?.params).toEqual(params);
  });

  it.each(["/shows", "/shows/a/b", "/nowhere", "/shows/%E0%A4%A"])("%s is no page", (pathname) => {
    expect(match(routes, pathname)).toBeNull();
  });
});

describe("safeNext", () => {
  it("keeps paths of this site", () => expect(safeNext("/orders?x=1")).toBe("/orders?x=1"));
  it.each([null, "", "https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)"])("does not follow %s", (next) => {
    expect(safeNext(next)).toBe("/");
  });
});
