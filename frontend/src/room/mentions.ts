/** `@name` in a line, whatever the width and case it is written in. */

const folded = (text: string): string => text.normalize("NFKC").toLowerCase();

/** A letter that would make another, longer name of it. Japanese has no spaces: a name goes on into さん or what follows. */
const GOES_ON = /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Number}_]/u;

/** Whether the line speaks to `name`. */
export function mentions(text: string, name: string): boolean {
  const wanted = folded(name).trim();
  if (wanted === "" || !/[@＠]/.test(text)) return false;
  const line = folded(text);
  const call = `@${wanted}`;
  const endsInWord = GOES_ON.test([...wanted].at(-1) ?? "");
  for (let at = line.indexOf(call); at >= 0; at = line.indexOf(call, at + 1)) {
    if (!endsInWord || !GOES_ON.test(line.slice(at + call.length))) return true;
  }
  return false;
}

/** What is being written, with a name put before it; a name already there stays once. */
export function addressed(text: string, name: string, most: number): string {
  const call = `@${name} `;
  if (text.startsWith(call)) return text;
  const with_name = text === "" || text.startsWith("@") ? `${call}${text.replace(/^@\S*\s*/, "")}` : `${text.trimEnd()} ${call}`;
  return [...with_name].length > most ? text : with_name;
}
