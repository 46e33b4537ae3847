/** What can be done about a line, in one call each, and what takes it back where that is possible. */
import { call, post, put, remove } from "../api/client";
import type { Id, Line, Role } from "../api/types";

/** Which line, where. */
export interface Place {
  show_id: Id;
  store_id: Id;
  line: Line;
}

export type Undo = (() => Promise<unknown>) | null;

export const REASONS = ["spam", "abuse", "fraud", "other"] as const;
export type Reason = (typeof REASONS)[number];
export const TIMEOUTS_S = [60, 600, 3600] as const;

/** What a reader may do with a line, by what they and its speaker are to the store. */
export function allowed(line: Line, role: Role | null, me: Id | null) {
  const own = line.account.id === me;
  const staffs = line.account.seller || line.account.moderator;
  return {
    mention: !own && me !== null,
    copy: line.kind === "said",
    hide: !own && !staffs,
    report: !own && me !== null && role === null,
    remove: role !== null,
    pin: role !== null && line.kind === "said" && !line.quiet,
    restrain: role !== null && !own && !staffs,
    appoint: role === "owner" && !own && !line.account.seller,
  };
}

export async function takeOut({ show_id, line }: Place): Promise<Undo> {
  await remove(`/shows/${show_id}/lines/${line.id}`);
  return null;
}

export async function pinOver({ show_id, line }: Place): Promise<Undo> {
  await put(`/shows/${show_id}/notice`, { line_id: line.id });
  return () => remove(`/shows/${show_id}/notice`);
}

export async function timeOut({ store_id, line }: Place, seconds: number): Promise<Undo> {
  const path = `/stores/${store_id}/timeouts/${line.account.id}`;
  await put(path, { seconds });
  return () => remove(path);
}

/** What was taken out with it does not come back with an undo. */
export async function block({ store_id, line }: Place, remove_lines: boolean): Promise<Undo> {
  const path = `/stores/${store_id}/blocks/${line.account.id}`;
  await put(path, { remove_lines });
  return () => remove(path);
}

export async function appoint({ store_id, line }: Place, moderator: boolean): Promise<Undo> {
  const path = `/stores/${store_id}/moderators/${line.account.id}`;
  const [there, back] = moderator ? ["PUT", "DELETE"] : ["DELETE", "PUT"];
  await call(there!, path);
  return () => call(back!, path);
}

export async function report({ show_id, line }: Place, reason: Reason, note: string): Promise<Undo> {
  await post(`/shows/${show_id}/lines/${line.id}/reports`, { reason, note: note.trim() });
  return null;
}
