import type {
  Asked, Hold, HouseRules, Line, LineupItem, Notice, OrderBrief, Question, Sales, ShowState, Vote,
} from "../api/types";
import type { HoldWhy, MissedWish, Wait } from "../api/trade";

/** What everyone in the room is told: the same bytes for all. */
export type PublicEvent =
  | { type: "line"; line: Line }
  | { type: "likes"; total: number }
  | { type: "removed"; line_id: string }
  | { type: "viewers"; now: number; peak: number; unique: number }
  | { type: "arrived"; names: string[]; count: number }
  | { type: "pinned"; listing_id: string | null }
  | { type: "stock"; variant_id: string; listing_id: string; available: number }
  | { type: "show"; state: ShowState; started_at: string | null; ended_at: string | null }
  | { type: "lineup"; items: LineupItem[] }
  | { type: "answering"; question: Question | null }
  | { type: "away"; away: boolean }
  | { type: "sold"; show: number; store: number }
  | { type: "notice"; notice: Notice | null }
  | { type: "vote"; vote: Vote | null }
  | { type: "house"; rules: HouseRules };

/** What one account is told: a buyer their own purchase and questions, the staff the queue and reports, owners sales. */
export type PrivateEvent =
  | { type: "order"; order: OrderBrief }
  | { type: "hold"; hold: Hold; why: HoldWhy }
  | { type: "wait"; wait: Wait }
  | ({ type: "wish_missed" } & MissedWish)
  | { type: "asked"; question: Asked }
  | { type: "question"; question: Question }
  | { type: "reported"; open: number }
  | { type: "sale"; order: OrderBrief; sales: Sales };

export type FeedEvent = PublicEvent | PrivateEvent;
