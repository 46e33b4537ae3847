import type { Show } from "../api/types";
import { t } from "../ui/i18n";
import { toast } from "../ui/toast.svelte";

/** Hands a show's address to the system's share sheet, or copies it where there is none. */
export async function shareShow(show: Show): Promise<void> {
  const url = `${location.origin}/shows/${show.id}`;
  try {
    if (navigator.share) await navigator.share({ title: show.title, url });
    else {
      await navigator.clipboard.writeText(url);
      toast(t("watch.shared"));
    }
  } catch {
    // the person closed the share sheet, or the browser keeps its clipboard to itself: nothing is lost
  }
}
