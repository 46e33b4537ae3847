"""The replay's comments: closed stretches of every feed, kept as objects that never change.

Invariants: all stretches of a show together have every line that everyone heard and nobody removed, once and in order.
One show is written by one hand at a time (`_locks`); a line that is removed meanwhile is either seen by who writes, or
waits for the lock and is taken out of what was written. `stale` is set with the removal itself, so that what a crash
leaves behind is not shown and is mended before anything else.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Annotated
from weakref import WeakValueDictionary

import structlog
from msgspec import Meta, Struct

from ennichi.kit.db import Database, Transaction
from ennichi.kit.errors import NotFound
from ennichi.room import queries
from ennichi.room.acts import LineTaken
from ennichi.room.events import LineSaid
from ennichi.room.keeper import line_of
from ennichi.room.queries import CarriedRow, LineRow
from ennichi.room.recording import LARGEST, RECORDED, Recording, Taken, taken
from ennichi.room.shelf import NAME, Shelf, carries
from ennichi.shows import Show, ShowService

log = structlog.get_logger(__name__)

LAST = 2**62
AT_ONCE = 2_000
"""Lines read from the books in one go."""


class Segment(Struct, kw_only=True, frozen=True):
    """A closed stretch of a feed, and where it is found."""

    number: int
    url: str
    began_at: datetime
    ended_at: datetime
    from_ms: Annotated[int, Meta(description="Place in the video, in milliseconds since the show began.")]
    to_ms: int
    lines: int
    bytes: Annotated[int, Meta(description="As it is sent, compressed.")]


class Index(Struct, kw_only=True, frozen=True):
    """Everything of a show that is closed so far, in order."""

    segments: list[Segment]


class Segments:
    """Writes and hands out the stretches of all shows. The `Books` of every `Recording`."""

    def __init__(self, db: Database, shelf: Shelf, *, shows: Callable[[], ShowService]) -> None:
        self._db = db
        self._shelf = shelf
        self._shows_later = shows
        self._running: dict[str, Recording] = {}
        self._mending: set[asyncio.Task[None]] = set()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def start(self) -> None:
        """Mend what a crash left half removed."""
        async with self._db.read() as conn:
            show_ids = await queries.STALE_SHOWS.all(conn)
        for show_id in show_ids:
            await self._mend(show_id, "")

    async def stop(self) -> None:
        """Let what is being taken out come to its end."""
        await asyncio.gather(*self._mending, return_exceptions=True)

    def recording(self, show: Show, last_place: int) -> Recording:
        """What records a room that opens; `last_place` is that of its newest line."""
        recording = Recording(self, show, last_place, self._running.get(show.id))
        self._running = {key: one for key, one in self._running.items() if not one.ended.is_set()}
        self._running[show.id] = recording
        return recording

    async def index(self, show_id: str) -> tuple[Index, bool]:
        """What there is of a show, and whether more will come; ShowNotFound."""
        async with self._db.read() as conn:
            show = await self._shows_later().get(conn, show_id)
            rows = await queries.SEGMENTS.all(conn, show_id=show_id)
        running = self._running.get(show_id)
        if running and running.ended.is_set():
            running = None
        gap = running.gap if running else LAST
        lost, stale = gap is not None and show.state in RECORDED, any(row.stale for row in rows)
        if gap is not None and lost:
            await self.recover(show_id, gap)
        if stale:
            await self._mend(show_id, "")
        if lost or stale:
            async with self._db.read() as conn:
                rows = await queries.SEGMENTS.all(conn, show_id=show_id)
        found = [
            Segment(
                number=row.number,
                url=f"/media/feed/{show_id}/{row.name}.json",
                began_at=row.began_at,
                ended_at=row.ended_at,
                from_ms=row.from_ms,
                to_ms=row.to_ms,
                lines=row.lines,
                bytes=row.bytes,
            )
            for row in rows
        ]
        return Index(segments=found), show.state != "ended" or running is not None

    async def packed(self, show_id: str, name: str) -> bytes:
        """An object's JSON, compressed with gzip; NotFound, also when it is not current any more."""
        if not NAME.fullmatch(name):
            raise NotFound
        async with self._db.read() as conn:
            if not await queries.SEGMENT_SHOWN.first(conn, show_id=show_id, name=name):
                raise NotFound
        try:
            return await self._shelf.packed(show_id, name)
        except FileNotFoundError as replaced:
            raise NotFound from replaced

    async def put(self, show_id: str, taken: Sequence[Taken]) -> None:
        """Write a stretch, without what was removed meanwhile or never came into the books."""
        async with self._lock(show_id):
            await self._put(show_id, taken)

    async def recover(self, show_id: str, up_to: int) -> None:
        """Write the lines up to this place that are in no stretch, and drop objects that belong to none."""
        async with self._lock(show_id):
            async with self._db.read() as conn:
                if await queries.RECORDED.first(conn, show_id=show_id):
                    return
                names = [row.name for row in await queries.SEGMENTS.all(conn, show_id=show_id)]
            await self._shelf.keep_only(show_id, names)
            while True:
                async with self._db.read() as conn:
                    lost = await queries.LOST.all(conn, show_id=show_id, up_to=up_to, limit=AT_ONCE)
                for stretch in _stretches(lost):
                    await self._put(show_id, stretch)
                if len(lost) < AT_ONCE:
                    return

    async def seal(self, show_id: str) -> None:
        """The show is over and its room said its last: nothing has to be looked for any more."""
        await self.recover(show_id, LAST)
        async with self._db.transaction() as tx:
            await queries.SET_RECORDED.run(tx, show_id=show_id)

    async def mark(self, tx: Transaction, gone: LineTaken) -> None:
        """With a line's removal: from now on no object that has it is handed out."""
        await queries.MARK_STALE.run(tx, show_id=gone.show_id, line_id=gone.line_id)

    async def take_out(self, gone: LineTaken) -> None:
        """After a line's removal: replace the objects that have it by others without. Nobody waits for it."""
        task = asyncio.create_task(self._mend(gone.show_id, gone.line_id), name=f"taking out {gone.line_id}")
        self._mending.add(task)
        task.add_done_callback(self._mended)

    def _mended(self, task: asyncio.Task[None]) -> None:
        self._mending.discard(task)
        if not task.cancelled() and (failure := task.exception()):
            # It stays marked, so nobody sees it, and who asks for the show's index tries again.
            log.error("a line could not be taken out of a segment", exc_info=failure)

    async def _mend(self, show_id: str, line_id: str) -> None:
        async with self._lock(show_id):
            async with self._db.read() as conn:
                rows = await queries.CARRYING.all(conn, show_id=show_id, line_id=line_id)
            for row in rows:
                await self._replace(show_id, row)

    async def _replace(self, show_id: str, row: CarriedRow) -> None:
        async with self._db.read() as conn:
            gone = await queries.GONE.all(conn, ids=[*row.said, *row.quoted])
        events = [
            event
            for event in await self._shelf.events(show_id, row.name)
            if not any(carries(event, line_id) for line_id in gone)
        ]
        name, size = await self._shelf.put(show_id, row.number, events)
        async with self._db.transaction() as tx:
            await queries.REPLACE_SEGMENT.run(
                tx,
                show_id=show_id,
                number=row.number,
                name=name,
                bytes=size,
                said=[line_id for line_id in row.said if line_id not in gone],
                quoted=[line_id for line_id in row.quoted if line_id not in gone],
            )
        await self._shelf.keep_only(show_id, [name], number=row.number)
        async with self._db.transaction() as tx:
            await queries.MENDED.run(tx, show_id=show_id, number=row.number)

    async def _put(self, show_id: str, taken: Sequence[Taken]) -> None:
        async with self._db.read() as conn:
            alive = set(await queries.ALIVE.all(conn, ids=list(_ids(taken))))
            last = await queries.LAST_SEGMENT.first(conn, show_id=show_id)
        # Who tries again may have succeeded the first time, without having heard of it.
        done = set(last.said) if last else set()
        kept = [one for one in taken if one.line_id is None or one.line_id in alive]
        kept = [one for one in kept if not (one.says and one.line_id in done)]
        if not kept:
            return
        number = last.number + 1 if last else 1
        name, size = await self._shelf.put(show_id, number, [one.data for one in kept])
        said = _ids(one for one in kept if one.says)
        async with self._db.transaction() as tx:
            await queries.ADD_SEGMENT.run(
                tx,
                show_id=show_id,
                number=number,
                name=name,
                began_at=min(one.at for one in kept),
                ended_at=max(one.at for one in kept),
                from_ms=min(one.ms for one in kept),
                to_ms=max(one.ms for one in kept),
                said=list(said),
                quoted=list(_ids(kept) - said),
                bytes=size,
            )

    def _lock(self, show_id: str) -> asyncio.Lock:
        return self._locks.setdefault(show_id, asyncio.Lock())


def _ids(taken: Iterable[Taken]) -> set[str]:
    return {one.line_id for one in taken if one.line_id is not None}


def _stretches(rows: Iterable[LineRow]) -> Iterator[list[Taken]]:
    """Lines from the books, as they were on the feed, in stretches of the usual size."""
    stretch: list[Taken] = []
    size = 0
    for row in rows:
        one = taken(LineSaid(line_of(row)), row.at, row.media_ms or 0)
        stretch.append(one)
        size += len(one.data)
        if size >= LARGEST:
            yield stretch
            stretch, size = [], 0
    if stretch:
        yield stretch
