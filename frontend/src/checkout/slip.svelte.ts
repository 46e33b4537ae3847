import type { Pay, Quote } from "../api/trade";
import type { Address, Card } from "../api/types";
import type { TokenCard } from "./gateways";
import type { Choice } from "./purchase.svelte";

/** How the buyer wants to pay, as the slip shows it. */
export type PayChoice = { kind: "saved"; card: Card } | { kind: "new"; card: TokenCard } | { kind: "konbini" };

/** A line of the slip that is open. */
export type Part = "total" | "address" | "pay" | "delivery" | "terms";

/** What one person wrote on a slip. It outlives the slip: whoever puts it aside, or goes to their bank and back, writes nothing twice. */
class Draft {
  address: Address | null = $state.raw(null);
  pay: PayChoice | null = $state.raw(null);
  save = $state(true);

  constructor(readonly account_id: string) {}
}

let draft = new Draft("");

/** It is bought: a card's token counts once, and what was to be kept is the account's now. */
export function written(): void {
  draft.pay = null;
  if (draft.save) draft.address = null;
}

/** Where a slip put aside would be sent to. */
export const writtenPrefecture = (account_id: string): string | null => (draft.account_id === account_id && draft.address?.prefecture) || null;

/** What the buyer has chosen on the slip so far; what they did not touch is what the account has saved. */
export class SlipChoice {
  readonly draft: Draft;
  opened: Part | null = $state(null);
  readonly address: Address | null = $derived.by(() => this.draft.address ?? this.quote()?.address ?? null);
  readonly paying: PayChoice | null = $derived.by(() => this.draft.pay ?? this.saved());
  /** there is something to be kept for next time */
  readonly changed: boolean = $derived.by(() => this.draft.address !== null || this.draft.pay?.kind === "new");

  constructor(account_id: string, private readonly quote: () => Quote | null) {
    if (draft.account_id !== account_id) draft = new Draft(account_id);
    this.draft = draft;
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
    this.draft.address = address;
    this.opened = this.paying ? null : "pay";
  }

  setPay(choice: PayChoice): void {
    this.draft.pay = choice;
    this.opened = this.address ? null : "address";
  }

  /** The card was no good: another one, or another way. */
  payOtherwise(): void {
    if (this.draft.pay?.kind === "new") this.draft.pay = null;
    this.opened = "pay";
  }

  choice(tell_room: boolean): Choice {
    return { address: this.draft.address, pay: this.pay(), save: this.draft.save && this.changed, tell_room };
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
