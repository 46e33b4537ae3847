/** What the server wrote into the page for its first picture: language, who is here, and the data of the page itself. */
import type { Boot, BootPage } from "./api/types";

const EMPTY: Boot = {
  lang: "ja",
  me: { account: null, stores: [], demo: false, mail_in_page: false },
  demo: false,
  server_time: new Date().toISOString(),
  page: { kind: "other" },
};

function read(): Boot {
  const text = document.getElementById("boot")?.textContent;
  return text ? (JSON.parse(text) as Boot) : { ...EMPTY, lang: document.documentElement.lang === "en" ? "en" : "ja" };
}

export const boot: Boot = read();

let page: BootPage | null = boot.page;
/** The first page's data, if it is of this kind. It is given away once: whoever comes back later fetches anew. */
export function takePage<K extends BootPage["kind"]>(kind: K): Extract<BootPage, { kind: K }> | null {
  if (page?.kind !== kind) return null;
  const taken = page as Extract<BootPage, { kind: K }>;
  page = null;
  return taken;
}
