/** Short, polite words at the lower edge. They are read out, stay for a few seconds and never carry the only copy of something. */
export interface Toast {
  id: number;
  text: string;
  wrong: boolean;
}

const STAY_MS = 4000;
const STAY_WRONG_MS = 7000;
export const toasts: { list: Toast[] } = $state({ list: [] });
let next = 1;

export function toast(text: string, { wrong = false } = {}): void {
  const id = next++;
  toasts.list = [{ id, text, wrong }];
  setTimeout(() => dismiss(id), wrong ? STAY_WRONG_MS : STAY_MS);
}

export function dismiss(id: number): void {
  toasts.list = toasts.list.filter((one) => one.id !== id);
}
