"""Shows: the broadcasts of a store, from the plan to the end, with their numbered line-ups and what is pinned."""

from ennichi.shows.errors import AnotherLive, LineupForeign, NotInLineup, ShowNotFound, WrongState
from ennichi.shows.events import LineupChanged, ListingPinned, ShowEdited, ShowMoved
from ennichi.shows.model import LineupItem, Pinned, Show, ShowRow, ShowTile, State
from ennichi.shows.ports import Crowd
from ennichi.shows.service import ShowService
from ennichi.shows.tiles import Tiles

__all__ = [
    "AnotherLive",
    "Crowd",
    "LineupChanged",
    "LineupForeign",
    "LineupItem",
    "ListingPinned",
    "NotInLineup",
    "Pinned",
    "Show",
    "ShowEdited",
    "ShowMoved",
    "ShowNotFound",
    "ShowRow",
    "ShowService",
    "ShowTile",
    "State",
    "Tiles",
    "WrongState",
]
