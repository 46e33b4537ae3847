import { put, remove } from "../api/client";
import type { Store } from "../api/types";
import { session } from "../session.svelte";
import { sentence } from "../ui/errors";
import { askToSignIn } from "../ui/router";
import { toast } from "../ui/toast.svelte";

/** Follows a store or stops; the store as it is afterwards, or null when that was not possible now. */
export async function toggleFollow(store: Store): Promise<Store | null> {
  if (!session.me.account) {
    askToSignIn();
    return null;
  }
  try {
    const path = `/stores/${store.id}/follow`;
    return await (store.following ? remove<Store>(path) : put<Store>(path));
  } catch (error) {
    toast(sentence(error), { wrong: true });
    return null;
  }
}
