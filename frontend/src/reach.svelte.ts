/** Whether the server can be reached. A failed call or the browser's word turns it off; asking `/health` turns it on again. */
import { API, onReach } from "./api/client";

const ASK_EVERY_MS = 4000;
export const reach: { online: boolean; lastReached: Date } = $state({ online: navigator.onLine, lastReached: new Date() });
let asking: ReturnType<typeof setInterval> | undefined;

function note(online: boolean): void {
  reach.online = online;
  if (online) {
    reach.lastReached = new Date();
    clearInterval(asking);
    asking = undefined;
  } else asking ??= setInterval(() => void askNow(), ASK_EVERY_MS);
}

/** Asks once, now. */
export async function askNow(): Promise<boolean> {
  try {
    const answer = await fetch(`${API}/health`, { cache: "no-store" });
    note(answer.ok);
  } catch {
    note(false);
  }
  return reach.online;
}

onReach(note);
addEventListener("offline", () => note(false));
addEventListener("online", () => void askNow());
