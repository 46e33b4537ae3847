/** Puts a text where it can be pasted from, and says whether that went well. */
import { t } from "./i18n";
import { toast } from "./toast.svelte";

export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("copied"));
    return true;
  } catch {
    toast(t("notCopied"), { wrong: true });
    return false;
  }
}
