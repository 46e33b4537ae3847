"""Money is an integer number of minor units (for yen: yen); a float never touches it."""

from typing import Annotated

from msgspec import Meta

Yen = Annotated[int, Meta(ge=0, le=99_999_999)]
"""An amount of yen, tax included unless said otherwise."""


TAX_ON_FEES = 10


def market_share(amount: int, fee_bps: int) -> tuple[int, int]:
    """The market's fee on a sale of `amount` and the tax on it, each floored, together never more than there is."""
    fee = min(amount * fee_bps // 10_000, amount * 100 // (100 + TAX_ON_FEES))
    return fee, fee * TAX_ON_FEES // 100


def tax_within(amount: int, rate: int) -> int:
    """The tax inside a tax-included `amount` at `rate` percent, floored: the usual way on a Japanese invoice."""
    return amount * rate // (100 + rate)
