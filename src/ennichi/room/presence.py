"""Who is watching: people, not connections.

A person is known by a key: one per account, else one per browser (`who`), else one per connection. They are present
while any of their streams is open and for `GRACE` seconds more, so that a reconnection or another page does not show.
Times are seconds of any clock that never goes back.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

GRACE = 5.0
AWAY = 600.0
"""Who comes back after so long has arrived again."""
ANNOUNCE_EVERY = 5.0
NAMES = 3


class Counts(NamedTuple):
    """People there now, the most at once so far, and how many different ones came."""

    now: int
    peak: int
    unique: int


class Arrivals(NamedTuple):
    """Some of the names, and how many have come."""

    names: list[str]
    people: int


def visitor_key(account_id: str | None, who: str, connection: str) -> str:
    """The key of a person: 16 hexadecimal digits that do not tell whose they are."""
    said = f"a:{account_id}" if account_id else f"v:{who}" if who else f"c:{connection}"
    return blake2b(said.encode(), digest_size=8).hexdigest()


class Presence:
    """The people of one room. `seen` and `peak` are what earlier lives of the room knew."""

    def __init__(self, seen: Iterable[str] = (), peak: int = 0) -> None:
        self._seen = set(seen)
        self._peak = peak
        self._open: dict[str, int] = {}
        self._leaving: dict[str, float] = {}
        self._left: dict[str, float] = {}
        self._new: list[str] = []
        self._arrived: list[str] = []
        self._announced = float("-inf")

    @property
    def counts(self) -> Counts:
        """The numbers, those whose grace has not been looked at since counted in."""
        return Counts(len(self._open) + len(self._leaving), self._peak, len(self._seen))

    def come(self, key: str, name: str | None, at: float) -> None:
        """A stream of this person opened. `name` is announced when they are new or were long away."""
        back = self._leaving.pop(key, None) is not None
        there = back or key in self._open
        left = self._left.pop(key, None)
        self._open[key] = self._open.get(key, 0) + 1
        if key not in self._seen:
            self._seen.add(key)
            self._new.append(key)
            arrived = True
        else:
            arrived = not there and left is not None and at - left > AWAY
        if arrived and name is not None:
            self._arrived.append(name)
        self._peak = max(self._peak, self.counts.now)

    def go(self, key: str, at: float, *, comes_back: bool = True) -> None:
        """A stream of this person closed. One whose key is of this connection alone cannot come back under it."""
        rest = self._open[key] - 1
        if rest:
            self._open[key] = rest
            return
        del self._open[key]
        if comes_back:
            self._leaving[key] = at

    def settle(self, at: float) -> float | None:
        """Let those go whose grace is over; returns when the next one's will be."""
        gone = []
        for key, left in self._leaving.items():
            if left + GRACE > at:
                break
            gone.append(key)
        for key in gone:
            self._left[key] = self._leaving.pop(key)
        return next((left + GRACE for left in self._leaving.values()), None)

    def taken_new(self) -> list[str]:
        """Keys never seen before at this show, each once."""
        new, self._new = self._new, []
        return new

    def announcement(self, at: float) -> Arrivals | float | None:
        """Who has come, at most every `ANNOUNCE_EVERY` seconds; else when to ask again, or None when nobody has."""
        if not self._arrived:
            return None
        due = self._announced + ANNOUNCE_EVERY
        if at < due:
            return due
        self._announced = at
        names, self._arrived = self._arrived, []
        return Arrivals(names[:NAMES], len(names))
