import type { Pay, Quote } from "../api/trade";
import type { Address, Card } from "../api/types";
import type { TokenCard } from "./gateways";
import type { Choice } from "./purchase.svelte";

/** How the buyer wants to pay, as the slip shows it. */
export type PayChoice = { kind: "saved"; card: Card } | { kind: "new"; card: TokenCard } | { kind: "konbini" };

/** A line of the slip that is open. */
export type Part = "total" | "address" | "pay" | "delivery" | "terms";

/** What the buyer has chosen on the slip so far; what they did not touch is what the account has saved. */
export class SlipChoice {
  ownAddress: Address | null = $state.raw(null);
  chosen: PayChoice | null = $state.raw(null);
  save = $state(true);
  opened: Part | null = $state(null);
  readonly address: Address | null = $derived.by(() => this.ownAddress ?? this.quote()?.address ?? null);
  readonly paying: PayChoice | null = $derived.by(() => this.chosen ?? this.saved());
  /** there is something to be kept for next time */
  readonly changed: boolean = $derived.by(() => this.ownAddress !== null || this.chosen?.kind === "new");

  constructor(private readonly quote: () => Quote | null) {
    this.opened = this.gap();
  }

  /** What is still to be said before anything can be bought. */
  gap(): "address" | "pay" | null {
    if (!this.address) return "address";
    return this.paying ? null : "pay";
  }

  toggle(part: Part): void {
    this.opened = this.opened === part ? null : part;
  }

  setAddress(address: Address): void {
    this.ownAddress = address;
    this.opened = this.paying ? null : "pay";
  }

  setPay(choice: PayChoice): void {
    this.chosen = choice;
    this.opened = this.address ? null : "address";
  }

  /** The card was no good: another one, or another way. */
  payOtherwise(): void {
    if (this.chosen?.kind === "new") this.chosen = null;
    this.opened = "pay";
  }

  choice(tell_room: boolean): Choice {
    return { address: this.ownAddress, pay: this.pay(), save: this.save && this.changed, tell_room };
  }

  private pay(): Pay | null {
    const { paying } = this;
    if (!paying) return null;
    if (paying.kind === "konbini") return { type: "konbini" };
    return paying.kind === "new" ? { type: "card", token: paying.card.token } : { type: "card", card_id: paying.card.id };
  }

  private saved(): PayChoice | null {
    const card = this.quote()?.card;
    return card ? { kind: "saved", card } : null;
  }
}
