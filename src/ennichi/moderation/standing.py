"""Who spoke when, kept in memory for the rooms that take lines slowly."""

from datetime import datetime, timedelta

SWEEP_EVERY = 4096


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
