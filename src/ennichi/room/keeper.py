"""Between the rooms and the database: loads a gathering, keeps what was said."""

from typing import Any

import msgspec

from ennichi.accounts import Account
from ennichi.kit.db import Connection, Database, Transaction
from ennichi.room import queries
from ennichi.room.actor import Kept
from ennichi.room.events import LineSaid, NoticeSet, QuestionMoved
from ennichi.room.gathering import LINES_KEPT, Gathering, stock_of
from ennichi.room.log import STAFF, Audience
from ennichi.room.model import Line, Notice, Question, Speaker
from ennichi.room.ports import HeardBy, House
from ennichi.room.queries import LineRow
from ennichi.shows import ShowService
from ennichi.stores import StoreService

QUIET_KEPT = 200


class Loaded(msgspec.Struct, kw_only=True):
    """A room as the database knows it."""

    now: Gathering
    quiet: list[tuple[Audience, Line]]
    last_place: int
    visitors: set[str]


class Keeper:
    """The rooms' memory."""

    def __init__(self, db: Database, shows: ShowService, stores: StoreService, house: House) -> None:
        self._db = db
        self._shows = shows
        self._stores = stores
        self._house = house

    async def load(self, show_id: str) -> Loaded:
        """The room as the database knows it; ShowNotFound."""
        nobody: Account | None = None
        async with self._db.read() as conn:
            row = await self._shows.get(conn, show_id)
            show = await self._shows.tiles.page(conn, row, nobody)
            lineup = await self._shows.tiles.lineup(conn, show_id)
            newest = await queries.NEWEST.all(conn, show_id=show_id, limit=LINES_KEPT)
            quiet = await queries.QUIET.all(conn, show_id=show_id, limit=QUIET_KEPT)
            questions = [question_of(row) for row in await queries.WAITING.all(conn, show_id=show_id)]
            kept = await queries.ROOM.first(conn, show_id=show_id)
            visitors = set(await queries.VISITORS.all(conn, show_id=show_id))
            last_place = await queries.LAST_PLACE.one(conn, show_id=show_id)
            house = await self._house.rules(conn, row.store_id)
            reported = await self._house.reported(conn, show_id)
        show.viewers, show.likes, show.lineup_count = 0, row.likes, len(lineup)
        now = Gathering(
            show=show,
            lines=[line_of(row) for row in reversed(newest)],
            likes=row.likes,
            viewers=0,
            peak=kept.peak if kept else 0,
            unique=len(visitors),
            pinned=row.pinned_id,
            lineup=lineup,
            answering=next((q for q in questions if q.state == "answering"), None),
            questions=questions,
            stock=stock_of(lineup),
            notice=msgspec.convert(kept.notice, Notice) if kept and kept.notice else None,
            house=house,
            reported=reported,
        )
        heard = [(audience_of(row.heard_by, row.account_id), line_of(row)) for row in reversed(quiet)]
        return Loaded(now=now, quiet=heard, last_place=last_place, visitors=visitors)

    async def keep(self, show_id: str, epoch: str, kept: Kept) -> None:
        """Write what a tick brought, in one transaction."""
        said = [_row(show_id, epoch, p.event.line, p.audience) for p in kept.said if isinstance(p.event, LineSaid)]
        fresh = {row["id"] for row in said}
        moved = {p.event.question.id: p.event.question.state for p in kept.said if isinstance(p.event, QuestionMoved)}
        moves = [{"id": key, "show_id": show_id, "queue": state} for key, state in moved.items() if key not in fresh]
        notices = [p.event.notice for p in kept.said if isinstance(p.event, NoticeSet)]
        numbers = kept.likes is not None or kept.peak is not None or kept.visitors
        if not (said or moves or notices or numbers):
            return
        async with self._db.transaction() as tx:
            if said:
                await queries.KEEP.many(tx, said)
            if moves:
                await queries.MOVE.many(tx, moves)
            if notices:
                await queries.SET_NOTICE.run(tx, show_id=show_id, notice=_json(notices[-1]))
            await self._keep_numbers(tx, show_id, kept)

    async def _keep_numbers(self, tx: Transaction, show_id: str, kept: Kept) -> None:
        if kept.visitors:
            await queries.VISIT.many(tx, [{"show_id": show_id, "visitor": visitor} for visitor in kept.visitors])
        if kept.peak is not None:
            await queries.RAISE_PEAK.run(tx, show_id=show_id, peak=kept.peak)
        if kept.likes is not None:
            row = await self._shows.get(tx, show_id)
            await self._shows.keep_likes(tx, show_id, kept.likes)
            await self._stores.add_likes(tx, row.store_id, max(0, kept.likes - row.likes))

    async def question(self, where: Connection, show_id: str, question_id: str) -> Question | None:
        """A question of this show, whatever its state."""
        row = await queries.QUESTION.first(where, id=question_id, show_id=show_id)
        return question_of(row) if row else None


def line_of(row: LineRow) -> Line:
    """A kept line as the feed shows it."""
    return Line(
        id=row.id,
        offset=row.place,
        at=row.at,
        media_ms=row.media_ms,
        kind=row.kind,  # type: ignore[arg-type]  # checked by the table
        account=Speaker(id=row.account_id, name=row.name, seller=row.seller, moderator=row.moderator),
        text=row.text,
        question=row.question,
        listing_id=row.listing_id,
        quantity=row.quantity,
        quiet=row.heard_by == "staff",
    )


def question_of(row: LineRow) -> Question:
    """A kept question as the queue shows it."""
    return Question(
        id=row.id,
        line=line_of(row),
        state=row.queue,  # type: ignore[arg-type]  # checked by the table
        asked=row.asked,
        answer=row.answer,
        media_ms=row.taken_up_ms,
    )


def audience_of(heard_by: str, author_id: str) -> Audience:
    """Whom a line is for, as the feed's audience."""
    return {"all": None, "staff": (STAFF, author_id), "author": author_id}[heard_by]


def heard_by(audience: Audience) -> HeardBy:
    """The other way around."""
    if audience is None:
        return "all"
    return "staff" if STAFF in audience and not isinstance(audience, str) else "author"


def _json(notice: Notice | None) -> Any:
    return None if notice is None else msgspec.json.encode(notice).decode()


def _row(show_id: str, epoch: str, line: Line, audience: Audience) -> dict[str, object]:
    return {
        "id": line.id,
        "show_id": show_id,
        "epoch": epoch,
        "place": line.offset,
        "at": line.at,
        "media_ms": line.media_ms,
        "kind": line.kind,
        "account_id": line.account.id,
        "name": line.account.name,
        "seller": line.account.seller,
        "moderator": line.account.moderator,
        "text": line.text,
        "question": line.question,
        "listing_id": line.listing_id,
        "quantity": line.quantity,
        "heard_by": heard_by(audience),
        "queue": "open" if line.question else None,
    }
