/** Which of one's stalls the desk is about: the one the address names, else the one used last, else the first. */
import type { StoreBrief } from "../api/types";
import { keep, kept } from "../ui/kept";

export function chosenStore(stores: readonly StoreBrief[], wanted: string | null): StoreBrief | null {
  const last = kept<string>("store")?.value;
  const found = stores.find((store) => store.id === wanted) ?? stores.find((store) => store.id === last) ?? stores[0] ?? null;
  if (found) keep("store", found.id);
  return found;
}
