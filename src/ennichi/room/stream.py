"""One open feed: a bounded row of bytes on its way to one connection.

Invariants: bytes leave in the order they came; memory per stream is bounded. A reader who does not keep up is not sent
ever older news. Once an eighth of `QUEUE_BYTES` waits, ticks pass it by and it stands still at the place it has reached
(`behind`). When it has taken what waited, it gets everything since that place: of each value the last only. When more
than `QUEUE_BYTES` of what is not a value have passed it by, it is told `reset` and let go.

Whoever has nothing waiting is `ready`, and the room pours a tick over all who are.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from ennichi.room.log import Tick
from ennichi.room.sending import Send, begun, part
from ennichi.stores import Role

QUEUE_BYTES = 512 * 1024
SOFT_SHARE = 8
"""A reader is too slow for ticks as they come once this part of `QUEUE_BYTES` (an eighth) waits."""
CHUNK_BYTES = 64 * 1024
"""No more than this is handed on at once, unless a single frame is larger: the server below keeps several chunks."""

RESET = b"event: reset\ndata: {}\n\n"
PING = b": ping\n\n"


def bye(retry_ms: int) -> bytes:
    """The frame that tells a client to connect again after `retry_ms`."""
    return b'event: bye\ndata: {"retry_ms":%d}\n\n' % retry_ms


class Stream:
    """The sending half is the room's, the reading half the connection's.

    `role` is the reader's in the store, `who` what their browser calls itself, `name` what their coming is announced
    with (None: it is not). `key` is the person's in the room's presence. `ready` is where the stream stands while it
    has nothing waiting; the room gives all of its streams the same.
    """

    __slots__ = (
        "_chunks",
        "_idle",
        "_passed",
        "_rest",
        "_waiting",
        "account_id",
        "behind",
        "caught_up",
        "ended",
        "key",
        "life",
        "name",
        "ready",
        "role",
        "who",
    )

    def __init__(self, *, account_id: str | None, role: Role | None, who: str = "", name: str | None = None) -> None:
        self.account_id = account_id
        self.role = role
        self.who = who
        self.name = name
        self.key = ""
        self.ready: dict[Stream, Send] = {}
        self.behind: int | None = None
        self.ended = False
        self.life: asyncio.TimerHandle | None = None
        self.caught_up: Callable[[Stream], None] | None = None
        self._passed = 0
        self._chunks: deque[bytes] = deque()
        self._waiting = 0
        self._rest: Awaitable[None] | None = None
        self._idle: asyncio.Future[None] | None = None

    @property
    def counted(self) -> bool:
        """Whether it is a viewer's: the stall's own people are not counted."""
        return self.role != "owner"

    def send(self, chunk: bytes) -> None:
        """Hand `chunk` on, or put it in the row; drop the row and end with `reset` when it grew too long."""
        if self.ended:
            return
        if send := self.ready.get(self):
            if rest := begun(send(part(chunk))):
                self.finish(rest)
            return
        self._chunks.append(chunk)
        self._waiting += len(chunk)
        if self._waiting > QUEUE_BYTES:
            self._give_up()

    def take(self, tick: Tick, own: bytes = b"") -> None:
        """A tick, after `own` which is for this reader alone; it passes by a reader who is too slow for it."""
        if self.behind is None and self._waiting < QUEUE_BYTES // SOFT_SHARE:
            self.send(own + tick.frame if own else tick.frame)
        elif not self.ended:
            if self.behind is None:
                self.behind = tick.after
            self._passed += tick.weight + len(own)
            if self._passed > QUEUE_BYTES:
                self._give_up()

    def ping(self) -> None:
        """Keep a quiet connection open; one that has something to take is not quiet."""
        if self in self.ready:
            self.send(PING)

    def finish(self, rest: Awaitable[None]) -> None:
        """The server has not taken all of what it was handed: wait for the rest before anything else is sent."""
        self._rest = rest
        self._wake()

    def end(self, last: bytes = b"") -> None:
        """Send `last`, then end."""
        if not self.ended:
            self.ended = True
            if last:
                self._chunks.append(last)
            self._wake()

    async def run(self, send: Send) -> None:
        """Have everything sent until the stream ends. One who keeps up costs no turn of the loop for each tick."""
        while True:
            if self._rest:
                await self._rest
                self._rest = None
            elif self._chunks:
                await send(part(self._next()))
            elif self.ended:
                return
            elif self.behind is not None and self.caught_up:
                self._passed = 0
                self.caught_up(self)
            else:
                self.ready[self] = send
                self._idle = asyncio.get_running_loop().create_future()
                try:
                    await self._idle
                finally:
                    self.ready.pop(self, None)
                    self._idle = None

    def _next(self) -> bytes:
        """The first of the row, with what still fits beside it."""
        row = self._chunks
        chunk = row.popleft()
        if row:
            parts, size = [chunk], len(chunk)
            while row and size + len(row[0]) <= CHUNK_BYTES:
                parts.append(row.popleft())
                size += len(parts[-1])
            chunk = b"".join(parts)
        self._waiting = max(0, self._waiting - len(chunk))
        return chunk

    def _give_up(self) -> None:
        self._chunks.clear()
        self._waiting = 0
        self.end(RESET)

    def _wake(self) -> None:
        self.ready.pop(self, None)
        if self._idle is not None and not self._idle.done():
            self._idle.set_result(None)
