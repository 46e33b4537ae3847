"""What everyone saw in one room, collected until a stretch of it is long enough to be put away.

Invariants:
- `take` waits for nothing. Stretches are written by a task of their own, in order; one that cannot be written is tried
  again. Memory is bounded: when too much waits, the waiting is let go and its lines are read from the books later.
- A room writes a tick to the books before it begins the next. So a stretch is closed when a later tick comes, or after
  some quiet: its lines are in the books by then, and any that are not were never kept.
- Nothing is written before the lines that came before it: `gap` is the place up to which the books are to be searched.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
import structlog
from msgspec import Struct

from ennichi.kit.outage import outage
from ennichi.room.events import Answering, LineRemoved, LineSaid, NoticeSet, ShowTurned, ViewersCounted
from ennichi.room.log import Entry
from ennichi.room.shelf import carries
from ennichi.shows import Show, State

log = structlog.get_logger(__name__)

LONGEST = timedelta(seconds=60)
LARGEST = 512 * 1024
MOST = 16 * LARGEST
"""So much may wait for a store that does not take it."""
VIEWERS_EVERY = timedelta(seconds=10)
QUIET = 5.0
"""Seconds without a tick after which the last one is in the books."""
AGAIN = 5.0
PATIENCE = 10.0
RECORDED: tuple[State, ...] = ("live", "ended")
_encoder = msgspec.json.Encoder()


class Moment(Struct, kw_only=True):
    """An event at its time and its place in the video, as it is written."""

    at: datetime
    ms: int
    event: Struct


class Taken(Struct, frozen=True):
    """An encoded moment, and the line it says or shows, if it does."""

    at: datetime
    ms: int
    data: bytes
    line_id: str | None
    says: bool


class Books(Protocol):
    """Where stretches go, and where lost lines are found."""

    async def put(self, show_id: str, taken: Sequence[Taken]) -> None:
        """Write a stretch."""
        ...

    async def recover(self, show_id: str, up_to: int) -> None:
        """Write the lines up to this place that are in no stretch."""
        ...

    async def seal(self, show_id: str) -> None:
        """The show is over: write what may still be missing, and note that nothing is."""
        ...


def taken(event: Struct, at: datetime, ms: int) -> Taken:
    """The event as it is recorded."""
    line_id = None
    match event:
        case LineSaid(line=line):
            line_id = line.id
        case Answering(question=question) if question:
            line_id = question.id
        case NoticeSet(notice=notice) if notice:
            line_id = notice.line_id
    return Taken(at, ms, _encoder.encode(Moment(at=at, ms=ms, event=event)), line_id, isinstance(event, LineSaid))


class Recording:
    """The `Recorder` of one life of a room. `before` is that of an earlier life, which may still be closing."""

    def __init__(self, books: Books, show: Show, last_place: int, before: "Recording | None") -> None:
        self.gap: int | None = last_place if show.state in RECORDED else None
        self.ended = asyncio.Event()
        self._books = books
        self._show_id = show.id
        self._state = show.state
        self._began = show.started_at
        self._before = before
        self._open: list[Taken] = []
        self._size = 0
        self._waiting: deque[list[Taken]] = deque()
        self._viewers_at: datetime | None = None
        self._loop = asyncio.get_running_loop()
        self._bell: asyncio.TimerHandle | None = None
        self._work = asyncio.Event()
        self._closing = False
        if self.gap is not None:
            self._work.set()
        self._task = asyncio.create_task(self._run(), name=f"recording {show.id}")

    def take(self, entries: Sequence[Entry], at: datetime) -> None:
        """The public events of a tick."""
        before, turned = self._state, [entry.event for entry in entries if isinstance(entry.event, ShowTurned)]
        if turned:
            self._state, self._began = turned[-1].state, turned[-1].started_at
        if self._state not in RECORDED:
            return
        if before == "scheduled":
            self._search(entries[0].offset - 1)
        if self._open and (at - self._open[0].at >= LONGEST or self._size >= LARGEST):
            self._close_stretch()
        everything = "live" in (before, self._state)
        for entry in entries:
            if everything or isinstance(entry.event, LineSaid | LineRemoved):
                self._take_one(entry.event, at)
        if self._size + sum(map(_size, self._waiting)) > MOST:
            self._open, self._size = [], 0
            self._waiting.clear()
            self._search(entries[-1].offset)
        if self._open and (self._bell is None or before != self._state):
            self._ring_in(LONGEST.total_seconds() + QUIET if self._state == "live" else QUIET)

    async def close(self) -> None:
        """Write what there is. The room has said its last, and it is in the books."""
        self._closing = True
        self._close_stretch()
        self._work.set()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._task
        except TimeoutError:
            log.warning("the end of a feed is not written; the books still have its lines", show_id=self._show_id)
        self.ended.set()

    def _take_one(self, event: Struct, at: datetime) -> None:
        match event:
            case LineRemoved(line_id=line_id):
                self._open = [one for one in self._open if not carries(one.data, line_id)]
                return
            case ViewersCounted():
                if self._viewers_at and at - self._viewers_at < VIEWERS_EVERY:
                    return
                self._viewers_at = at
        ms = max(0, int((at - self._began).total_seconds() * 1000)) if self._began else 0
        self._open.append(one := taken(event, at, ms))
        self._size += len(one.data)

    def _search(self, up_to: int) -> None:
        self.gap = up_to
        self._work.set()

    def _ring_in(self, seconds: float) -> None:
        if self._bell:
            self._bell.cancel()
        self._bell = self._loop.call_later(seconds, self._close_stretch)

    def _close_stretch(self) -> None:
        if self._bell:
            self._bell.cancel()
            self._bell = None
        if self._open:
            self._waiting.append(self._open)
            self._open, self._size = [], 0
            self._work.set()

    async def _run(self) -> None:
        if self._before:
            # Two lives of a room must not write at the same time: what one is about to write would look lost.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._before.ended.wait(), PATIENCE)
            self._before = None
        while not self._closing or self._work.is_set():
            await self._work.wait()
            self._work.clear()
            try:
                await self._write()
                if self._closing and self._state == "ended":
                    await self._books.seal(self._show_id)
            except Exception as problem:
                if not outage.noticed(problem):
                    log.exception("a stretch of a feed could not be written", show_id=self._show_id)
                if not self._closing:
                    self._loop.call_later(AGAIN, self._work.set)

    async def _write(self) -> None:
        while self.gap is not None or self._waiting:
            if (gap := self.gap) is not None:
                await self._books.recover(self._show_id, gap)
                if self.gap == gap:
                    self.gap = None
                continue
            stretch = self._waiting[0]
            await self._books.put(self._show_id, stretch)
            if self._waiting and self._waiting[0] is stretch:
                self._waiting.popleft()


def _size(stretch: list[Taken]) -> int:
    return sum(len(one.data) for one in stretch)
