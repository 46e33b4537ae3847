/**
 * The payment house's part of the page. What a card's number is typed into belongs to it alone, and so does what a bank
 * wants of a buyer; the slip knows tokens only. Which house it is, the server says.
 */
import type { Component } from "svelte";
import type { Action, Till } from "../../api/trade";
import type { Card } from "../../api/types";

/** A card that the payment house knows by a token; its number never came this way. */
export interface TokenCard {
  token: string;
  brand: Card["brand"];
  last4: string;
}

export interface CardFieldsProps {
  till: Till;
  onnew: (card: TokenCard) => void;
  oncancel: (() => void) | null;
}

export interface Gateway {
  /** where a new card is typed in */
  CardFields: Component<CardFieldsProps>;
  /** takes the buyer through what their bank wants; null: the page named by the action does */
  prove: ((action: Action, till: Till) => Promise<void>) | null;
}

const HOUSES: Record<string, () => Promise<{ default: Gateway }>> = {
  sandbox: () => import("./sandbox"),
  stripe: () => import("./stripe"),
};

/** Fetched when it is needed, so that nobody loads the program of a payment house to look at a show. */
export async function gatewayOf({ gateway }: Till): Promise<Gateway> {
  const house = HOUSES[gateway];
  if (!house) throw new Error(`no page for the payment house ${gateway}`);
  return (await house()).default;
}
