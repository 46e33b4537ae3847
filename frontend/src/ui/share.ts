/** Hands an address to whatever the device shares with, or to the clipboard. */
import { t } from "./i18n";
import { toast } from "./toast.svelte";

export async function share(title: string, url = location.href): Promise<void> {
  const address = new URL(url, location.href).href;
  try {
    if (navigator.share) await navigator.share({ title, url: address });
    else {
      await navigator.clipboard.writeText(address);
      toast(t("nav.linkCopied"));
    }
  } catch {
    // the person closed the list of apps, or the browser gave no clipboard: nothing was promised
    return;
  }
}
