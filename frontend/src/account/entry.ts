/** What signing in and signing up share: where to go afterwards, and the words for what can go wrong on the way. */
import { ApiError } from "../api/client";
import type { Session } from "../api/types";
import { refreshMe, setAccount } from "../session.svelte";
import { sentence } from "../ui/errors";
import { t } from "../ui/i18n";
import { navigate, safeNext } from "../ui/router";
import { toast } from "../ui/toast.svelte";

export async function entered(session: Session, next: string | null): Promise<void> {
  setAccount(session.account);
  await refreshMe().catch(() => undefined);
  toast(t("signedIn", { name: session.account.name }));
  navigate(safeNext(next), { replace: true });
}

export function entrySentence(error: unknown): string {
  if (error instanceof ApiError && error.code === "passkey.none") return t("passkey.none");
  if (error instanceof ApiError && error.code === "passkey.stopped") return t("passkey.stopped");
  return sentence(error);
}

export const looksLikeEmail = (text: string): boolean => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text.trim());

/** A number is on its way. */
export interface SentCode {
  email: string;
  expiresAt: string;
}
