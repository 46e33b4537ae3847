"""What stands on the papers of an order. Pure: from an order's facts to sums and words, without a database or a page.

The receipt is an invoice as the law asks for it (適格請求書, or 適格簡易請求書 without a recipient) when its issuer is
registered: issuer and number, day, things with ※ where the reduced rate applies, totals per rate, and the tax of each
rate rounded down once. What was given back stands on it as 適格返還請求書, day by day, with the same four facts. An
issuer without a number gives a plain receipt: no tax is shown on it, as nobody may deduct it as such.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ennichi.kit.money import sums_by_rate
from ennichi.payments import PaidWith

REDUCED = 8
STANDARD = 10

Kind = Literal["simple", "full"]


class Issuer(Struct, kw_only=True, frozen=True):
    """Who issues: the store, or the market for it (媒介者交付特例), as it was when the order was placed."""

    name: str
    address: str
    number: Annotated[str | None, Meta(description="Of the register of invoice issuers, T and 13 digits.")]
    seller: Annotated[str, Meta(description="Whose things they are.")]
    by_market: Annotated[bool, Meta(description="The market issues it in its own name for the seller.")] = False


class PaperLine(Struct, kw_only=True, frozen=True):
    """One thing that was bought; its amount with tax."""

    title: str
    variant: str
    quantity: int
    unit_price: int
    tax_rate: int
    amount: int


class RateSum(Struct, kw_only=True, frozen=True):
    """Everything of one rate, with tax, and the tax within."""

    rate: Annotated[int, Meta(description="Percent.")]
    amount: int
    tax: int


class Returned(Struct, kw_only=True, frozen=True):
    """Money given back on one day, by rate; `amount` in all."""

    on: date
    amount: int
    rates: list[RateSum]


class Receipt(Struct, kw_only=True, frozen=True):
    """The receipt of a paid order."""

    order_id: str
    number: str
    kind: Kind
    qualified: Annotated[bool, Meta(description="Whether it is an invoice by which the tax can be deducted.")]
    paid_on: date
    dealt_on: Annotated[date, Meta(description="The day of the purchase.")]
    recipient: Annotated[str | None, Meta(description="On a full one.")]
    lines: list[PaperLine]
    shipping: int
    rates: list[RateSum]
    total: int
    tax: int
    returned: list[Returned]
    net: Annotated[int, Meta(description="What is left of the total after what was given back.")]
    paid_with: PaidWith
    issuer: Issuer
    color: Annotated[str, Meta(description="The store's, #rrggbb.")]


class Pdf(Struct, frozen=True):
    """A paper as a file, named after the number of its order."""

    name: str
    content: bytes


class Slip(Struct, kw_only=True, frozen=True):
    """What is put into the parcel. Prices only when wanted: a parcel may be a present."""

    number: str
    placed_on: date
    recipient: str
    postal_code: str
    address: list[str]
    phone: str
    seller: str
    seller_address: str
    seller_contact: str
    lines: list[PaperLine]
    shipping: int
    total: int
    prices: bool
    message: str


class GivenBack(Struct, frozen=True):
    """A refund: on which day, how much, and how much of it at the reduced rate."""

    on: date
    amount: int
    reduced: int


def rates_of(lines: Sequence[PaperLine], shipping: int) -> list[RateSum]:
    """Totals per rate, the standard one first; the tax of each is rounded down once."""
    return _rates([*((line.tax_rate, line.amount) for line in lines), (STANDARD, shipping)])


def returned_of(refunds: Sequence[GivenBack]) -> list[Returned]:
    """What was given back, day by day; the tax of each rate is rounded down once a day."""
    days: dict[date, tuple[int, int]] = {}
    for refund in refunds:
        standard, reduced = days.get(refund.on, (0, 0))
        days[refund.on] = standard + refund.amount - refund.reduced, reduced + refund.reduced
    return [
        Returned(
            on=on,
            amount=standard + reduced,
            rates=_rates([(STANDARD, standard), (REDUCED, reduced)]),
        )
        for on, (standard, reduced) in sorted(days.items())
    ]


def reduced_share(amount: int, *, reduced_left: int, standard_left: int, named: int | None = None) -> int:
    """How much of a refund of `amount` is at the reduced rate.

    `named`: the price of the units at that rate, when exactly such units (and nothing else but what is at the standard
    rate) are given back. A sum without units is spread over both rates by what is left of each, as a discount is.
    """
    if named is None:
        left = reduced_left + standard_left
        named = amount * reduced_left // left if left else 0
    return min(max(named, amount - standard_left, 0), reduced_left, amount)


def _rates(parts: Iterable[tuple[int, int]]) -> list[RateSum]:
    return [RateSum(rate=rate, amount=amount, tax=tax) for rate, amount, tax in sums_by_rate(parts)]
