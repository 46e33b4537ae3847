"""What happened to a show."""

from datetime import datetime

from msgspec import Struct

from ennichi.shows.model import State


class ShowMoved(Struct, frozen=True):
    """A show went over to another state."""

    show_id: str
    state: State
    started_at: datetime | None
    ended_at: datetime | None


class ShowEdited(Struct, frozen=True):
    """The title, the cover or the planned time is another."""

    show_id: str


class ListingPinned(Struct, frozen=True):
    """Another listing is being shown (None: none is)."""

    show_id: str
    listing_id: str | None


class LineupChanged(Struct, frozen=True):
    """The line-up has other listings or another order."""

    show_id: str
