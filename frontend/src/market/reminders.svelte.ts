/** Bells set in the timetable. They live in this browser and ring while the market is open in it, which is what the page says. */
import type { ShowTile } from "../api/types";
import { keep, kept } from "../ui/kept";
import { t } from "../ui/i18n";
import { toast } from "../ui/toast.svelte";

let set: string[] = $state(kept<string[]>("bells")?.value ?? []);

export const hasBell = (show: ShowTile): boolean => set.includes(show.id);

export function toggleBell(show: ShowTile): void {
  const on = !hasBell(show);
  set = on ? [...set, show.id] : set.filter((id) => id !== show.id);
  keep("bells", set);
  toast(on ? t("market.remindSet", { store: show.store.name }) : t("market.remindOff"));
  if (on && "Notification" in window && Notification.permission === "default") void Notification.requestPermission();
}

/** Rings for every show that has begun since. */
export function ring(live: readonly ShowTile[]): void {
  for (const show of live.filter(hasBell)) {
    set = set.filter((id) => id !== show.id);
    keep("bells", set);
    const text = t("market.hasOpened", { store: show.store.name, title: show.title });
    toast(text);
    if ("Notification" in window && Notification.permission === "granted") new Notification(text);
  }
}
