/** Keeps the screen on while a show is sent: a phone that goes dark would take the camera with it. Returns what ends it. */
export function stayAwake(): () => void {
  if (!("wakeLock" in navigator)) return () => undefined;
  let lock: WakeLockSentinel | null = null;
  const take = (): void => {
    // refused on a low battery, for one; the show goes on without it
    if (!document.hidden) navigator.wakeLock.request("screen").then((got) => (lock = got), () => undefined);
  };
  take();
  document.addEventListener("visibilitychange", take);
  return () => {
    document.removeEventListener("visibilitychange", take);
    void lock?.release();
  };
}
