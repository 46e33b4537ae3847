import type { Asked, Line, LineupItem, Listing, Question, Snapshot, Stock } from "../api/types";
import type { FeedEvent } from "./events";

/** A snapshot carries this many chat lines; older ones fall out of both. */
export const LINES_KEPT = 50;

const NOTHING: NonNullable<Snapshot["mine"]> = { holds: [], waits: [], orders: [], asked: [], choice: null };

type Of<T extends FeedEvent["type"]> = Extract<FeedEvent, { type: T }>;
type Steps = { [T in FeedEvent["type"]]: (now: Snapshot, event: Of<T>) => Snapshot };

/**
 * The room one event later. Never changes `now`; a snapshot taken fresh from the server after the
 * event equals what this returns. An event of a kind this program does not know changes nothing.
 */
export function apply(now: Snapshot, event: FeedEvent): Snapshot {
  const step = steps[event.type] as ((now: Snapshot, event: FeedEvent) => Snapshot) | undefined;
  return step ? step(now, event) : now;
}

const steps: Steps = {
  line: (now, { line }) => ({ ...now, lines: withLine(now.lines, line) }),
  likes: (now, { total }) => ({ ...now, likes: total, show: { ...now.show, likes: total } }),
  removed: (now, { line_id }) => withoutLine(now, line_id),
  viewers: (now, { now: viewers, peak, unique }) => ({ ...now, viewers, peak, unique, show: { ...now.show, viewers } }),
  arrived: (now) => now,
  pinned: (now, { listing_id }) => withPinned({ ...now, pinned: listing_id }),
  stock: (now, event) => withStock(now, event),
  show: (now, event) => withState(now, event),
  lineup: (now, { items }) => withLineup(now, items),
  answering: (now, { question }) => ({ ...now, answering: question }),
  away: (now, { away }) => ({ ...now, show: { ...now.show, away } }),
  sold: (now, { show: atShow, store: inAll }) => ({
    ...now,
    show: { ...now.show, sold: atShow, store: { ...now.show.store, sold: inAll } },
    store: { ...now.store, sold: inAll },
  }),
  notice: (now, { notice }) => ({ ...now, notice }),
  // another vote than the one chosen in starts without a choice
  vote: (now, { vote }) => ({
    ...now,
    vote,
    mine: now.mine && vote?.id !== now.vote?.id ? { ...now.mine, choice: null } : now.mine,
  }),
  house: (now, { rules }) => ({ ...now, house: rules }),
  order: (now, { order }) => {
    const mine = now.mine ?? NOTHING;
    return { ...now, mine: { ...mine, orders: newestFirst(mine.orders, order) } };
  },
  hold: (now, { hold }) => {
    const mine = now.mine ?? NOTHING;
    const open = hold.state === "held" || hold.state === "confirming";
    return { ...now, mine: { ...mine, holds: inOrder(mine.holds, hold, open) } };
  },
  wait: (now, { wait }) => {
    const mine = now.mine ?? NOTHING;
    return { ...now, mine: { ...mine, waits: inOrder(mine.waits, wait, wait.state === "waiting") } };
  },
  wish_missed: (now) => now,
  question: (now, { question }) => ({ ...now, questions: withQuestion(now.questions, question) }),
  asked: (now, { question }) => {
    const mine = now.mine ?? NOTHING;
    return { ...now, mine: { ...mine, asked: withAsked(mine.asked, question) } };
  },
  reported: (now, { open }) => ({ ...now, reported: open }),
  sale: (now, { sales }) => ({ ...now, sales }),
};

function withLine(lines: Line[], line: Line): Line[] {
  if (lines.some((known) => known.id === line.id)) return lines;
  return [...lines, line].sort((a, b) => a.offset - b.offset).slice(-LINES_KEPT);
}

function withoutLine(now: Snapshot, gone: string): Snapshot {
  return {
    ...now,
    lines: now.lines.filter(({ id }) => id !== gone),
    questions: now.questions.filter(({ id }) => id !== gone),
    answering: now.answering?.id === gone ? null : now.answering,
    notice: now.notice?.line_id === gone ? null : now.notice,
    mine: now.mine && { ...now.mine, asked: now.mine.asked.filter(({ id }) => id !== gone) },
  };
}

function withState(now: Snapshot, event: Of<"show">): Snapshot {
  const { state, started_at, ended_at } = event;
  const away = state === "live" && now.show.away;
  return { ...now, show: { ...now.show, state, started_at, ended_at, away } };
}

/** `show.pinned` is the short form of the pinned line-up item and always follows it. */
function withPinned(now: Snapshot): Snapshot {
  const item = now.lineup.find(({ listing }) => listing.id === now.pinned);
  const pinned = item
    ? { title: item.listing.title, price: item.listing.price, number: item.number, available: item.listing.available }
    : null;
  return { ...now, show: { ...now.show, pinned } };
}

function withStock(now: Snapshot, event: Of<"stock">): Snapshot {
  const { variant_id, listing_id, available } = event;
  const entry: Stock = { variant_id, listing_id, available };
  const known = now.stock.some((row) => row.variant_id === variant_id);
  const stock = known
    ? now.stock.map((row) => (row.variant_id === variant_id ? entry : row))
    : [...now.stock, entry];
  const lineup = now.lineup.map((item) =>
    item.listing.id === listing_id ? { ...item, listing: restocked(item.listing, entry) } : item,
  );
  return withPinned({ ...now, stock, lineup });
}

function restocked(listing: Listing, stock: Stock): Listing {
  const variants = listing.variants.map((variant) =>
    variant.id === stock.variant_id ? { ...variant, available: stock.available } : variant,
  );
  return { ...listing, variants, available: variants.reduce((sum, variant) => sum + variant.available, 0) };
}

function withLineup(now: Snapshot, items: LineupItem[]): Snapshot {
  const stock = items.flatMap(({ listing }) =>
    listing.variants.map(({ id, available }) => ({ variant_id: id, listing_id: listing.id, available })),
  );
  return withPinned({ ...now, lineup: items, stock, show: { ...now.show, lineup_count: items.length } });
}

/** Open and being-answered questions stand in the order they were asked; the rest leave the queue. */
function withQuestion(queue: Question[], question: Question): Question[] {
  if (question.state !== "open" && question.state !== "answering") {
    return queue.filter(({ id }) => id !== question.id);
  }
  const known = queue.some(({ id }) => id === question.id);
  return known
    ? queue.map((old) => (old.id === question.id ? question : old))
    : [...queue, question].sort((a, b) => a.line.offset - b.line.offset);
}

/** Newest question first; one that went into another has left, the other comes by itself. */
function withAsked(list: Asked[], asked: Asked): Asked[] {
  const others = list.filter(({ id }) => id !== asked.id);
  return asked.state === "merged" ? others : [...others, asked].sort((a, b) => (a.id < b.id ? 1 : -1));
}

function newestFirst<T extends { id: string }>(list: T[], item: T): T[] {
  const known = list.some(({ id }) => id === item.id);
  return known ? list.map((old) => (old.id === item.id ? item : old)) : [item, ...list];
}

/** In the order they were taken; what is over leaves. */
function inOrder<T extends { id: string }>(list: T[], item: T, open: boolean): T[] {
  const others = list.filter(({ id }) => id !== item.id);
  return open ? [...others, item].sort((a, b) => (a.id < b.id ? -1 : 1)) : others;
}
