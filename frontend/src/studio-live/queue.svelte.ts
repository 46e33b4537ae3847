import { post, put } from "../api/client";
import type { Question } from "../api/types";
import { sentence } from "../ui/errors";
import { toast } from "../ui/toast.svelte";
import { fresh, held, joined, neighbour, postponed, type Row, settled, stillFor, type Touching } from "./queue";

/** Two presses this close are one: what slid under the finger was not meant. */
const DOUBLE_MS = 300;
/** Focus that comes this soon after Tab came by the keyboard. */
const BY_KEY_MS = 100;

/** What is open for one question: everything that can be done with it, writing its answer, or which other one asks the same. */
export type About =
  | { kind: "menu"; question: Question }
  | { kind: "same"; question: Question }
  | { kind: "write"; question: Question; pin: boolean }
  | { kind: "join"; question: Question; into: Question };

/** The questions on the seller's screen, and everything that is done with them. */
export class Queue {
  rows: Row[] = $state.raw([]);
  /** new questions that are held back while a finger is on the list */
  waiting = $state(0);
  /** the row the keys act upon; null is the first */
  chosen: string | null = $state(null);
  about: About | null = $state.raw(null);
  private questions: readonly Question[] = [];
  private order: string[] = [];
  private readonly own = new Set<string>();
  private readonly touching: Touching = { down: 0, focused: false, last: -Infinity };
  private readonly pointers = new Set<number>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private acted = -Infinity;
  private tabbed = -Infinity;

  constructor(
    private readonly show_id: string,
    questions: readonly Question[],
  ) {
    this.follow(questions);
  }

  /** What the room says the queue is. */
  follow(questions: readonly Question[]): void {
    this.questions = questions;
    this.order = joined(this.order, questions);
    this.update();
  }

  /** Lets in what waits, finger or not: the seller asked for it. */
  letIn(): void {
    this.touching.last = -Infinity;
    this.touching.focused = false;
    this.update();
  }

  get first(): Question | null {
    const rows = this.rows.filter(({ gone }) => !gone);
    return (rows.find(({ question }) => question.id === this.chosen) ?? rows[0])?.question ?? null;
  }

  choose(step: 1 | -1): void {
    this.chosen = neighbour(this.rows, this.chosen, step);
    this.touch();
  }

  async take(question: Question): Promise<void> {
    if (this.twice()) return;
    const before = this.questions.find(({ state, id }) => state === "answering" && id !== question.id);
    if (before) await this.move(before, "answered");
    await this.move(question, "answering");
  }

  async set(question: Question, state: "open" | "answered" | "dropped"): Promise<void> {
    if (!this.twice()) await this.move(question, state);
  }

  postpone(question: Question): void {
    if (this.twice()) return;
    this.order = postponed(this.order, question.id);
    const { rows } = this;
    this.rows = [...rows.filter((row) => row.question.id !== question.id), ...rows.filter((row) => row.question.id === question.id)];
    if (this.chosen === question.id) this.chosen = null;
    this.update();
  }

  /** What a key, or a button, does with a question. */
  act(act: "answer" | "later" | "drop" | "pin" | "same", question: Question): void {
    const answering = question.state === "answering";
    if (act === "pin") this.about = { kind: "write", question, pin: true };
    else if (act === "same") this.about = this.questions.length > 1 ? { kind: "same", question } : null;
    else if (act === "drop") void this.set(question, "dropped");
    else if (act === "answer") void (answering ? this.set(question, "answered") : this.take(question));
    else if (answering) void this.set(question, "open");
    else if (this.rows.length > 1) this.postpone(question);
  }

  /** In writing. Says whether it was taken. */
  answer(question: Question, text: string, pin: boolean): Promise<boolean> {
    return this.tell(question, () => put(`/shows/${this.show_id}/questions/${question.id}/answer`, { text, pin }));
  }

  /** Says that `question` asks the same as `into`. */
  merge(question: Question, into: Question): Promise<boolean> {
    return this.tell(question, () => post(`/shows/${this.show_id}/questions/${question.id}/merge`, { into: into.id }));
  }

  /** For the list's element: stays still while it is touched. */
  watch = (list: HTMLElement): (() => void) => {
    const off = new AbortController();
    const { signal } = off;
    const passive = { signal, passive: true };
    const up = ({ pointerId }: PointerEvent): void => this.lift(pointerId);
    list.addEventListener("pointerdown", ({ pointerId }) => this.press(pointerId), passive);
    for (const kind of ["pointermove", "scroll", "wheel", "touchmove", "dragover"]) list.addEventListener(kind, () => this.touch(), passive);
    for (const kind of ["pointerup", "pointercancel"] as const) addEventListener(kind, up, passive);
    // a drag takes the pointer away without a word
    addEventListener("dragend", () => this.pointers.forEach((id) => this.lift(id)), passive);
    addEventListener("keydown", ({ key }) => key === "Tab" && (this.tabbed = performance.now()), { signal, capture: true });
    list.addEventListener("focusin", () => this.focus(performance.now() - this.tabbed < BY_KEY_MS), { signal });
    list.addEventListener("focusout", ({ relatedTarget }) => !list.contains(relatedTarget as Node | null) && this.focus(false), { signal });
    return () => {
      off.abort();
      this.pointers.clear();
      Object.assign(this.touching, { down: 0, focused: false, last: -Infinity });
      this.update();
    };
  };

  private press(pointer: number): void {
    this.pointers.add(pointer);
    this.touching.down = this.pointers.size;
    this.touch();
  }

  private lift(pointer: number): void {
    if (!this.pointers.delete(pointer)) return;
    this.touching.down = this.pointers.size;
    this.touch();
  }

  private focus(inside: boolean): void {
    if (inside === this.touching.focused) return;
    this.touching.focused = inside;
    this.touch();
  }

  private touch(): void {
    this.touching.last = performance.now();
    this.update();
  }

  private twice(): boolean {
    const again = performance.now() - this.acted < DOUBLE_MS;
    if (!again) this.acted = performance.now();
    return again;
  }

  private move(question: Question, state: Question["state"]): Promise<boolean> {
    return this.tell(question, () => put(`/shows/${this.show_id}/questions/${question.id}`, { state }));
  }

  private async tell(question: Question, command: () => Promise<unknown>): Promise<boolean> {
    this.own.add(question.id);
    try {
      await command();
      return true;
    } catch (error) {
      toast(sentence(error), { wrong: true });
      return false;
    }
  }

  private update(): void {
    const wait = this.rows.length === 0 ? 0 : stillFor(this.touching, performance.now());
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (wait > 0) {
      this.rows = held(this.rows, this.questions, this.own);
      this.waiting = fresh(this.rows, this.questions);
      if (wait < Infinity) this.timer = setTimeout(() => this.update(), wait + 10);
      return;
    }
    this.own.clear();
    this.rows = settled(this.order, this.questions);
    this.waiting = 0;
    if (!this.rows.some(({ question }) => question.id === this.chosen)) this.chosen = null;
  }
}
