/** Short, polite words at the lower edge. They are read out, stay for a few seconds and never carry the only copy of something. */
export interface Toast {
  id: number;
  text: string;
  wrong: boolean;
}

const STAY_MS = 5000;
export const toasts: { list: Toast[] } = $state({ list: [] });
let next = 1;

export function toast(text: string, { wrong = false } = {}): void {
  const id = next++;
  toasts.list = [...toasts.list.filter((one) => one.text !== text).slice(-1), { id, text, wrong }];
  setTimeout(() => dismiss(id), STAY_MS);
}

export function dismiss(id: number): void {
  toasts.list = toasts.list.filter((one) => one.id !== id);
}
