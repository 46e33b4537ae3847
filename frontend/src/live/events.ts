import type { Hold, Line, LineupItem, OrderBrief, Question, Sales, ShowState } from "../api/types";

/** What everyone in the room is told: the same bytes for all. */
export type PublicEvent =
  | { type: "line"; line: Line }
  | { type: "likes"; total: number }
  | { type: "viewers"; now: number }
  | { type: "pinned"; listing_id: string | null }
  | { type: "stock"; variant_id: string; listing_id: string; available: number }
  | { type: "show"; state: ShowState; started_at: string | null; ended_at: string | null }
  | { type: "lineup"; items: LineupItem[] }
  | { type: "answering"; question: Question | null }
  | { type: "away"; away: boolean }
  | { type: "sold"; show: number; store: number };

/** What one account is told: a buyer their own purchase, the stall its questions and sales. */
export type PrivateEvent =
  | { type: "order"; order: OrderBrief }
  | { type: "hold"; hold: Hold }
  | { type: "question"; question: Question }
  | { type: "sale"; order: OrderBrief; sales: Sales };

export type FeedEvent = PublicEvent | PrivateEvent;
