"""Identifiers and secrets, made in one place so that tests can hold them still."""

import os
import re
import secrets
from typing import Protocol

from ennichi.kit.clock import Clock

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32, lower case
ID_PATTERN = re.compile(r"\A[0-9a-hjkmnp-tv-z]{20}\Z")
FIFTY_BITS = (1 << 50) - 1


class Ids(Protocol):
    """Where new identifiers and secrets come from."""

    def new(self) -> str:
        """A new identifier: 20 characters, sortable by the time it was made."""
        ...

    def secret(self, nbytes: int = 32) -> str:
        """An unguessable URL-safe text made of `nbytes` random bytes."""
        ...

    def digits(self, n: int) -> str:
        """`n` random decimal digits."""
        ...


_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]


class RandomIds:
    """The real source: 50 bits of milliseconds, then 50 bits of the system's randomness."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._time = (-1, "")
        self._random: list[int] = []

    def new(self) -> str:
        """A new identifier."""
        now = int(self._clock.now().timestamp() * 1000)
        if now != self._time[0]:  # in a rush many are made within one millisecond
            self._time = (now, _ten(now))
        if not self._random:  # asked for by the page: the system is slow for each
            self._random = memoryview(os.urandom(4096)).cast("Q").tolist()
        return self._time[1] + _ten(self._random.pop() & FIFTY_BITS)

    def secret(self, nbytes: int = 32) -> str:
        """An unguessable URL-safe text."""
        return secrets.token_urlsafe(nbytes)

    def digits(self, n: int) -> str:
        """Random decimal digits."""
        return f"{secrets.randbelow(10**n):0{n}d}"


def _ten(bits: int) -> str:
    """50 bits as ten characters."""
    return (
        _PAIRS[bits >> 40]
        + _PAIRS[bits >> 30 & 1023]
        + _PAIRS[bits >> 20 & 1023]
        + _PAIRS[bits >> 10 & 1023]
        + _PAIRS[bits & 1023]
    )


class CountedIds:
    """A source for tests: 1, 2, 3, ... in the same shape."""

    def __init__(self) -> None:
        self._count = 0

    def new(self) -> str:
        """The next number."""
        self._count += 1
        return f"{self._count:020d}"

    def secret(self, nbytes: int = 32) -> str:
        """A text that is different each time."""
        self._count += 1
        return f"secret-{self._count:0{nbytes}d}"

    def digits(self, n: int) -> str:
        """The next number, as digits."""
        self._count += 1
        return f"{self._count % 10**n:0{n}d}"


def is_id(text: str) -> bool:
    """Whether `text` has the shape of an identifier; anything else cannot name a thing."""
    return ID_PATTERN.match(text) is not None
