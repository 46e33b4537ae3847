import { describe, expect, it } from "vitest";
import { addWords, LANGS, lookUp, setLang, t } from "./i18n";

const files = import.meta.glob<Record<string, string>>("./locale/*.ts", { eager: true, import: "default" });
const areas = [...new Set(Object.keys(files).map((path) => path.replace(/^\.\/locale\/(\w+)\.\w+\.ts$/, "$1")))];
const of = (area: string, lang: string): Record<string, string> => files[`./locale/${area}.${lang}.ts`] ?? {};
const holes = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].sort();

describe.each(areas)("words of %s", (area) => {
  it("are there in every language", () => {
    for (const lang of LANGS) expect(Object.keys(of(area, lang)).sort(), lang).toEqual(Object.keys(of(area, "en")).sort());
  });

  it("say something, and have the same holes in every language", () => {
    for (const [key, english] of Object.entries(of(area, "en"))) {
      for (const lang of LANGS) {
        const text = of(area, lang)[key] ?? "";
        expect(text.trim(), `${key} ${lang}`).not.toBe("");
        expect(holes(text), `${key} ${lang}`).toEqual(holes(english));
      }
    }
  });
});

it("no two areas use the same key", () => {
  const keys = areas.flatMap((area) => Object.keys(of(area, "en")));
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
});

describe("t", () => {
  it("chooses between one and many, and groups numbers", () => {
    setLang("en");
    addWords({ "market.stallCount": "{count} stall|{count} stalls" });
    expect(t("market.stallCount", { count: 1 })).toBe("1 stall");
    expect(t("market.stallCount", { count: 1204 })).toBe("1,204 stalls");
  });

  it("leaves what it was not given", () => {
    addWords({ "market.results": "Found for “{q}”" });
    expect(t("market.results")).toBe("Found for “{q}”");
  });

  it("does not take what a person wrote for a hole of its own", () => {
    expect(t("market.results", { q: "{q}|$1" })).toBe("Found for “{q}|$1”");
  });

  it("says null for a key nobody wrote", () => expect(lookUp("error.of.another.world")).toBeNull());
});
