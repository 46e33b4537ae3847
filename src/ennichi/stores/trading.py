"""What makes a person who sells a trader before the law, counted over all the stores they keep.

The numbers are those of the Consumer Affairs Agency's guideline on internet auctions. Whoever reaches one of them is
taken for a trader, whatever they call themselves; the pages warn, nothing is forbidden.
"""

from datetime import timedelta
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct
from msgspec.structs import replace

MONTH = timedelta(days=30)
YEAR = timedelta(days=365)

Sign = Literal["listed_month", "listed_now", "sold_month", "sold_year"]
SIGNS: tuple[Sign, ...] = get_args(Sign)


class TradeBounds(Struct, kw_only=True, frozen=True):
    """From which numbers on a person is taken for a trader."""

    listed_month: int = 200
    listed_now: int = 100
    sold_month: int = 1_000_000
    sold_year: int = 10_000_000


class Trading(Struct, kw_only=True, frozen=True):
    """How much somebody trades, in listings and in yen."""

    listed_month: Annotated[int, Meta(description="Listings made within 30 days.")]
    listed_now: Annotated[int, Meta(description="Listings on offer now that are not sold out.")]
    sold_month: Annotated[int, Meta(description="Yen sold for within 30 days, without shipping and what came back.")]
    sold_year: Annotated[int, Meta(description="Yen sold for within 365 days, without shipping and what came back.")]
    bounds: TradeBounds = TradeBounds()
    signs: Annotated[list[Sign], Meta(description="Which of the bounds are reached.")] = []


def judged(trading: Trading) -> Trading:
    """The same numbers, with the signs they are."""
    return replace(trading, signs=[s for s in SIGNS if getattr(trading, s) >= getattr(trading.bounds, s)])
