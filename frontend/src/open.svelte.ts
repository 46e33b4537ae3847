/** Which page is open. Follows the address; a page is shown once its script and its words are here. */
import type { Component } from "svelte";
import { missing, routes } from "./routes";
import { loadAreas, type Area } from "./ui/i18n";
import { match, type PageProps, type Reason, type Route } from "./ui/router";

interface Open {
  /** null until the first page is here, or when its script could not be fetched */
  page: Component<PageProps> | null;
  params: Record<string, string>;
  query: URLSearchParams;
  pathname: string;
  theme: Route["theme"];
  failed: boolean;
}

let shown: Open = $state.raw({ page: null, params: {}, query: new URLSearchParams(), pathname: "", theme: "paper", failed: false });
/** Reactive. */
export const current = (): Open => shown;

export const isOurs = (pathname: string): boolean => match(routes, pathname) !== null;
let turn = 0;

/** On paper the sentences of what may go wrong come with the page; a show fetches them once its picture is there. */
const areasOf = (route: Route): readonly Area[] => (route.theme === "paper" ? ["errors", ...route.areas] : route.areas);

async function bring(): Promise<Open> {
  const { pathname, search } = location;
  const { route, params } = match(routes, pathname) ?? { route: missing, params: {} };
  const base = { params, query: new URLSearchParams(search), pathname, theme: route.theme };
  try {
    const [module] = await Promise.all([route.load(), loadAreas(areasOf(route))]);
    return { ...base, page: module.default as Component<PageProps>, failed: false };
  } catch {
    return { ...base, page: null, failed: true };
  }
}

export async function firstPage(): Promise<void> {
  shown = await bring();
}

/** Fetches pages that are likely to be next, so that they open at once, and open at all when the connection goes. */
export function fetchAhead(pathnames: readonly string[]): void {
  for (const pathname of pathnames) {
    const found = match(routes, pathname);
    if (found) void Promise.all([found.route.load(), loadAreas(areasOf(found.route))]).catch(() => undefined);
  }
}

const depths = new Map<string, number>();
const place = (): string => `${location.pathname}${location.search}`;
let left = place();

/** Shows what the address says now. Scrolls to the top, to where the reader was (on the way back), or to the #part. */
export async function follow(reason: Reason): Promise<void> {
  const mine = ++turn;
  depths.set(left, scrollY);
  left = place();
  const samePage = location.pathname === shown.pathname;
  const next = await bring();
  if (mine !== turn) return;
  shown = next;
  requestAnimationFrame(() => {
    const part = location.hash ? document.getElementById(location.hash.slice(1)) : null;
    if (part) part.scrollIntoView();
    else if (reason === "pop") scrollTo(0, depths.get(place()) ?? 0);
    else if (reason === "push") {
      if (!samePage) document.querySelector<HTMLElement>("main")?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
  });
}
