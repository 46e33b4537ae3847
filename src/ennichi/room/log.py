"""The newest stretch of a feed, kept in memory for those who were away for a moment."""

from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import Literal

import msgspec
from msgspec import Struct

KEPT = 4096
"""Events kept; whoever missed more starts from a new snapshot."""

MEMBERS: Literal["members"] = "members"
_encoder = msgspec.json.Encoder()


class Entry(Struct):
    """An event at its offset. `audience` is None for everyone, "members" for the store, else an account's id."""

    offset: int
    audience: str | None
    event: Struct


class Log:
    """An ordered log with an epoch: offsets mean something only within one life of a room."""

    def __init__(self, epoch: str) -> None:
        self.epoch = epoch
        self.offset = 0
        self._entries: deque[Entry] = deque(maxlen=KEPT)

    def append(self, event: Struct, audience: str | None) -> Entry:
        """Give the event the next offset."""
        self.offset += 1
        entry = Entry(self.offset, audience, event)
        self._entries.append(entry)
        return entry

    def since(self, epoch: str, offset: int) -> list[Entry] | None:
        """What came after `epoch-offset`, or None when that is not known any more."""
        if epoch != self.epoch or offset > self.offset:
            return None
        missed = self.offset - offset
        if missed > len(self._entries):
            return None
        return list(islice(self._entries, len(self._entries) - missed, None))

    def tick(self, events: Iterable[Struct]) -> bytes:
        """The frame that carries public events up to the present offset."""
        return b"id: %s-%d\nevent: tick\ndata: %s\n\n" % (
            self.epoch.encode(),
            self.offset,
            _encoder.encode(list(events)),
        )


def mine(events: Iterable[Struct]) -> bytes:
    """The frame that carries private events; it has no id, the tick that follows has."""
    return b"event: mine\ndata: %s\n\n" % _encoder.encode(list(events))


def parse_position(text: str) -> tuple[str, int] | None:
    """`epoch-offset` taken apart, or None when it is something else."""
    epoch, dash, offset = text.rpartition("-")
    return (epoch, int(offset)) if dash and offset.isascii() and offset.isdigit() and len(offset) < 16 else None
