"""What happened to listings and stock."""

from msgspec import Struct


class StockChanged(Struct, frozen=True):
    """What can be bought of a variant is now `available` units; `rose`: that is more than before."""

    variant_id: str
    listing_id: str
    available: int
    rose: bool


class ListingChanged(Struct, frozen=True):
    """A listing's words, price, photos or variants changed, or it was archived or restored."""

    listing_id: str
    store_id: str
