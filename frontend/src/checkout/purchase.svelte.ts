import { ApiError, get, patch, post, remove } from "../api/client";
import type { NewPurchase, Pay, PurchaseState, Quote, Wait } from "../api/trade";
import type { Address, Hold, Order } from "../api/types";
import { learnTime, serverNow } from "../live/clock";
import { Intents } from "./intents";
import { settled, toTrouble, type Trouble } from "./trouble";

/**
 * look: nothing is held by this sheet · slip: what would be bought · action: the bank wants something of the buyer ·
 * settling: the payment house has not said how it ended · awaiting: ordered, to be paid at a shop · bought · expired
 */
export type Step = "look" | "slip" | "action" | "settling" | "awaiting" | "bought" | "expired";

export interface Choice {
  /** null: the saved one */
  address: Address | null;
  pay: Pay | null;
  save: boolean;
  tell_room: boolean;
}

/** Between two questions of how a payment ended. */
const LOOK_MS = 3000;

/**
 * One purchase from *Buy* to the order. At a show it is about everything held there, elsewhere about one hold.
 * Every request that could count twice carries a key that stays the same until its answer is known.
 */
export class Purchase {
  quote: Quote | null = $state.raw(null);
  order: Order | null = $state.raw(null);
  /** the payment that wants something, or whose end is not known yet */
  paying: PurchaseState | null = $state.raw(null);
  /** the place in line this sheet has taken */
  wait: Wait | null = $state.raw(null);
  step: Step = $state("look");
  busy = $state(false);
  trouble: Trouble | null = $state.raw(null);
  /** Milliseconds left, by the server's clock. */
  left_ms = $state(0);
  private readonly intents = new Intents();
  private looked = 0;

  /** `prefecture`: where it goes, when the buyer has said so already. */
  constructor(
    private readonly show_id: string | null,
    private prefecture: string | null = null,
  ) {}

  /** Opens the slip for everything held at the show; what is being paid for is taken up where it is. */
  async open(holds: readonly Hold[]): Promise<void> {
    await this.run("offline", async () => {
      const purchase_id = payingFor(holds);
      if (purchase_id) await this.takeUp(purchase_id);
      else await this.ask(holds.map(({ id }) => id));
    });
  }

  async buy(variant_id: string, quantity: number): Promise<void> {
    await this.run("offline", async () => {
      const body = { variant_id, quantity, show_id: this.show_id };
      const hold = await this.intents.once("/holds", body, (key) => post<Hold>("/holds", body, { key }));
      await this.ask([hold.id]);
    });
  }

  /** Stands in line; if something has come free meanwhile, it is held at once. */
  async standInLine(variant_id: string, quantity: number): Promise<void> {
    await this.run("offline", async () => {
      const body = { variant_id, quantity, show_id: this.show_id };
      const wait = await this.intents.once("/waits", body, (key) => post<Wait>("/waits", body, { key }));
      learnTime(wait.server_time);
      if (wait.hold_id) await this.ask([wait.hold_id]);
      else this.wait = wait;
    });
  }

  async leaveLine(wait_id: string): Promise<void> {
    await this.run("offline", async () => {
      await remove(`/waits/${wait_id}`);
      this.wait = null;
    });
  }

  async setQuantity(hold_id: string, quantity: number): Promise<void> {
    await this.run("offline", async () => {
      await patch<Hold>(`/holds/${hold_id}`, { quantity });
      await this.askAgain();
    });
  }

  /** Takes one thing off the slip; with the last one the slip is over. */
  async putBack(hold_id: string): Promise<void> {
    await this.run("offline", async () => {
      await remove(`/holds/${hold_id}`);
      const rest = this.ids.filter((id) => id !== hold_id);
      if (rest.length === 0) this.leave();
      else await this.ask(rest);
    });
  }

  /** Gives everything on the slip back, and waits until it is on the table again; what cannot be given back runs out by itself. */
  async giveBack(): Promise<void> {
    const ids = this.step === "slip" ? this.ids : [];
    this.quote = null;
    await Promise.all(ids.map((id) => remove(`/holds/${id}`).catch(() => undefined)));
  }

  /** Another address may cost another fee: the slip shows it before anything binds. */
  async shipTo(prefecture: string): Promise<void> {
    this.prefecture = prefecture;
    await this.run("offline", () => this.askAgain());
  }

  /** Something held has changed elsewhere: by the feed, a comment, another window. */
  async refresh(): Promise<void> {
    if (this.step === "slip") await this.run("offline", () => this.askAgain(), true);
  }

  async confirm({ address, pay, save, tell_room }: Choice): Promise<void> {
    const { quote } = this;
    if (!quote) return;
    const body: NewPurchase = {
      hold_ids: quote.hold_ids,
      total: quote.totals.total,
      save,
      ...(address && { address }),
      ...(pay && { pay }),
      ...(tell_room && { tell_room }),
    };
    await this.run("unsure", async () => {
      const send = (key: string): Promise<PurchaseState> => settled(() => post<PurchaseState>("/purchases", body, { key }));
      await this.follow(await this.intents.once("/purchases", body, send));
    });
  }

  /** What was to be paid at a shop has been paid. */
  async paidAtShop(): Promise<void> {
    const { order } = this;
    if (this.step !== "awaiting" || !order) return;
    await this.run("offline", async () => {
      this.order = await get<Order>(`/orders/${order.id}`);
      this.step = "bought";
    });
  }

  /** The buyer has done what their bank wanted, or would like to know: asks the payment house now. */
  async goOn(): Promise<void> {
    const { paying } = this;
    if (paying) await this.run("offline", async () => this.follow(await post<PurchaseState>(`/purchases/${paying.id}/continue`)));
  }

  /** Stops paying; what was held is held again, and nothing was charged. */
  async giveUp(): Promise<void> {
    const { paying } = this;
    if (!paying) return;
    await this.run("offline", async () => {
      const end = await remove<PurchaseState | undefined>(`/purchases/${paying.id}`);
      if (end && end.state !== "given_up") await this.follow(end);
      else await this.backToSlip();
    });
  }

  /** Call it a few times a second while the sheet is open. What is over or unsettled is looked at now and then, not each time. */
  async tick(): Promise<void> {
    const end = this.step === "slip" ? this.quote?.expires_at : this.step === "action" ? this.paying?.expires_at : null;
    if (end) this.left_ms = Math.max(0, Date.parse(end) - serverNow());
    const over = end ? this.left_ms === 0 : this.step === "settling";
    if (!over || this.busy || Date.now() - this.looked < LOOK_MS) return;
    this.looked = Date.now();
    if (this.step === "settling") await this.lookAtPayment();
    else if (this.step === "action") await this.goOn();
    // an answer that got lost may have been a yes: ask before saying that nothing was bought
    else if (this.trouble?.kind === "unsure") await this.run("offline", () => this.lookAgain(), true);
    else await this.runsOut();
  }

  private get ids(): string[] {
    return this.quote?.hold_ids ?? [];
  }

  private async lookAtPayment(): Promise<void> {
    const { paying } = this;
    if (paying) await this.run("offline", () => this.takeUp(paying.id));
  }

  private async takeUp(purchase_id: string): Promise<void> {
    await this.follow(await get<PurchaseState>(`/purchases/${purchase_id}`));
  }

  /** One of several holds is over; the others stay. */
  private async runsOut(): Promise<void> {
    if (this.ids.length > 1) await this.run("offline", () => this.askAgain());
    else this.step = "expired";
  }

  private async follow(paying: PurchaseState): Promise<void> {
    this.paying = paying;
    switch (paying.state) {
      case "paid":
      case "awaiting":
        this.step = "settling";
        this.order = await get<Order>(`/orders/${paying.order_id}`);
        this.step = paying.state === "paid" ? "bought" : "awaiting";
        break;
      case "action_required":
        this.step = "action";
        break;
      case "paying":
        this.looked = Date.now();
        this.step = "settling";
        break;
      case "declined":
        await this.backToSlip();
        this.trouble = { kind: "declined", reason: paying.reason };
        break;
      case "given_up":
        await this.backToSlip();
    }
  }

  private async backToSlip(): Promise<void> {
    this.paying = null;
    await this.askAgain();
  }

  private leave(): void {
    this.quote = null;
    this.step = "look";
  }

  private async askAgain(): Promise<void> {
    await this.ask(this.ids);
  }

  /** What it comes to now: at a show for all that is held there, else for `ids`. */
  private async ask(ids: readonly string[], certain = false): Promise<void> {
    const quote = this.show_id ? await this.askBasket(this.show_id) : await this.askQuote(ids);
    if (!quote) {
      if (certain || this.ids.length === 0) this.step = "expired";
      else await this.lookAgain();
      return;
    }
    learnTime(quote.server_time);
    this.quote = quote;
    this.left_ms = Math.max(0, Date.parse(quote.expires_at) - serverNow());
    this.step = "slip";
  }

  private async askBasket(show_id: string): Promise<Quote | null> {
    const basket = await get<Quote | null | undefined>(`/shows/${show_id}/basket`);
    if (!basket || this.prefecture === null || basket.address?.prefecture === this.prefecture) return basket ?? null;
    return this.askQuote(basket.hold_ids);
  }

  private askQuote(hold_ids: readonly string[]): Promise<Quote> {
    return post<Quote>("/quotes", { hold_ids, ...(this.prefecture !== null && { prefecture: this.prefecture }) });
  }

  /** `aside`: the buyer did not ask for it, so what they were told last still stands. */
  private async run(lost: "offline" | "unsure", work: () => Promise<void>, aside = false): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    if (!aside) this.trouble = null;
    try {
      await work();
    } catch (error) {
      await this.explain(error, lost);
    } finally {
      this.busy = false;
    }
  }

  private async explain(error: unknown, lost: "offline" | "unsure"): Promise<void> {
    const code = error instanceof ApiError ? error.code : "";
    if (error instanceof ApiError && error.status === 401) throw error;
    if (code === "hold.expired" || code === "hold.wrong_state") await this.lookAgain();
    else {
      if (code === "checkout.total_changed") await this.askAgain().catch(() => undefined);
      this.trouble = toTrouble(error, lost);
    }
  }

  /** Another window, or an answer that got lost, has moved a hold on: find out where it is. */
  private async lookAgain(): Promise<void> {
    try {
      const holds = await Promise.all(this.ids.map((id) => get<Hold>(`/holds/${id}`)));
      const [order_id] = holds.flatMap((hold) => (hold.state === "sold" && hold.order_id ? [hold.order_id] : []));
      if (order_id) {
        this.order = await get<Order>(`/orders/${order_id}`);
        this.step = "bought";
        return;
      }
      const purchase_id = payingFor(holds);
      const open = holds.filter(({ state }) => state === "held");
      if (purchase_id) {
        this.trouble = null;
        await this.takeUp(purchase_id);
      } else if (open.length === 0) this.step = "expired";
      else {
        await this.ask(open.map(({ id }) => id), true);
        this.trouble = { kind: open.length < holds.length ? "gone" : "broken" };
      }
    } catch {
      this.trouble = { kind: "offline" };
    }
  }
}

/** The purchase that is being paid for with one of these holds. */
function payingFor(holds: readonly Hold[]): string | null {
  return holds.find(({ state }) => state === "confirming")?.purchase_id ?? null;
}
