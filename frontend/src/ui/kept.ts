/** Copies of what was seen, in this browser alone, for the time without a connection and for small preferences. */

interface Kept<T> {
  at: string;
  value: T;
}

const key = (name: string): string => `ennichi.${name}`;

/** Keeps a copy. A full or forbidden store is no failure: there is just no copy. */
export function keep<T>(name: string, value: T): void {
  try {
    localStorage.setItem(key(name), JSON.stringify({ at: new Date().toISOString(), value } satisfies Kept<T>));
  } catch {
    return;
  }
}

export function kept<T>(name: string): Kept<T> | null {
  try {
    const text = localStorage.getItem(key(name));
    return text ? (JSON.parse(text) as Kept<T>) : null;
  } catch {
    return null;
  }
}

/** Takes everything away that belongs to a person: at sign-out. */
export function forgetPerson(): void {
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith(key("order"))) localStorage.removeItem(name);
  } catch {
    return;
  }
}
