"""The room of one show: the single writer of its feed.

Invariants:
- Only `_flush` changes `now`, gives offsets and hands bytes to streams, and it does so without awaiting in between:
  a stream that joins sees every event either in its snapshot or after it, never both, never neither.
- A tick is encoded once; every stream gets the same bytes. What concerns one person goes before it, to their
  streams alone.
- What was said is written to the database with its tick; whoever said it is answered after that. Streams do not
  wait for the database, so a slow disk slows answers and not the crowd.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog
from msgspec import Struct

from ennichi.room.events import Answering, LikesCounted, LineSaid, LineupSet, ViewersCounted, value_key
from ennichi.room.gathering import Gathering, apply
from ennichi.room.log import MEMBERS, STAFF, Audience, Log, mine, parse_position
from ennichi.room.model import Question
from ennichi.room.stream import PING, RESET, Stream, bye

log = structlog.get_logger(__name__)

TICK = 0.05
"""Seconds from one tick to the next at least. What happens in a quiet room goes out at once."""


class Store(Protocol):
    """Where the room keeps what must survive it."""

    async def keep(self, show_id: str, epoch: str, kept: "Kept") -> None:
        """Write what a tick brought, in one transaction."""
        ...


class Kept(Struct, kw_only=True):
    """What must survive a tick: what happened, and the numbers that changed (None: as before)."""

    said: Sequence["Pending"]
    likes: int | None = None
    peak: int | None = None
    visitors: Sequence[str] = ()


class Pending(Struct, kw_only=True):
    """An event waiting for its tick. `kept` is resolved once it is in the database."""

    event: Struct
    audience: Audience = None
    kept: asyncio.Future[None] | None = None


class Room:
    """One show's gathering. All methods belong to the event loop's thread."""

    def __init__(self, show_id: str, epoch: str, now: Gathering, store: Store) -> None:
        self.show_id = show_id
        self.now = now
        self.streams: set[Stream] = set()
        self._log = Log(epoch)
        self._store = store
        self._likes = now.likes
        self._answering = now.answering
        self._lineup = now.lineup
        self._pending: list[Pending] = []
        self._closing = False
        self._dirty = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name=f"room {show_id}")

    @property
    def epoch(self) -> str:
        """This life of the room; offsets of another life mean nothing here."""
        return self._log.epoch

    @property
    def offset(self) -> int:
        """The offset of the newest event in `now`."""
        return self._log.offset

    @property
    def viewers(self) -> int:
        """People watching: open streams that are not the stall's own."""
        return sum(stream.counted for stream in self.streams)

    @property
    def answering(self) -> Question | None:
        """The question being answered, as it will be after the next tick."""
        return self._answering

    def shows(self, listing_id: str) -> bool:
        """Whether the line-up, as it will be after the next tick, has this listing."""
        return any(item.listing.id == listing_id for item in self._lineup)

    def post(self, event: Struct, audience: Audience = None) -> None:
        """Put an event into the next tick; `audience` as in `Entry`."""
        match event:
            case Answering(question=question):
                self._answering = question
            case LineupSet(items=items):
                self._lineup = items
        self._pending.append(Pending(event=event, audience=audience))
        self._dirty.set()

    async def post_kept(self, *events: tuple[Struct, Audience]) -> None:
        """Like `post` for several events of one tick; returns when they are in the database."""
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for event, audience in events:
            self.post(event, audience)
        self._pending[-1].kept = kept
        if self._closing and self._task.done():
            await self._flush()
        await kept

    def like(self, count: int) -> int:
        """Count likes; returns the new total."""
        self._likes += count
        self.post(LikesCounted(total=self._likes))
        return self._likes

    def join(self, stream: Stream, position: str | None) -> None:
        """Begin sending to `stream`, from `position` on (`epoch-offset`); `reset` when that is out of reach."""
        at = parse_position(position) if position else (self.epoch, self.offset)
        missed = self._log.since(*at) if at else None
        if missed is None:
            stream.end(RESET)
            return
        private = [entry.event for entry in missed if entry.audience and _for(entry.audience, stream)]
        if private:
            stream.send(mine(private))
        stream.send(self._log.tick([entry.event for entry in missed if entry.audience is None]))
        self.streams.add(stream)
        self._count()

    def leave(self, stream: Stream) -> None:
        """Stop sending to `stream`."""
        self.streams.discard(stream)
        self._count()

    def ping(self) -> None:
        """Keep quiet connections open."""
        for stream in self.streams:
            stream.send(PING)

    async def close(self, retry_ms: int = 1000) -> None:
        """Send what waits and keep it, end every stream, and stop. The tick being written is written to its end."""
        self._closing = True
        self._dirty.set()
        await self._task
        await self._flush()
        for stream in list(self.streams):
            stream.end(bye(retry_ms))
        self.streams.clear()

    def _count(self) -> None:
        self.post(ViewersCounted(now=self.viewers))

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        ticked = -TICK
        while not self._closing:
            await self._dirty.wait()
            # At least one turn of the loop, so that what happened together goes out together.
            await asyncio.sleep(max(0.0, ticked + TICK - loop.time()))
            ticked = loop.time()
            await self._flush()

    async def _flush(self) -> None:
        self._dirty.clear()
        taken, self._pending = self._pending, []
        if taken:
            likes = self.now.likes
            self._send(_coalesced(taken))
            await self._keep(taken, self.now.likes if self.now.likes != likes else None)

    def _send(self, pending: list[Pending]) -> None:
        public: list[Struct] = []
        private: dict[str | tuple[str, ...], list[Struct]] = {}
        for item in pending:
            if isinstance(item.event, LineSaid):
                item.event.line.offset = self._log.offset + 1
            entry = self._log.append(item.event, item.audience)
            self.now = apply(self.now, item.event)
            if entry.audience is None:
                public.append(entry.event)
            else:
                private.setdefault(entry.audience, []).append(entry.event)
        tick = self._log.tick(public)
        for stream in list(self.streams):
            own = [event for audience, events in private.items() if _for(audience, stream) for event in events]
            stream.send(mine(own) + tick if own else tick)

    async def _keep(self, taken: list[Pending], likes: int | None) -> None:
        waiting = [item.kept for item in taken if item.kept]
        try:
            await self._store.keep(self.show_id, self.epoch, Kept(said=taken, likes=likes))
        except Exception as failure:
            log.exception("a tick could not be written", show_id=self.show_id)
            _resolve(waiting, failure)
        else:
            _resolve(waiting, None)


def _coalesced(pending: list[Pending]) -> list[Pending]:
    """Without the values that a later one of the same tick replaces."""
    last = {value_key(item.event): n for n, item in enumerate(pending)}
    return [item for n, item in enumerate(pending) if (key := value_key(item.event)) is None or last[key] == n]


def _for(audience: str | tuple[str, ...], stream: Stream) -> bool:
    return any(
        stream.member if name in (MEMBERS, STAFF) else stream.account_id == name
        for name in ((audience,) if isinstance(audience, str) else audience)
    )


def _resolve(waiting: list[asyncio.Future[None]], failure: Exception | None) -> None:
    for future in waiting:
        if future.done():
            continue
        if failure is None:
            future.set_result(None)
        else:
            future.set_exception(failure)
