"""The newest stretch of a feed, kept in memory for those who were away for a moment."""

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Literal, Protocol, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from ennichi.room.events import value_key
from ennichi.stores import Role

KEPT = 4096
"""Events kept; whoever missed more starts from a new snapshot."""

MEMBERS: Literal["members"] = "members"
STAFF: Literal["staff"] = "staff"
Audience: TypeAlias = str | tuple[str, ...] | None
"""None for everyone; "members" for the store's owners, "staff" for them and the moderators, else an account's id; a
tuple for any of those."""
_encoder = msgspec.json.Encoder()


class Addressed(Protocol):
    """An event, and whom it is for."""

    @property
    def audience(self) -> Audience:
        """As in `Entry`."""
        ...

    @property
    def event(self) -> Struct:
        """What happened."""
        ...


_Item = TypeVar("_Item", bound=Addressed)


class Entry(Struct):
    """An event at its offset, and whom it is for."""

    offset: int
    audience: Audience
    event: Struct


class Tick:
    """Events for everyone, encoded once: `frame` brings a reader from the offset `after` on to the log's present."""

    def __init__(self, after: int, frame: bytes, events: Sequence[Struct]) -> None:
        self.after = after
        self.frame = frame
        self._events = events
        self._weight: int | None = None

    @property
    def weight(self) -> int:
        """Bytes of what is not a value: what a reader who was passed by will have to be told nevertheless."""
        if self._weight is None:
            self._weight = sum(len(_encoder.encode(event)) for event in self._events if value_key(event) is None)
        return self._weight


class Log:
    """An ordered log with an epoch: offsets mean something only within one life of a room.

    They go on from where an earlier life ended (`first_offset`), so that they put all lines of a show in order.
    """

    def __init__(self, epoch: str, first_offset: int = 0) -> None:
        self.epoch = epoch
        self.offset = first_offset
        self._entries: deque[Entry] = deque(maxlen=KEPT)

    def append(self, event: Struct, audience: Audience) -> Entry:
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

    def tick(self, events: Sequence[Struct], after: int) -> Tick:
        """Public events from the offset `after` up to the present one."""
        head = b"id: %s-%d\nevent: tick\ndata: " % (self.epoch.encode(), self.offset)
        return Tick(after, head + _encoder.encode(events) + b"\n\n", events)


def mine(events: Iterable[Struct]) -> bytes:
    """The frame that carries private events; it has no id, the tick that follows has."""
    return b"event: mine\ndata: %s\n\n" % _encoder.encode(list(events))


def is_for(audience: Audience, account_id: str | None, role: Role | None) -> bool:
    """Whether someone of this account and role in the store is meant."""
    if audience is None:
        return True
    if not isinstance(audience, str):
        return any(is_for(one, account_id, role) for one in audience)
    if audience == MEMBERS:
        return role == "owner"
    if audience == STAFF:
        return role is not None
    return audience == account_id


def coalesced(items: Sequence[_Item]) -> list[_Item]:
    """Without the values that a later one replaces for the same people."""
    keys = [(key, item.audience) if (key := value_key(item.event)) else None for item in items]
    last = {key: n for n, key in enumerate(keys)}
    return [item for n, (item, key) in enumerate(zip(items, keys, strict=True)) if key is None or last[key] == n]


def parse_position(text: str) -> tuple[str, int] | None:
    """`epoch-offset` taken apart, or None when it is something else."""
    epoch, dash, offset = text.rpartition("-")
    return (epoch, int(offset)) if dash and offset.isascii() and offset.isdigit() and len(offset) < 16 else None
