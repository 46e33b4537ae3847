"""Money is an integer number of minor units (for yen: yen); a float never touches it."""

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

Yen = Annotated[int, Meta(ge=0, le=99_999_999)]
"""An amount of yen, tax included unless said otherwise."""


TAX_ON_FEES = 10


def market_share(amount: int, fee_bps: int) -> tuple[int, int]:
    """The market's fee on a sale of `amount` and the tax on it, each floored, together never more than there is."""
    fee = min(amount * fee_bps // 10_000, amount * 100 // (100 + TAX_ON_FEES))
    return fee, fee * TAX_ON_FEES // 100


def sums_by_rate(parts: Iterable[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Of (rate in percent, tax-included amount): each rate, its sum, the tax inside; the highest rate first.

    The tax of each rate is floored once, over all of its amounts: the usual way on a Japanese invoice.
    """
    sums: dict[int, int] = {}
    for rate, amount in parts:
        if amount:
            sums[rate] = sums.get(rate, 0) + amount
    return [(rate, sums[rate], sums[rate] * rate // (100 + rate)) for rate in sorted(sums, reverse=True)]
