"""What happened to listings and stock."""

from msgspec import Struct

from ennichi.catalog.model import StockLevel


class StockChanged(Struct, frozen=True):
    """What can be bought of some variants, which moved together, is another; `rose`: more than before."""

    levels: list[StockLevel]
    rose: bool


class ListingChanged(Struct, frozen=True):
    """A listing's words, price, photos or variants changed, or it was archived or restored."""

    listing_id: str
    store_id: str
