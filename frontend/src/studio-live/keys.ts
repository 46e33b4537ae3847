/** What the keys of a laptop do in the studio. None of them ends the show. */
export type Press = "answer" | "later" | "drop" | "pin" | "same" | "down" | "up" | "mute" | "vote" | "house" | "say" | "help" | "away";

export const KEYS: readonly (readonly [string, Press])[] = [
  ["A", "answer"],
  ["P", "pin"],
  ["L", "later"],
  ["S", "same"],
  ["D", "drop"],
  ["J", "down"],
  ["K", "up"],
  ["/", "say"],
  ["V", "vote"],
  ["H", "house"],
  ["M", "mute"],
  ["?", "help"],
  ["Esc", "away"],
];

/** What may be held down: the way through the list. */
const REPEATS: readonly Press[] = ["down", "up"];

type KeyPress = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey" | "repeat" | "isComposing">;

/** What a key asks for; null for every other key, and while something is being written. */
export function pressed(event: KeyPress, writing: boolean): Press | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null;
  if (event.key === "Escape") return writing ? null : "away";
  if (writing) return null;
  const letter = /^[a-z]$/i.test(event.key);
  if (letter && event.shiftKey) return null;
  const found = KEYS.find(([key]) => key === (letter ? event.key.toUpperCase() : event.key))?.[1] ?? null;
  return found && event.repeat && !REPEATS.includes(found) ? null : found;
}

/** Whether keys go into what is focused. */
export function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["radio", "checkbox", "button"].includes(target.type);
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
