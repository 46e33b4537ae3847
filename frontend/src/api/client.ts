/** Talks to `/api/v1`. Every failure is an ApiError with a code that `ui/errors.ts` turns into a sentence. */

export const API = "/api/v1";

export interface FieldProblem {
  path: string;
  problem: string;
}

/** What the server said no to. `status` 0 means that no answer came at all (code `net.offline`). */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(
    readonly status: number,
    readonly code: string,
    readonly params: Record<string, unknown> = {},
    message = code,
  ) {
    super(message);
  }

  /** The fields the server did not like; empty for every other kind of failure. */
  get fields(): FieldProblem[] {
    return Array.isArray(this.params.fields) ? (this.params.fields as FieldProblem[]) : [];
  }
}

/** Is told after every call whether the server could be reached. */
export type ReachListener = (reached: boolean) => void;
const reachListeners = new Set<ReachListener>();
export function onReach(listener: ReachListener): () => void {
  reachListeners.add(listener);
  return () => reachListeners.delete(listener);
}
function tellReach(reached: boolean): void {
  for (const listener of reachListeners) listener(reached);
}

export interface CallOptions {
  body?: unknown;
  /** sent as it is, with its own type; used for photos */
  raw?: Blob;
  /** makes a repeated call answer the same; take one from `newKey()` per intention, not per try */
  key?: string;
  signal?: AbortSignal;
}

/** A fresh idempotency key. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Calls `/api/v1` + path and gives back the decoded answer (`undefined` for 204). Rejects with ApiError only, or with AbortError. */
export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(API + path, request(method, options));
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    tellReach(false);
    throw new ApiError(0, "net.offline");
  }
  tellReach(true);
  if (response.status === 204) return undefined as T;
  const answer = await decode(response);
  if (!response.ok) throw toError(response.status, answer);
  return answer as T;
}

export const get = <T>(path: string, options?: CallOptions): Promise<T> => call<T>("GET", path, options);
export const post = <T>(path: string, body?: unknown, options?: CallOptions): Promise<T> => call<T>("POST", path, { ...options, body });
export const put = <T>(path: string, body?: unknown, options?: CallOptions): Promise<T> => call<T>("PUT", path, { ...options, body });
export const patch = <T>(path: string, body?: unknown, options?: CallOptions): Promise<T> => call<T>("PATCH", path, { ...options, body });
export const remove = <T>(path: string, options?: CallOptions): Promise<T> => call<T>("DELETE", path, options);

function request(method: string, { body, raw, key, signal }: CallOptions): RequestInit {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (key) headers["Idempotency-Key"] = key;
  const init: RequestInit = { method, headers, credentials: "same-origin" };
  if (signal) init.signal = signal;
  if (raw) {
    headers["Content-Type"] = raw.type || "application/octet-stream";
    init.body = raw;
  } else if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  return init;
}

async function decode(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    if (response.ok) throw new ApiError(response.status, "net.garbled");
    return undefined;
  }
}

/** The ApiError of an answer that was not ok, whatever stands between us and the server wrote into it. */
export function toError(status: number, answer: unknown): ApiError {
  const error = (answer as { error?: { code?: unknown; message?: unknown; params?: unknown } } | undefined)?.error;
  if (typeof error?.code !== "string") return new ApiError(status, status >= 500 ? "net.server" : "net.refused");
  const params = error.params && typeof error.params === "object" ? (error.params as Record<string, unknown>) : {};
  return new ApiError(status, error.code, params, typeof error.message === "string" ? error.message : error.code);
}
