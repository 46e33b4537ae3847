import { call, get, remove } from "../api/client";
import type { Id } from "../api/types";
import { sentence } from "../ui/errors";
import { toast } from "../ui/toast.svelte";
import type { House, Report } from "./types";

/** One store's order of the house, as its staff sees and changes it. Every change is answered with the whole of it. */
export class HouseKeeping {
  house: House | null = $state.raw(null);
  trouble: unknown = $state.raw(null);
  busy = $state(false);
  private readonly base: string;

  constructor(readonly store_id: Id) {
    this.base = `/stores/${store_id}`;
  }

  async load(): Promise<void> {
    this.trouble = null;
    try {
      this.house = await get<House>(`${this.base}/house`);
    } catch (error) {
      this.trouble = error;
    }
  }

  rules(change: Partial<Pick<House, "shield" | "slow_s" | "followers_only">>): Promise<boolean> {
    return this.change("PATCH", "/house", change);
  }

  addWord(word: string): Promise<boolean> {
    return this.change("POST", "/words", { word });
  }

  removeWord(id: Id): Promise<boolean> {
    return this.change("DELETE", `/words/${id}`);
  }

  dismiss(account_id: Id): Promise<boolean> {
    return this.change("DELETE", `/moderators/${account_id}`);
  }

  unblock(account_id: Id): Promise<boolean> {
    return this.change("DELETE", `/blocks/${account_id}`);
  }

  release(account_id: Id): Promise<boolean> {
    return this.change("DELETE", `/timeouts/${account_id}`);
  }

  settle(report: Report): Promise<boolean> {
    return this.change("POST", `/reports/${report.id}/settle`, {});
  }

  /** Takes the line out everywhere; that settles what was said against it. */
  async takeOut(report: Report): Promise<boolean> {
    if (report.line.removed) return this.settle(report);
    this.busy = true;
    try {
      await remove(`/shows/${report.show_id}/lines/${report.line.id}`);
      this.house = await get<House>(`${this.base}/house`);
    } catch (error) {
      toast(sentence(error), { wrong: true });
      return false;
    } finally {
      this.busy = false;
    }
    const still = this.house.reports.find(({ id }) => id === report.id);
    return still ? this.settle(still) : true;
  }

  private async change(method: string, path: string, body?: unknown): Promise<boolean> {
    this.busy = true;
    try {
      this.house = await call<House>(method, this.base + path, { body });
      return true;
    } catch (error) {
      toast(sentence(error), { wrong: true });
      return false;
    } finally {
      this.busy = false;
    }
  }
}
