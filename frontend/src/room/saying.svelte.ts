import { ApiError, post } from "../api/client";
import type { Id, Line } from "../api/types";
import { serverNow } from "../live/clock";
import { session } from "../session.svelte";
import { askToSignIn } from "../ui/router";
import { addressed } from "./mentions";

/** A line is at most this long. */
export const MOST = 200;

/**
 * What one reader is saying in one room. What is typed survives a failure, and the way to the sign-in page and back;
 * what the room said no to is kept here for whoever explains it.
 */
export class Saying {
  text = $state("");
  sending = $state(false);
  /** why the last line was not taken */
  refused: unknown = $state.raw(null);
  /** the last line was heard by the stall alone */
  shielded = $state(false);
  /** the room takes nothing before then, as far as it has said: server's clock, ms */
  until = $state(0);
  /** why nothing can be said just now, kept by whoever counts it down; null when something can */
  gate: string | null = $state(null);
  private input: HTMLElement | null = null;

  constructor(private readonly show_id: Id) {
    try {
      this.text = sessionStorage.getItem(this.drawer) ?? "";
      sessionStorage.removeItem(this.drawer);
    } catch {
      this.text = "";
    }
  }

  /** Says what is written. True when the room has it. */
  async send(question: boolean, listing_id: Id | null): Promise<boolean> {
    const said = this.text.trim();
    if (said === "" || this.sending) return false;
    if (!session.me.account) return this.signInFirst();
    this.text = "";
    const taken = await this.tell("messages", { text: said, question, listing_id });
    if (!taken) this.text ||= said;
    return session.me.account ? taken : this.signInFirst();
  }

  async stamp(name: string): Promise<boolean> {
    if (!session.me.account) return this.signInFirst();
    const taken = await this.tell("stamps", { stamp: name });
    return session.me.account ? taken : this.signInFirst();
  }

  /** A question about one thing, from where it is looked at; rejects with why it was not taken. */
  async ask(text: string, listing_id: Id): Promise<Line> {
    const line = await post<Line>(`/shows/${this.show_id}/messages`, { text, question: true, listing_id });
    this.shielded = line.quiet;
    return line;
  }

  /** Puts `@name` into the box, to be gone on with. */
  mention(name: string): void {
    this.text = addressed(this.text, name, MOST);
    this.typed();
    this.input?.focus();
  }

  focus(): void {
    this.input?.focus();
  }

  typed(): void {
    this.refused = null;
    this.shielded = false;
  }

  /** The element that is written in. */
  at = (input: HTMLElement): (() => void) => {
    this.input = input;
    return () => (this.input = null);
  };

  private async tell(where: "messages" | "stamps", body: unknown): Promise<boolean> {
    this.sending = true;
    this.typed();
    try {
      const line = await post<Line>(`/shows/${this.show_id}/${where}`, body);
      this.shielded = line.quiet;
      return true;
    } catch (error) {
      this.hear(error);
      return false;
    } finally {
      this.sending = false;
    }
  }

  private hear(error: unknown): void {
    if (error instanceof ApiError && error.status === 401) {
      session.me = { ...session.me, account: null };
      return;
    }
    this.refused = error;
    if (!(error instanceof ApiError)) return;
    const { retry_after, until } = error.params;
    if (typeof retry_after === "number") this.until = serverNow() + retry_after * 1000;
    else if (typeof until === "string") this.until = Date.parse(until);
  }

  private signInFirst(): false {
    try {
      sessionStorage.setItem(this.drawer, this.text);
    } catch {
      // there is just no draft to come back to
    }
    askToSignIn();
    return false;
  }

  private get drawer(): string {
    return `ennichi:draft:${this.show_id}`;
  }
}
