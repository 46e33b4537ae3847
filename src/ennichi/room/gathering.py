"""Everything a room shows, and what each happening does to it.

The one rule everything here serves: a snapshot with the events after it applied equals a snapshot taken later.
`apply` is that rule in Python, frontend/src/live/apply.ts the same in the browser; tests/vectors/feed binds both.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct, structs

from ennichi.catalog import Listing
from ennichi.room.events import (
    Answering,
    HouseSet,
    LikesCounted,
    LineRemoved,
    LineSaid,
    LineupSet,
    NoticeSet,
    Pin,
    QuestionMoved,
    ReportsCounted,
    ShowTurned,
    SoldCounted,
    StallAway,
    StockMoved,
    ViewersCounted,
    VoteMoved,
)
from ennichi.room.model import LEFT_THE_QUEUE, HouseRules, Line, Notice, Question, Stock, Vote
from ennichi.shows import LineupItem, Pinned, Show

LINES_KEPT = 50
"""A snapshot carries this many lines; older ones are in the database."""


class Gathering(Struct, kw_only=True):
    """Everything a room shows, at one offset of its feed. `questions` and `reported` are for the store's staff."""

    show: Show
    lines: list[Line]
    likes: int
    viewers: int
    peak: int = 0
    unique: int = 0
    pinned: str | None
    lineup: list[LineupItem]
    answering: Question | None
    questions: list[Question]
    stock: list[Stock]
    notice: Notice | None = None
    vote: Vote | None = None
    house: HouseRules = HouseRules(shield=True, slow_s=0, followers_only=False)
    reported: int = 0


def apply(now: Gathering, event: Struct) -> Gathering:
    """The room one event later; events of other parts (orders, holds) change nothing in it."""
    step = _STEPS.get(type(event))
    return step(now, event) if step else now


def in_order(lines: list[Line]) -> list[Line]:
    """The newest lines by their place in the feed. What only some people hear may reach them a little early."""
    return sorted(lines, key=lambda line: line.offset)[-LINES_KEPT:]


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
    return structs.replace(now, lines=in_order([*now.lines, event.line]))


def _removed(now: Gathering, event: LineRemoved) -> Gathering:
    gone = event.line_id
    return structs.replace(
        now,
        lines=[line for line in now.lines if line.id != gone],
        questions=[question for question in now.questions if question.id != gone],
        answering=None if now.answering and now.answering.id == gone else now.answering,
        notice=None if now.notice and now.notice.line_id == gone else now.notice,
    )


def _likes(now: Gathering, event: LikesCounted) -> Gathering:
    return structs.replace(now, likes=event.total, show=structs.replace(now.show, likes=event.total))


def _viewers(now: Gathering, event: ViewersCounted) -> Gathering:
    show = structs.replace(now.show, viewers=event.now)
    return structs.replace(now, viewers=event.now, peak=event.peak, unique=event.unique, show=show)


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


def _notice(now: Gathering, event: NoticeSet) -> Gathering:
    return structs.replace(now, notice=event.notice)


def _vote(now: Gathering, event: VoteMoved) -> Gathering:
    return structs.replace(now, vote=event.vote)


def _house(now: Gathering, event: HouseSet) -> Gathering:
    return structs.replace(now, house=event.rules)


def _reported(now: Gathering, event: ReportsCounted) -> Gathering:
    return structs.replace(now, reported=event.open)


def _question(now: Gathering, event: QuestionMoved) -> Gathering:
    moved = event.question
    if moved.state in LEFT_THE_QUEUE:
        queue = [q for q in now.questions if q.id != moved.id]
    elif any(q.id == moved.id for q in now.questions):
        queue = [moved if q.id == moved.id else q for q in now.questions]
    else:
        # By the line's place: what is put back stands where it was asked, as after the room was opened anew.
        queue = sorted([*now.questions, moved], key=lambda question: question.line.offset)
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
    LineRemoved: _removed,
    NoticeSet: _notice,
    VoteMoved: _vote,
    HouseSet: _house,
    ReportsCounted: _reported,
    QuestionMoved: _question,
}
