"""What is asked for all the time and changes seldom, kept in memory for a while.

What is written here is to be forgotten at once (`forget`). What another process wrote is known when `life` is over, and
to those who ask while it is being read, when twice that is over.
"""

from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from ennichi.kit.clock import Clock

Key = TypeVar("Key", bound=Hashable)
Known = TypeVar("Known")


class Remembered(Generic[Key, Known]):
    """Values by key, read again when they are older than `life` or were forgotten; at most `most` of them."""

    def __init__(self, clock: Clock, life: timedelta, *, most: int = 20_000) -> None:
        self._clock = clock
        self._life = life
        self._most = most
        self._known: dict[Key, tuple[datetime, Known]] = {}
        self._forgotten = 0

    async def get(self, key: Key, read: Callable[[], Awaitable[Known]]) -> Known:
        """The value of `key`. While one caller reads it again the others go on with one that has just grown too old."""
        now = self._clock.now()
        kept = self._known.get(key)
        if kept is not None:
            age = now - kept[0]
            if age < self._life:
                return kept[1]
            if age < 2 * self._life:
                self._known[key] = (now, kept[1])
            else:
                del self._known[key]
        forgotten = self._forgotten
        try:
            value = await read()
        except BaseException:
            # Nobody is to go on with what is too old only because it could not be read again.
            self._known.pop(key, None)
            raise
        # What was forgotten meanwhile may have been read before it was written.
        if forgotten == self._forgotten:
            if len(self._known) >= self._most:
                self._known.clear()
            self._known[key] = (now, value)
        return value

    def forget(self, key: Key) -> None:
        """Have it read again before it is used."""
        self._known.pop(key, None)
        self._forgotten += 1

    def forget_all(self) -> None:
        """Have everything read again before it is used."""
        self._known.clear()
        self._forgotten += 1
