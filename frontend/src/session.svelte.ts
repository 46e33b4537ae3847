/** Who is here. `session.me` is reactive; it changes by signing in and out, and by `refreshMe` after opening a store. */
import { get, post } from "./api/client";
import type { Account, Me } from "./api/types";
import { boot } from "./boot";

export const session: { me: Me } = $state({ me: boot.me });

export async function refreshMe(): Promise<void> {
  session.me = await get<Me>("/me");
}

export async function signOut(): Promise<void> {
  await post("/auth/sign-out");
  session.me = { ...session.me, account: null, stores: [] };
}

export function setAccount(account: Account): void {
  session.me = { ...session.me, account };
}
