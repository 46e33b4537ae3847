"""What a room is made of, what can happen in it, and what each happening does to it.

The one rule everything here serves: a snapshot with the events after it applied equals a snapshot taken later.
`apply` is that rule in Python, frontend/src/live/apply.ts the same in the browser; tests/vectors/feed binds both.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, TypeAlias

from msgspec import Struct, structs

from ennichi.catalog import Listing
from ennichi.shows import LineupItem, Pinned, Show, State

LINES_KEPT = 50
"""A snapshot carries this many lines; older ones are in the database."""

QuestionState = Literal["open", "answering", "answered", "dropped"]


class Speaker(Struct, kw_only=True):
    """Who said a line; `seller` when they belong to the store."""

    id: str
    name: str
    seller: bool


class Line(Struct, kw_only=True):
    """Something said, at its place in the feed."""

    id: str
    offset: int
    at: datetime
    account: Speaker
    text: str
    question: bool
    listing_id: str | None


class Question(Struct, kw_only=True):
    """A line that waits for an answer; it has its line's id."""

    id: str
    line: Line
    state: QuestionState


class Stock(Struct, kw_only=True):
    """What is left of a variant, free to be bought now."""

    variant_id: str
    listing_id: str
    available: int


class LineSaid(Struct, tag_field="type", tag="line"):
    """Somebody said something."""

    line: Line


class LikesCounted(Struct, tag_field="type", tag="likes"):
    """Likes so far. A value: within a tick the last one wins."""

    total: int


class ViewersCounted(Struct, tag_field="type", tag="viewers"):
    """People watching now. A value."""

    now: int


class Pin(Struct, tag_field="type", tag="pinned"):
    """Another listing is shown, or none."""

    listing_id: str | None


class StockMoved(Struct, tag_field="type", tag="stock"):
    """What is left of a variant. A value, per variant."""

    variant_id: str
    listing_id: str
    available: int


class ShowTurned(Struct, tag_field="type", tag="show"):
    """The show went live, ended or was cancelled."""

    state: State
    started_at: datetime | None
    ended_at: datetime | None


class LineupSet(Struct, tag_field="type", tag="lineup"):
    """The line-up, or a listing in it, is another."""

    items: list[LineupItem]


class Answering(Struct, tag_field="type", tag="answering"):
    """The question being answered on the video, or none."""

    question: Question | None


class StallAway(Struct, tag_field="type", tag="away"):
    """The stall's picture stopped, or moves again. A value."""

    away: bool


class SoldCounted(Struct, tag_field="type", tag="sold"):
    """Units sold so far, at this show and by the store in all. A value."""

    show: int
    store: int


class QuestionMoved(Struct, tag_field="type", tag="question"):
    """For the store's members: a question came or went to another state."""

    question: Question


Event: TypeAlias = (
    LineSaid
    | LikesCounted
    | ViewersCounted
    | Pin
    | StockMoved
    | ShowTurned
    | LineupSet
    | Answering
    | StallAway
    | SoldCounted
    | QuestionMoved
)


class Gathering(Struct, kw_only=True):
    """Everything a room shows, at one offset of its feed. `questions` is for members of the store."""

    show: Show
    lines: list[Line]
    likes: int
    viewers: int
    pinned: str | None
    lineup: list[LineupItem]
    answering: Question | None
    questions: list[Question]
    stock: list[Stock]


def apply(now: Gathering, event: Struct) -> Gathering:
    """The room one event later; events of other parts (orders, holds) change nothing in it."""
    step = _STEPS.get(type(event))
    return step(now, event) if step else now


def value_key(event: Struct) -> tuple[str, ...] | None:
    """What makes two events of one tick the same value, or None for what is never coalesced."""
    match event:
        case LikesCounted() | ViewersCounted() | StallAway() | SoldCounted():
            return (type(event).__name__,)
        case StockMoved(variant_id=variant):
            return ("StockMoved", variant)
        case _:
            return None


def stock_of(items: list[LineupItem]) -> list[Stock]:
    """The stock rows of a line-up, in its order."""
    return [
        Stock(variant_id=variant.id, listing_id=item.listing.id, available=variant.available)
        for item in items
        for variant in item.listing.variants
    ]


def with_pinned(now: Gathering) -> Gathering:
    """`show.pinned` is the short form of the pinned line-up item and always follows it."""
    item = next((i for i in now.lineup if i.listing.id == now.pinned), None)
    pinned = item and Pinned(
        title=item.listing.title, price=item.listing.price, number=item.number, available=item.listing.available
    )
    return structs.replace(now, show=structs.replace(now.show, pinned=pinned))


def _line(now: Gathering, event: LineSaid) -> Gathering:
    if any(known.id == event.line.id for known in now.lines):
        return now
    return structs.replace(now, lines=[*now.lines, event.line][-LINES_KEPT:])


def _likes(now: Gathering, event: LikesCounted) -> Gathering:
    return structs.replace(now, likes=event.total, show=structs.replace(now.show, likes=event.total))


def _viewers(now: Gathering, event: ViewersCounted) -> Gathering:
    return structs.replace(now, viewers=event.now, show=structs.replace(now.show, viewers=event.now))


def _pin(now: Gathering, event: Pin) -> Gathering:
    return with_pinned(structs.replace(now, pinned=event.listing_id))


def _stock(now: Gathering, event: StockMoved) -> Gathering:
    moved = Stock(variant_id=event.variant_id, listing_id=event.listing_id, available=event.available)
    stock = [moved if row.variant_id == event.variant_id else row for row in now.stock]
    if moved not in stock:
        stock.append(moved)
    lineup = [
        structs.replace(item, listing=_restocked(item.listing, moved)) if item.listing.id == event.listing_id else item
        for item in now.lineup
    ]
    return with_pinned(structs.replace(now, stock=stock, lineup=lineup))


def _restocked(listing: Listing, stock: Stock) -> Listing:
    variants = [
        structs.replace(variant, available=stock.available) if variant.id == stock.variant_id else variant
        for variant in listing.variants
    ]
    return structs.replace(listing, variants=variants, available=sum(variant.available for variant in variants))


def _show(now: Gathering, event: ShowTurned) -> Gathering:
    show = structs.replace(
        now.show,
        state=event.state,
        started_at=event.started_at,
        ended_at=event.ended_at,
        away=event.state == "live" and now.show.away,
    )
    return structs.replace(now, show=show)


def _lineup(now: Gathering, event: LineupSet) -> Gathering:
    show = structs.replace(now.show, lineup_count=len(event.items))
    return with_pinned(structs.replace(now, lineup=event.items, stock=stock_of(event.items), show=show))


def _answering(now: Gathering, event: Answering) -> Gathering:
    return structs.replace(now, answering=event.question)


def _away(now: Gathering, event: StallAway) -> Gathering:
    return structs.replace(now, show=structs.replace(now.show, away=event.away))


def _sold(now: Gathering, event: SoldCounted) -> Gathering:
    store = structs.replace(now.show.store, sold=event.store)
    return structs.replace(now, show=structs.replace(now.show, sold=event.show, store=store))


def _question(now: Gathering, event: QuestionMoved) -> Gathering:
    moved = event.question
    if moved.state in ("answered", "dropped"):
        queue = [q for q in now.questions if q.id != moved.id]
    elif any(q.id == moved.id for q in now.questions):
        queue = [moved if q.id == moved.id else q for q in now.questions]
    else:
        queue = [*now.questions, moved]
    return structs.replace(now, questions=queue)


_STEPS: dict[type, Callable[[Gathering, Any], Gathering]] = {
    LineSaid: _line,
    LikesCounted: _likes,
    ViewersCounted: _viewers,
    Pin: _pin,
    StockMoved: _stock,
    ShowTurned: _show,
    LineupSet: _lineup,
    Answering: _answering,
    StallAway: _away,
    SoldCounted: _sold,
    QuestionMoved: _question,
}
