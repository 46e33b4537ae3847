"""The open rooms.

A room opens when somebody first looks at its show and closes a while after the last stream has left a show that is not
live. Everything it knows is in the database by then; the next look opens it anew, with a new epoch.

Invariant: news of other parts is read from the database and posted under the show's lock, and its room is opened under
it. News that arrive late or in another order than they were committed, or while a room is opening, cannot leave an old
value.
"""

import asyncio
from collections.abc import Callable
from weakref import WeakValueDictionary

from msgspec import Struct

from ennichi.accounts import Account
from ennichi.kit.clock import Clock
from ennichi.kit.ids import Ids
from ennichi.room.actor import Room
from ennichi.room.acts import Done
from ennichi.room.ballots import Box
from ennichi.room.books import NOBODY, Posting
from ennichi.room.desk import Desk
from ennichi.room.errors import RoomClosed
from ennichi.room.keeper import Keeper
from ennichi.room.log import parse_position
from ennichi.room.presence import Presence
from ennichi.room.segments import Segments
from ennichi.room.tempo import Tempo

PING_EVERY = 15.0
IDLE_ROUNDS = 4
"""A room without streams, of a show that is not live, closes after so many ping rounds."""
SOON_MS = 1000


class Opened(Struct, kw_only=True, eq=False):
    """A room, the desk with its questions, and the box with its vote.

    `turned` is what the show has become, a tick before the room says so: nothing is said or asked in between. `renewed`
    has the offset up to which somebody was another one to the store than they are now.
    """

    room: Room
    desk: Desk
    box: Box
    turned: str | None = None
    renewed: dict[str, int] = {}

    def must_be_open(self) -> None:
        """Raises RoomClosed once the show is over."""
        state = self.turned or self.room.now.show.state
        if state not in ("scheduled", "live"):
            raise RoomClosed(state=state)

    def renew(self, account_id: str) -> None:
        """This person is another one to the store from now on: their streams end, and earlier positions are void."""
        self.renewed[account_id] = self.room.offset
        self.room.move_on()
        self.room.renew(account_id)

    def is_void(self, account_id: str, position: str) -> bool:
        """Whether this person's position is of a time when other things were theirs to see."""
        at = parse_position(position)
        return at is not None and at[1] <= self.renewed.get(account_id, -1)

    def done(
        self, actor: Account, act: str, *, account_id: str | None = None, line_id: str | None = None, **detail: object
    ) -> Posting:
        """What the actor did here, as in `Done`: written down with what it is posted together with."""
        done = Done(
            store_id=self.room.now.show.store.id,
            show_id=self.room.show_id,
            actor_id=actor.id,
            act=act,
            account_id=account_id,
            line_id=line_id,
            detail=detail,
        )
        return done, NOBODY

    def media_ms(self, clock: Clock) -> int | None:
        """The place in the video that is being filmed now; None before the show."""
        began = self.room.now.show.started_at
        return max(0, int((clock.now() - began).total_seconds() * 1000)) if began else None


class Rooms:
    """Opens and closes them, one per show."""

    def __init__(
        self, clock: Clock, ids: Ids, *, away: Callable[[str], bool], segments: Segments, handed_over: bool
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._is_away = away
        self._segments = segments
        self._handed_over = handed_over
        self._open: dict[str, Opened] = {}
        self._idle: dict[str, int] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._task: asyncio.Task[None] | None = None

    def start(self, keeper: Keeper) -> None:
        """Begin the rounds that ping streams and close idle rooms."""
        self._keeper = keeper
        self._task = asyncio.create_task(self._rounds(), name="rooms")

    async def stop(self) -> None:
        """End every stream and keep what is left to keep."""
        if self._task:
            self._task.cancel()
        opened, self._open = list(self._open.values()), {}
        await asyncio.gather(*(one.room.close() for one in opened))

    def lock(self, show_id: str) -> asyncio.Lock:
        """What news of this show is read and posted under."""
        return self._locks.setdefault(show_id, asyncio.Lock())

    def get(self, show_id: str) -> Opened | None:
        """The room, if it is open."""
        return self._open.get(show_id)

    def all(self) -> list[Room]:
        """Every open room."""
        return [opened.room for opened in self._open.values()]

    def near(self, concerned: Callable[[Room], bool]) -> list[str]:
        """Shows whose rooms are `concerned`, or may be as soon as they have heard what they are being told."""
        busy = [show_id for show_id, lock in self._locks.items() if lock.locked()]
        return list({*busy, *(room.show_id for room in self.all() if concerned(room))})

    async def open(self, show_id: str) -> Opened:
        """The room of a show, opened if it was not; ShowNotFound.

        Does not wait when it is open: what follows without waiting happens in the room as it is.
        """
        opened = self._open.get(show_id)
        if opened is None:
            async with self.lock(show_id):
                opened = self._open.get(show_id)
                if opened is None:
                    opened = self._open[show_id] = await self._load(show_id)
        self._idle.pop(show_id, None)
        return opened

    async def close(self, show_id: str, retry_ms: int = SOON_MS) -> None:
        """Close the room, if it is open; its streams are told to come back after `retry_ms`."""
        async with self.lock(show_id):
            if opened := self._open.pop(show_id, None):
                await opened.room.close(retry_ms)

    async def _load(self, show_id: str) -> Opened:
        loaded = await self._keeper.load(show_id)
        now = loaded.now
        now.show.away = now.show.state == "live" and self._is_away(show_id)
        room = Room(
            show_id,
            self._ids.new()[-8:],
            now,
            self._keeper,
            clock=self._clock,
            first_offset=loaded.last_place,
            quiet=loaded.quiet,
            recorder=self._segments.recording(now.show, loaded.last_place),
            presence=Presence(loaded.visitors, now.peak),
            tempo=Tempo(handed_over=self._handed_over),
        )
        return Opened(room=room, desk=loaded.desk, box=loaded.box)

    async def _rounds(self) -> None:
        while True:
            await asyncio.sleep(PING_EVERY)
            for show_id, opened in list(self._open.items()):
                room = opened.room
                room.ping()
                if room.streams or room.now.show.state == "live":
                    self._idle.pop(show_id, None)
                    continue
                self._idle[show_id] = self._idle.get(show_id, 0) + 1
                if self._idle[show_id] >= IDLE_ROUNDS:
                    self._idle.pop(show_id)
                    await self.close(show_id)
