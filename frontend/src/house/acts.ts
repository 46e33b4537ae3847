import { lookUp, t } from "../ui/i18n";
import type { Act } from "./types";

/** What somebody did, as a sentence. An act this program does not know is told by its name. */
export function told({ act, account, detail }: Act): string {
  const who = account?.name ?? "";
  if (act === "rules.changed") return changes(detail);
  const { word, seconds } = detail;
  const params = { who, word: typeof word === "string" ? word : "", minutes: typeof seconds === "number" ? Math.max(1, Math.round(seconds / 60)) : 0 };
  return lookUp(`house.act.${act}`, params) ?? act;
}

function changes(detail: Record<string, unknown>): string {
  const said = Object.entries(detail).flatMap(([rule, value]) => {
    const state = typeof value === "number" ? (value === 0 ? "off" : "seconds") : value ? "on" : "off";
    return lookUp(`house.change.${rule}.${state}`, { count: Number(value) }) ?? [];
  });
  return said.length > 0 ? said.join(t("house.and")) : t("house.act.rules.changed");
}
