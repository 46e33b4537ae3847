"""Money is an integer number of minor units (for yen: yen); a float never touches it."""

from typing import Annotated

from msgspec import Meta

Yen = Annotated[int, Meta(ge=0, le=99_999_999)]
"""An amount of yen, tax included unless said otherwise."""


def tax_within(amount: int, rate: int) -> int:
    """The tax inside a tax-included `amount` at `rate` percent, floored: the usual way on a Japanese invoice."""
    return amount * rate // (100 + rate)
