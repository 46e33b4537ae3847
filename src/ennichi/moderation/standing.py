"""What is asked for every line, kept in memory: how each store stands, the operator's words, who spoke when.

Own writes are known at once (`forget`); what another process wrote, after `KNOWN_FOR` at the latest.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from ennichi.kit.clock import Clock

KNOWN_FOR = timedelta(seconds=10)
SWEEP_EVERY = 4096

Known = TypeVar("Known")


class Remembered(Generic[Known]):
    """Values that are read again when they are too old or were forgotten, by key."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, tuple[datetime, Known]] = {}
        self._forgotten = 0

    async def get(self, key: str, read: Callable[[], Awaitable[Known]]) -> Known:
        """The value of `key`. While one caller reads it again the others go on with the old one."""
        now = self._clock.now()
        kept = self._known.get(key)
        if kept is not None:
            if now - kept[0] < KNOWN_FOR:
                return kept[1]
            self._known[key] = (now, kept[1])
        forgotten = self._forgotten
        value = await read()
        # What was forgotten meanwhile may have been read before it was written.
        if forgotten == self._forgotten:
            self._known[key] = (now, value)
        return value

    def forget(self, key: str) -> None:
        """Have it read again before it is used."""
        self._known.pop(key, None)
        self._forgotten += 1


class Turns:
    """When each person spoke last in rooms that take lines slowly."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], datetime] = {}
        self._until_sweep = SWEEP_EVERY

    def last(self, store_id: str, account_id: str) -> datetime | None:
        """The moment of their last line, if it is known."""
        return self._last.get((store_id, account_id))

    def take(self, store_id: str, account_id: str, now: datetime, longest: timedelta) -> None:
        """They speak now; nobody has to wait longer than `longest`."""
        self._last[store_id, account_id] = now
        self._until_sweep -= 1
        if self._until_sweep <= 0:
            self._until_sweep = SWEEP_EVERY
            self._last = {key: at for key, at in self._last.items() if now - at < longest}
