/** Moving things in a list: by pointer on a grip, and the plain move that buttons use. */

/** A copy with the item at `from` now at `to`; the same list when either is outside it. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const copy = [...list];
  if (from < 0 || to < 0 || from >= copy.length || to >= copy.length) return copy;
  copy.splice(to, 0, ...copy.splice(from, 1));
  return copy;
}

/**
 * Starts dragging from a grip. The list's items carry `data-place="0"`…; `move(from, to)` is called whenever the pointer is over
 * another place. Works with mouse, pen and finger; the grip needs `touch-action: none`.
 */
export function drag(event: PointerEvent, move: (from: number, to: number) => void): void {
  const grip = event.currentTarget as HTMLElement;
  const list = grip.closest("ol,ul");
  const item = grip.closest<HTMLElement>("[data-place]");
  if (!list || !item || event.button !== 0) return;
  event.preventDefault();
  let at = Number(item.dataset.place);
  const over = (x: number, y: number): number | null => {
    const found = document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-place]");
    return found && list.contains(found) ? Number(found.dataset.place) : null;
  };
  const follow = (next: PointerEvent): void => {
    const to = over(next.clientX, next.clientY);
    if (to === null || to === at) return;
    move(at, to);
    at = to;
  };
  const stop = (): void => {
    removeEventListener("pointermove", follow);
    removeEventListener("pointerup", stop);
    removeEventListener("pointercancel", stop);
  };
  addEventListener("pointermove", follow);
  addEventListener("pointerup", stop);
  addEventListener("pointercancel", stop);
}
