import { beforeAll, describe, expect, it } from "vitest";
import { addWords, setLang } from "../ui/i18n";
import words from "../ui/locale/house.en";
import { told } from "./acts";
import type { Act } from "./types";

const act = (name: string, detail: Record<string, unknown> = {}): Act =>
  ({ act: name, detail, account: { id: "1", name: "Kazu" } }) as unknown as Act;

/** Every act that reaches the trail. */
const ACTS = [
  "line.removed", "account.blocked", "account.unblocked", "account.timed_out", "account.released", "moderator.appointed",
  "moderator.dismissed", "word.added", "word.removed", "rules.changed", "report.settled", "question.merged", "question.dropped",
  "notice.set", "notice.taken", "vote.begun", "vote.closed",
];

describe("the trail is told in sentences", () => {
  beforeAll(() => {
    setLang("en");
    addWords(words);
  });

  it.each(ACTS)("%s", (name) => expect(told(act(name))).not.toContain(name));

  it("names people, words and times", () => {
    expect(told(act("account.blocked"))).toContain("Kazu");
    expect(told(act("word.added", { word: "spam" }))).toContain("spam");
    expect(told(act("account.timed_out", { seconds: 600 }))).toContain("10");
  });

  it("says which rule was changed to what", () => {
    expect(told(act("rules.changed", { shield: false, slow_s: 30 }))).toBe("Shield off, slow mode 30 s");
  });

  it("tells what it does not know by its name", () => expect(told(act("roof.mended"))).toBe("roof.mended"));
});
