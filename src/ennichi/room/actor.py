"""The room of one show: the single writer of its feed.

Invariants:
- Only `_flush` changes `now` and gives offsets. It, `join` and `_catch_up` hand bytes to streams, and none of them
  awaits in between: a stream that joins sees every event either in its snapshot or after it, never both, never neither.
- A tick is encoded once; every stream gets the same bytes. What concerns some people only goes before it, to their
  streams alone.
- What was said is written to the database with its tick; whoever said it is answered after that. Streams do not
  wait for the database, so a slow disk slows answers and not the crowd.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

import structlog
from msgspec import Struct

from ennichi.kit.clock import Clock
from ennichi.kit.outage import outage
from ennichi.room.events import Arrived, LikesCounted, LineRemoved, LineSaid, LineupSet, ViewersCounted
from ennichi.room.gathering import Gathering, apply, in_order
from ennichi.room.log import MEMBERS, STAFF, Audience, Entry, Log, coalesced, is_for, mine, parse_position
from ennichi.room.model import Line
from ennichi.room.presence import Arrivals, Presence, visitor_key
from ennichi.room.sending import Send, Spout
from ennichi.room.stream import RESET, Stream, bye
from ennichi.room.tempo import Tempo
from ennichi.stores import Role

log = structlog.get_logger(__name__)

TICK = 0.05
"""Seconds from one tick to the next at least. What happens in a quiet room goes out at once."""
LIFE = (720.0, 900.0)
"""A stream lives for a time between these, so that neither all streams nor anything on the way grow old."""
AGAIN_MS = 100
QUIET_KEPT = 200


class Store(Protocol):
    """Where the room keeps what must survive it."""

    async def keep(self, show_id: str, epoch: str, kept: "Kept") -> None:
        """Write what a tick brought, in one transaction."""
        ...


class Recorder(Protocol):
    """Takes down what everyone saw."""

    def take(self, entries: Sequence[Entry], at: datetime) -> None:
        """The public events of a tick; must not wait for anything."""
        ...

    async def close(self) -> None:
        """There will be no more, and all there was is kept."""
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

    def __init__(
        self,
        show_id: str,
        epoch: str,
        now: Gathering,
        store: Store,
        *,
        clock: Clock,
        first_offset: int = 0,
        quiet: Iterable[tuple[Audience, Line]] = (),
        recorder: Recorder | None = None,
        presence: Presence | None = None,
        chance: Callable[[], float] = random.random,
        tempo: Tempo | None = None,
    ) -> None:
        self.show_id = show_id
        self.now = now
        self.quiet: deque[tuple[Audience, Line]] = deque(quiet, maxlen=QUIET_KEPT)
        self.streams: set[Stream] = set()
        self._ready: dict[Stream, Send] = {}
        self._spout = Spout()
        self._loop = asyncio.get_running_loop()
        self._log = Log(epoch, first_offset)
        self._store = store
        self._clock = clock
        self._recorder = recorder
        self._presence = presence or Presence()
        self._chance = chance
        self._tempo = tempo or Tempo()
        self._persons: dict[str, set[Stream]] = {}
        self._connections = 0
        self._likes = now.likes
        self._lineup = now.lineup
        self._pending: list[Pending] = []
        self._bell: asyncio.TimerHandle | None = None
        self._next_tick = 0.0
        self._quiet_since_ping = True
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
        """People watching who are not the stall's own."""
        return self._presence.counts.now

    def shows(self, listing_id: str) -> bool:
        """Whether the line-up, as it will be after the next tick, has this listing."""
        return any(item.listing.id == listing_id for item in self._lineup)

    def hears(self, account_id: str) -> bool:
        """Whether this account listens now."""
        return account_id in self._persons

    def seen_by(self, account_id: str | None, role: Role | None) -> list[Line]:
        """The newest lines as this person sees them: what only some hear, at its place among what everyone heard."""
        own = [line for audience, line in self.quiet if is_for(audience, account_id, role)]
        return in_order([*self.now.lines, *own]) if own else self.now.lines

    def post(self, event: Struct, audience: Audience = None) -> None:
        """Put an event into the next tick; `audience` as in `Entry`."""
        if isinstance(event, LineupSet):
            self._lineup = event.items
        self._pending.append(Pending(event=event, audience=audience))
        self._dirty.set()

    async def post_kept(self, *events: tuple[Struct, Audience]) -> None:
        """Like `post` for several events of one tick; returns when they are in the database."""
        kept: asyncio.Future[None] = self._loop.create_future()
        for event, audience in events:
            self.post(event, audience)
        self._pending[-1].kept = kept
        if self._closing and self._task.done():
            await self._flush()
        await kept

    def like(self, count: int) -> int:
        """Count likes; returns the new total."""
        self._likes += count
        self.move_on()
        return self._likes

    def move_on(self) -> None:
        """Let the next tick's position be another one, whatever else happens: the likes are told as they are."""
        self.post(LikesCounted(total=self._likes))

    def join(self, stream: Stream, position: str | None) -> None:
        """Begin sending to `stream`, from `position` on (`epoch-offset`); `reset` when that is out of reach."""
        at = parse_position(position) if position else (self.epoch, self.offset)
        missed = self._log.since(*at) if at else None
        if at is None or missed is None:
            stream.end(RESET)
            return
        self._send_missed(stream, missed, at[1])
        stream.caught_up = self._catch_up
        stream.ready = self._ready
        shortest, longest = LIFE
        life = shortest + (longest - shortest) * self._chance()
        stream.life = self._loop.call_later(life, stream.end, bye(AGAIN_MS))
        self.streams.add(stream)
        if stream.account_id:
            self._persons.setdefault(stream.account_id, set()).add(stream)
        if stream.role:
            self._persons.setdefault(STAFF, set()).add(stream)
        if stream.counted:
            self._connections += 1
            stream.key = visitor_key(stream.account_id, stream.who, f"{self.epoch}-{self._connections}")
            self._presence.come(stream.key, stream.name, self._loop.time())
            self._dirty.set()

    def leave(self, stream: Stream) -> None:
        """Stop sending to `stream`."""
        if stream not in self.streams:
            return
        self.streams.discard(stream)
        self._ready.pop(stream, None)
        if stream.life:
            stream.life.cancel()
        for group in (stream.account_id, STAFF):
            if group and (mates := self._persons.get(group)):
                mates.discard(stream)
                if not mates:
                    del self._persons[group]
        if stream.counted:
            named = bool(stream.account_id or stream.who)
            self._presence.go(stream.key, self._loop.time(), comes_back=named)
            self._dirty.set()

    def renew(self, account_id: str) -> None:
        """End this account's streams, so that it starts from a new snapshot."""
        for stream in list(self._persons.get(account_id, ())):
            stream.end(RESET)

    def ping(self) -> None:
        """Keep connections open that have heard nothing since the last time: a tick is heard by all."""
        quiet, self._quiet_since_ping = self._quiet_since_ping, True
        if quiet:
            for stream in self.streams:
                stream.ping()

    async def close(self, retry_ms: int = 1000) -> None:
        """Send what waits and keep it, end every stream, and stop. The tick being written is written to its end."""
        self._closing = True
        self._dirty.set()
        await self._task
        await self._flush()
        if self._bell:
            self._bell.cancel()
        for stream in list(self.streams):
            stream.end(bye(retry_ms))
            if stream.life:
                stream.life.cancel()
        self.streams.clear()
        self._persons.clear()
        if self._recorder:
            await self._recorder.close()

    def _send_missed(self, stream: Stream, missed: list[Entry], after: int) -> None:
        entries = coalesced(missed)
        private = [
            entry.event
            for entry in entries
            if entry.audience is not None and is_for(entry.audience, stream.account_id, stream.role)
        ]
        tick = self._log.tick([entry.event for entry in entries if entry.audience is None], after)
        stream.send(mine(private) + tick.frame if private else tick.frame)

    def _catch_up(self, stream: Stream) -> None:
        """A slow reader has taken all there was: what passed it by, in one piece."""
        after, stream.behind = stream.behind, None
        if after is None:
            return
        missed = self._log.since(self.epoch, after)
        if missed is None:
            stream.end(RESET)
        else:
            self._send_missed(stream, missed, after)

    async def _run(self) -> None:
        while not self._closing:
            await self._dirty.wait()
            # At least one turn of the loop, so that what happened together goes out together.
            await asyncio.sleep(max(0.0, self._next_tick - self._loop.time()))
            await self._flush()

    async def _flush(self) -> None:
        self._dirty.clear()
        self._count()
        taken, self._pending = self._pending, []
        if not taken:
            return
        self._next_tick = self._loop.time() + self._tempo.tick(len(self.streams), TICK)
        before = self.now
        self._send(coalesced(taken))
        await self._keep(
            taken,
            Kept(
                said=taken,
                likes=self.now.likes if self.now.likes != before.likes else None,
                peak=self.now.peak if self.now.peak != before.peak else None,
                visitors=self._presence.taken_new(),
            ),
        )

    def _count(self) -> None:
        """Post what changed in who is there, and have the bell rung when it may change by itself."""
        at = self._loop.time()
        again = self._presence.settle(at)
        counts = self._presence.counts
        if counts != (self.now.viewers, self.now.peak, self.now.unique):
            self.post(ViewersCounted(*counts))
        arrivals = self._presence.announcement(at)
        if isinstance(arrivals, Arrivals):
            self.post(Arrived(arrivals.names, arrivals.people))
        elif arrivals is not None:
            again = min(arrivals, again or arrivals)
        if self._bell:
            self._bell.cancel()
        self._bell = self._loop.call_at(again, self._dirty.set) if again and not self._closing else None

    def _send(self, pending: list[Pending]) -> None:
        after = self._log.offset
        entries = [self._happen(item) for item in pending]
        public = [entry for entry in entries if entry.audience is None]
        own = self._own([entry for entry in entries if entry.audience is not None])
        tick = self._log.tick([entry.event for entry in public], after)
        self._quiet_since_ping = False
        began = time.thread_time()
        ready = {stream: send for stream, send in self._ready.items() if stream not in own} if own else self._ready
        apart = self.streams - ready.keys() if len(ready) < len(self.streams) else ()
        self._spout.pour(tick.frame, ready)
        for stream in apart:
            stream.take(tick, own.get(stream, b""))
        self._tempo.learn(time.thread_time() - began, len(self.streams))
        for stream in apart:
            if stream.ended:
                self.leave(stream)
        if public and self._recorder:
            self._recorder.take(public, self._clock.now())

    def _happen(self, item: Pending) -> Entry:
        """Give the event its offset, and let it change the room."""
        match item.event:
            case LineSaid(line=line):
                line.offset = self._log.offset + 1
                if item.audience is not None:
                    self.quiet.append((item.audience, line))
                    return self._log.append(item.event, item.audience)
            case LineRemoved(line_id=line_id):
                kept = [(audience, line) for audience, line in self.quiet if line.id != line_id]
                self.quiet = deque(kept, maxlen=QUIET_KEPT)
        self.now = apply(self.now, item.event)
        return self._log.append(item.event, item.audience)

    def _own(self, entries: list[Entry]) -> dict[Stream, bytes]:
        """For each stream that some events are for, the frame with them."""
        events: dict[Stream, list[Struct]] = {}
        for entry in entries:
            names = (entry.audience,) if isinstance(entry.audience, str) else entry.audience or ()
            near: set[Stream] = set()
            for name in names:
                near |= self._persons.get(STAFF if name == MEMBERS else name, set())
            for stream in near:
                if is_for(entry.audience, stream.account_id, stream.role):
                    events.setdefault(stream, []).append(entry.event)
        encoded: dict[tuple[int, ...], bytes] = {}
        frames: dict[Stream, bytes] = {}
        for stream, said in events.items():
            which = tuple(map(id, said))
            if which not in encoded:
                encoded[which] = mine(said)
            frames[stream] = encoded[which]
        return frames

    async def _keep(self, taken: list[Pending], kept: Kept) -> None:
        waiting = [item.kept for item in taken if item.kept]
        try:
            await self._store.keep(self.show_id, self.epoch, kept)
        except Exception as failure:
            if not outage.noticed(failure):
                log.exception("a tick could not be written", show_id=self.show_id)
            _resolve(waiting, failure)
        else:
            _resolve(waiting, None)


def _resolve(waiting: list[asyncio.Future[None]], failure: Exception | None) -> None:
    for future in waiting:
        if future.done():
            continue
        if failure is None:
            future.set_result(None)
        else:
            future.set_exception(failure)
