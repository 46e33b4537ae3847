/** A small history router. `App.svelte` listens; pages and components call `navigate` or write plain links. */
import type { Component } from "svelte";
import type { Area } from "./i18n";

/** Every page gets these. `query` changes without the page being made anew; `params` do not. */
export interface PageProps {
  params: Record<string, string>;
  query: URLSearchParams;
}

export interface Route {
  /** segments, `:name` takes one: "/shows/:id/studio" */
  path: string;
  theme: "night" | "paper";
  areas: readonly Area[];
  load: () => Promise<{ default: Component<PageProps> | Component<Record<string, never>> }>;
}

export interface Match {
  route: Route;
  params: Record<string, string>;
}

/** The first route whose path fits, with what its `:names` took; null when none does. */
export function match(routes: readonly Route[], pathname: string): Match | null {
  const parts = segments(pathname);
  for (const route of routes) {
    const params = fit(segments(route.path), parts);
    if (params) return { route, params };
  }
  return null;
}

const segments = (path: string): string[] => path.split("/").filter(Boolean);

function fit(pattern: string[], parts: string[]): Record<string, string> | null {
  if (pattern.length !== parts.length) return null;
  const params: Record<string, string> = {};
  for (const [index, segment] of pattern.entries()) {
    const part = parts[index] as string;
    if (segment.startsWith(":")) {
      const value = decode(part);
      if (value === null) return null;
      params[segment.slice(1)] = value;
    } else if (segment !== part) return null;
  }
  return params;
}

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

export type Reason = "push" | "replace" | "pop";
type Listener = (reason: Reason) => void;
const listeners = new Set<Listener>();
/** Is called after the address changed. Returns how to stop listening. */
export function onNavigate(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
const tell = (reason: Reason): void => listeners.forEach((listener) => listener(reason));

/** Goes to a path of this site, such as "/orders?x=1". */
export function navigate(to: string, { replace = false } = {}): void {
  if (replace) history.replaceState({ inside: (history.state as { inside?: boolean } | null)?.inside ?? false }, "", to);
  else history.pushState({ inside: true }, "", to);
  tell(replace ? "replace" : "push");
}

/** One step back where this visit has one, else to `fallback`: a page opened from outside still has a way up. */
export function goBack(fallback = "/"): void {
  if ((history.state as { inside?: boolean } | null)?.inside) history.back();
  else navigate(fallback, { replace: true });
}

/** The address to come back to after signing in; anything but a path of this site becomes "/". */
export function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : "/";
}

/** To the sign-in page, and back here afterwards. */
export function askToSignIn(): void {
  navigate(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}

/** Makes plain links of this site change the page without a reload. Returns how to stop. */
export function interceptLinks(isOurs: (pathname: string) => boolean): () => void {
  const click = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest("a");
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin || !isOurs(link.pathname)) return;
    if (link.pathname === location.pathname && link.search === location.search && link.hash) return;
    event.preventDefault();
    const to = link.pathname + link.search + link.hash;
    const here = link.pathname === location.pathname && link.search === location.search;
    navigate(to, { replace: here });
    if (here) scrollTo({ top: 0 });
  };
  const pop = (): void => tell("pop");
  document.addEventListener("click", click);
  addEventListener("popstate", pop);
  return () => {
    document.removeEventListener("click", click);
    removeEventListener("popstate", pop);
  };
}
