/** More of one comment nobody reads while it flies; the chat has all of it. */
const MOST = 40;
const FIRST_LETTER_IS_RTL = /^\P{L}*[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

const segmenter = typeof Intl.Segmenter === "function" ? new Intl.Segmenter() : null;

/** What a reader counts as one sign each: a family emoji is one, a letter with its accents is one. */
function signs(text: string): string[] {
  return segmenter ? Array.from(segmenter.segment(text), ({ segment }) => segment) : Array.from(text);
}

/** The text, cut between two signs so that `widthOf` it is `room` at most. */
export function shorten(text: string, room: number, widthOf: (text: string) => number): string {
  if (text.length <= MOST && widthOf(text) <= room) return text;
  const all = signs(text);
  if (all.length <= MOST && widthOf(text) <= room) return text;
  let fits = 0;
  let tooMany = Math.min(all.length, MOST) + 1;
  while (tooMany - fits > 1) {
    const tried = (fits + tooMany) >> 1;
    if (widthOf(cut(all, tried)) <= room) fits = tried;
    else tooMany = tried;
  }
  return cut(all, fits);
}

const cut = (all: string[], count: number): string => `${all.slice(0, count).join("").trimEnd()}…`;

/** Whether the text reads from right to left, as a browser finds it for `dir="auto"`. */
export const readsFromRight = (text: string): boolean => FIRST_LETTER_IS_RTL.test(text);
