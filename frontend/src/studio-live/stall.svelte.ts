import { tick } from "svelte";
import { post } from "../api/client";
import type { Line, Role, Show, Snapshot } from "../api/types";
import { serverNow } from "../live/clock";
import type { FeedEvent } from "../live/events";
import { LiveShow, tickets } from "../live/show.svelte";
import { type Entry, type SaleMark, withSales } from "../room/entries";
import { Saying } from "../room/saying.svelte";
import { sentence } from "../ui/errors";
import { toast } from "../ui/toast.svelte";
import { Camera } from "./camera.svelte";
import type { Press } from "./keys";
import { OnAir } from "./onair.svelte";
import { Queue } from "./queue.svelte";

/** What a phone shows below the picture. */
export type Tab = "questions" | "chat" | "vote" | "house";

/** What lies over the studio. */
export type Laid = "none" | "vote" | "house" | "notice" | "keys";

const SALES_KEPT = 50;

/** A show from behind the stall: the room, the camera, the questions, what was sold. Both layouts draw it. */
export class Stall {
  readonly room: LiveShow;
  readonly onair: OnAir;
  readonly camera: Camera;
  readonly queue: Queue;
  elapsed = $state(0);
  busy = $state(false);
  laid: Laid = $state("none");
  tab: Tab = $state("questions");
  /** the line of the chat whose menu is open */
  line: Line | null = $state.raw(null);
  readonly saying: Saying;
  private marks: SaleMark[] = $state.raw([]);

  constructor(snapshot: Snapshot) {
    this.room = new LiveShow(snapshot);
    this.onair = new OnAir(tickets(snapshot.show.id, "publish"));
    this.camera = new Camera(
      (track) => this.onair.replaceVideo(track),
      () => void this.openCamera(),
    );
    this.saying = new Saying(snapshot.show.id);
    this.queue = new Queue(snapshot.show.id, snapshot.questions);
  }

  readonly now: Snapshot = $derived.by(() => this.room.now);
  readonly live: boolean = $derived.by(() => this.now.show.state === "live");
  readonly over: boolean = $derived.by(() => this.room.over);
  readonly role: Role | null = $derived.by(() => this.now.role ?? (this.now.show.mine ? "owner" : null));
  /** Owners sell; moderators keep order. */
  readonly sells: boolean = $derived.by(() => this.role === "owner");
  readonly sold: Record<string, number> = $derived(this.now.sales?.listings ?? {});
  readonly entries: Entry[] = $derived.by(() => withSales(this.room.lines, this.marks));

  /** Begins to listen and to send. Returns how to stop it all. */
  begin(): () => void {
    const unlisten = this.room.listen((events) => this.hear(events));
    const clock = setInterval(() => this.count(), 1000);
    this.count();
    if (this.sells && !this.over) void this.openCamera();
    return () => {
      unlisten();
      clearInterval(clock);
      this.onair.stop();
      this.camera.close();
      this.room.close();
    };
  }

  async openCamera(): Promise<void> {
    const stream = await this.camera.open();
    if (stream && this.live) void this.onair.send(stream, this.camera.muted);
  }

  async goLive(): Promise<void> {
    const stream = await this.camera.open();
    if (!stream) return;
    await this.change("go-live");
    if (this.live && this.onair.state === "off") void this.onair.send(stream, this.camera.muted);
  }

  end(): Promise<void> {
    return this.change("end");
  }

  mute(): void {
    this.camera.mute(!this.camera.muted);
    this.onair.setMuted(this.camera.muted);
  }

  /** The show may be begun, or ended, from another window. */
  followShow(): void {
    if (this.over) this.camera.close();
    if (!this.live) this.onair.stop();
    else if (this.camera.stream && this.onair.state === "off") void this.onair.send(this.camera.stream, this.camera.muted);
  }

  readonly titleOf = (listing_id: string): string | null => this.room.listing(listing_id)?.title ?? null;

  /** What can be done about a line: for a question that waits, its answer first of all. */
  readonly open = (line: Line): void => {
    const question = this.now.questions.find(({ id }) => id === line.id);
    if (question) this.queue.about = { kind: "menu", question };
    else this.line = line;
  };

  readonly speakTo = (name: string): void => {
    this.tab = "chat";
    void tick().then(() => this.saying.mention(name));
  };

  /** What a key asks for. */
  press(press: Press): void {
    const { queue } = this;
    const question = queue.first;
    if (press === "down" || press === "up") queue.choose(press === "down" ? 1 : -1);
    else if (press === "vote" || press === "house") this.laid = press;
    else if (press === "help") this.laid = "keys";
    else if (press === "mute") this.mute();
    else if (press === "say") this.saying.focus();
    else if (press === "away") queue.chosen = null;
    else if (question) queue.act(press, question);
  }

  private async change(what: "go-live" | "end"): Promise<void> {
    this.busy = true;
    try {
      this.room.tell(await post<Show>(`/shows/${this.now.show.id}/${what}`));
    } catch (error) {
      toast(sentence(error), { wrong: true });
    } finally {
      this.busy = false;
    }
  }

  private count(): void {
    const { started_at } = this.now.show;
    this.elapsed = started_at ? Math.max(0, (serverNow() - Date.parse(started_at)) / 1000) : 0;
  }

  private hear(events: FeedEvent[]): void {
    const after = this.now.lines.at(-1)?.id ?? null;
    for (const event of events) {
      if (event.type === "sale" && !this.marks.some(({ order }) => order.id === event.order.id)) {
        this.marks = [...this.marks, { order: event.order, after }].slice(-SALES_KEPT);
      }
    }
  }
}
