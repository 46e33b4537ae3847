/** One stretch of a line; with `href` it leads somewhere. */
export interface Stretch {
  text: string;
  href: string | null;
}

const ADDRESS = /https?:\/\/[^\s<>"'「」『』（）、。]+/g;
/** Marks that end a sentence are not part of the address before them. */
const TRAILING = /[.,;:!?)\]}…]+$/;

/** The addresses in what the stall says. Nobody else's line is ever looked through. */
export function stretches(text: string): Stretch[] {
  const parts: Stretch[] = [];
  let end = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const href = found[0].replace(TRAILING, "");
    if (!isAddress(href)) continue;
    if (found.index > end) parts.push({ text: text.slice(end, found.index), href: null });
    parts.push({ text: href, href });
    end = found.index + href.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), href: null });
  return parts;
}

function isAddress(href: string): boolean {
  try {
    const { protocol, hostname, username } = new URL(href);
    return (protocol === "https:" || protocol === "http:") && hostname.includes(".") && username === "";
  } catch {
    return false;
  }
}
