"""One open feed: a bounded row of bytes on its way to one connection.

Invariants: bytes leave in the order they came; memory per stream is bounded. A reader too slow for that is told
`reset` and let go, rather than being sent ever older news.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

QUEUE_BYTES = 512 * 1024
RESET = b"event: reset\ndata: {}\n\n"
PING = b": ping\n\n"


def bye(retry_ms: int) -> bytes:
    """The frame that tells a client to connect again after `retry_ms`."""
    return b'event: bye\ndata: {"retry_ms":%d}\n\n' % retry_ms


class Stream:
    """The sending half is the room's, the reading half the connection's."""

    def __init__(self, *, account_id: str | None, member: bool, counted: bool) -> None:
        self.account_id = account_id
        self.member = member
        self.counted = counted
        self._chunks: deque[bytes] = deque()
        self._waiting = 0
        self._ready = asyncio.Event()
        self._ending = False

    def send(self, chunk: bytes) -> None:
        """Put `chunk` in the row; drop the row and end with `reset` when it grew too long."""
        if self._ending:
            return
        self._chunks.append(chunk)
        self._waiting += len(chunk)
        if self._waiting > QUEUE_BYTES:
            self._chunks.clear()
            self.end(RESET)
        self._ready.set()

    def end(self, last: bytes = b"") -> None:
        """Send `last`, then end."""
        if not self._ending:
            self._ending = True
            if last:
                self._chunks.append(last)
            self._ready.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        """What is to be written, until the stream ends."""
        while True:
            await self._ready.wait()
            self._ready.clear()
            if self._chunks:
                chunk = b"".join(self._chunks)
                self._chunks.clear()
                self._waiting = 0
                yield chunk
            if self._ending and not self._chunks:
                return
