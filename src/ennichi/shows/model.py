"""Values of a show, and which state may follow which."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from ennichi.catalog import Listing
from ennichi.photos import Photo
from ennichi.stores import StoreBrief

State = Literal["scheduled", "live", "ended", "cancelled"]

NEXT: dict[str, frozenset[str]] = {
    "scheduled": frozenset({"live", "cancelled"}),
    "live": frozenset({"ended"}),
    "ended": frozenset(),
    "cancelled": frozenset(),
}
"""What each state may become. An ended show stays ended: it is a replay from then on."""

LINEUP_MAX = 200


def may_become(state: State, wanted: State) -> bool:
    """Whether a show in `state` can go over to `wanted`."""
    return wanted in NEXT[state]


class ShowRow(Struct, frozen=True, kw_only=True):
    """A show as it is kept."""

    id: str
    store_id: str
    title: str
    cover_id: str | None
    state: State
    planned_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    pinned_id: str | None
    likes: int
    sold: int


class LineupRow(Struct, frozen=True, kw_only=True):
    """One place of a line-up as it is kept."""

    number: int
    listing_id: str


class PlaceRow(LineupRow, frozen=True, kw_only=True):
    """One place of one of several line-ups."""

    show_id: str


class Pinned(Struct, kw_only=True):
    """What a tile says of the listing that is being shown."""

    title: str
    price: int
    number: int
    available: int


class ShowTile(Struct, kw_only=True):
    """A show as the market lists it. `frame` is the address of a fresh picture while it is live."""

    id: str
    title: str
    state: State
    store: StoreBrief
    cover: Photo | None
    frame: str | None
    planned_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    viewers: int
    likes: int
    pinned: Pinned | None
    sold: int


class Show(ShowTile, kw_only=True):
    """A show as its own page needs it; `mine` when the reader belongs to the store."""

    lineup_count: int
    mine: bool
    away: bool


class LineupItem(Struct, kw_only=True):
    """A listing with its number in the line-up."""

    number: int
    listing: Listing
