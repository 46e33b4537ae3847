/** A key this browser keeps for itself, so that its tabs and reconnections count as one viewer. It says nothing about who it is. */
const NAME = "ennichi.visitor";

let forThisPage: string | null = null;

/** The key: kept in the browser, or, where nothing can be kept, made for this page. */
export function visitorKey(store: () => Pick<Storage, "getItem" | "setItem"> = () => localStorage): string {
  if (forThisPage !== null) return forThisPage;
  try {
    const box = store();
    const known = box.getItem(NAME);
    forThisPage = known && /^[a-z0-9]{20,64}$/.test(known) ? known : fresh();
    if (forThisPage !== known) box.setItem(NAME, forThisPage);
  } catch {
    forThisPage ??= fresh();
  }
  return forThisPage;
}

function fresh(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
