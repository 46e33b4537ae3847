/** Loads now, and again every so often while the page is seen. Returns how to stop, as an effect wants it. */
export function renewed(load: () => unknown, every_ms: number): () => void {
  void load();
  const timer = setInterval(() => {
    if (!document.hidden) void load();
  }, every_ms);
  return () => clearInterval(timer);
}
