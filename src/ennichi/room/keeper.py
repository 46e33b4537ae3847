"""Between the rooms and the database: loads a gathering, keeps what was said."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from ennichi.accounts import Account
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database, Transaction
from ennichi.room import ballots, queries
from ennichi.room.actor import Kept
from ennichi.room.ballots import Box
from ennichi.room.books import KEPT, Asking, write
from ennichi.room.desk import Desk, Entry, Sense
from ennichi.room.events import LineSaid
from ennichi.room.gathering import LINES_KEPT, Gathering, stock_of
from ennichi.room.log import STAFF, Audience
from ennichi.room.model import Line, Notice, Question, Speaker
from ennichi.room.ports import HeardBy, House
from ennichi.room.queries import AskingRow, LineRow
from ennichi.shows import ShowService
from ennichi.stores import StoreService

QUIET_KEPT = 200


class Loaded(msgspec.Struct, kw_only=True):
    """A room as the database knows it."""

    now: Gathering
    desk: Desk
    box: Box
    quiet: list[tuple[Audience, Line]]
    last_place: int
    visitors: set[str]


class Keeper:
    """The rooms' memory."""

    def __init__(self, db: Database, clock: Clock, shows: ShowService, stores: StoreService, house: House) -> None:
        self._db = db
        self._clock = clock
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
            desk = await self._desk(conn, show_id, over=row.state not in ("scheduled", "live"))
            box = await ballots.load(conn, show_id, over=row.state not in ("scheduled", "live"))
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
            answering=desk.answering,
            questions=desk.waiting(),
            stock=stock_of(lineup),
            notice=msgspec.convert(kept.notice, Notice) if kept and kept.notice else None,
            vote=box.vote,
            house=house,
            reported=reported,
        )
        heard = [(audience_of(row.heard_by, row.account_id), line_of(row)) for row in reversed(quiet)]
        return Loaded(now=now, desk=desk, box=box, quiet=heard, last_place=last_place, visitors=visitors)

    async def keep(self, show_id: str, epoch: str, kept: Kept) -> None:
        """Write what a tick brought, in one transaction: its lines, then the rest in its order."""
        events = [pending.event for pending in kept.said]
        asking = {event.line_id: event for event in events if isinstance(event, Asking)}
        said = [
            _row(show_id, epoch, p.event.line, p.audience, asking.get(p.event.line.id))
            for p in kept.said
            if isinstance(p.event, LineSaid)
        ]
        numbers = kept.likes is not None or kept.peak is not None or kept.visitors
        further = numbers or any(isinstance(event, KEPT) for event in events)
        if not (said or further):
            return
        if len(said) == 1 and not further:
            # As most ticks of a quiet room: one statement needs no transaction around it.
            async with self._db.read() as conn:
                await queries.KEEP.run(conn, **said[0])
            return
        async with self._db.transaction() as tx:
            if said:
                await queries.KEEP.many(tx, said)
            await write(tx, show_id, self._clock.now(), events)
            await self._keep_numbers(tx, show_id, kept)

    async def _desk(self, conn: Connection, show_id: str, *, over: bool) -> Desk:
        """The show's questions. What was being answered when everything stopped waits again once the show is over."""
        askers: defaultdict[str, set[str]] = defaultdict(set)
        for row in await queries.ASKERS.all(conn, show_id=show_id):
            askers[row.question_id].add(row.account_id)
        entries = entries_of(await queries.ASKING.all(conn, show_id=show_id), askers)
        desk = Desk(entries)
        if over:
            desk.put_back()
        return desk

    async def _keep_numbers(self, tx: Transaction, show_id: str, kept: Kept) -> None:
        if kept.visitors:
            await queries.VISIT.many(tx, [{"show_id": show_id, "visitor": visitor} for visitor in kept.visitors])
        if kept.peak is not None:
            await queries.RAISE_PEAK.run(tx, show_id=show_id, peak=kept.peak)
        if kept.likes is not None:
            row = await self._shows.get(tx, show_id)
            await self._shows.keep_likes(tx, show_id, kept.likes)
            await self._stores.add_likes(tx, row.store_id, max(0, kept.likes - row.likes))


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


def entries_of(rows: Sequence[AskingRow], askers: Mapping[str, set[str]]) -> list[Entry]:
    """Lines that ask, in their order, as the questions they ask."""
    entries = {
        row.id: Entry(
            question=question_of(row),
            lines=[],
            askers=askers.get(row.id) or {row.account_id},
            senses=[],
            hidden=row.heard_by != "all",
        )
        for row in rows
        if row.merged_into is None
    }
    for row in rows:
        head = row.merged_into or row.id
        if entry := entries.get(head):
            entry.lines.append(entry.question.line if head == row.id else line_of(row))
            entry.means(Sense(row.folded or "", row.about))
    return list(entries.values())


def audience_of(heard_by: str, author_id: str) -> Audience:
    """Whom a line is for, as the feed's audience."""
    return {"all": None, "staff": (STAFF, author_id), "author": author_id}[heard_by]


def heard_by(audience: Audience) -> HeardBy:
    """The other way around."""
    if audience is None:
        return "all"
    return "staff" if STAFF in audience and not isinstance(audience, str) else "author"


def _row(show_id: str, epoch: str, line: Line, audience: Audience, asking: Asking | None) -> dict[str, object]:
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
        "folded": asking.folded if asking else None,
        "about": asking.about if asking else None,
        "head": asking.question_id if asking and asking.question_id != line.id else None,
    }
