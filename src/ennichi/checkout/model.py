"""Holds, what they cost and what they bind to.

Life of a hold: held -> confirming -> sold, or back to held when the card is declined; held -> released (by its buyer)
or expired (by the clock). While it is confirming it does not expire. Its price, shipping fee and terms are those of
the moment it was taken: what the buyer was shown is what binds.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from ennichi.accounts import Address
from ennichi.catalog import TaxRate
from ennichi.kit.money import tax_within
from ennichi.payments import Card
from ennichi.photos import Photo
from ennichi.stores import Legal, StoreBrief

HoldState = Literal["held", "confirming", "sold", "released", "expired"]

TRANSITIONS: Mapping[HoldState, frozenset[HoldState]] = {
    "held": frozenset({"confirming", "released", "expired"}),
    "confirming": frozenset({"sold", "held"}),
    "sold": frozenset(),
    "released": frozenset(),
    "expired": frozenset(),
}

HOLD_SECONDS = 300
MAX_QUANTITY = 20
MAX_HOLDS = 20
"""How many holds one account may have at a time."""

SHIPPING_TAX_RATE = 10
JAPAN = ZoneInfo("Asia/Tokyo")

Quantity = Annotated[int, Meta(ge=1, le=MAX_QUANTITY)]


class TaxPart(Struct, kw_only=True, frozen=True):
    """The tax within the amounts of one rate, rounded down once."""

    rate: Annotated[int, Meta(description="Percent.")]
    amount: Annotated[int, Meta(description="Yen.")]


class Totals(Struct, kw_only=True, frozen=True):
    """What a purchase costs, in yen, tax included."""

    items: int
    shipping: int
    total: int
    taxes: list[TaxPart]
    tax: Annotated[int, Meta(description="Sum of the taxes within the total.")]


class Terms(Struct, kw_only=True, frozen=True):
    """What the law asks to show before a purchase binds, as it stood when the hold was taken."""

    pays: Literal["now"] = "now"
    ships_within_days: int
    carrier: str
    arrives_from: date
    arrives_to: date
    returns: str
    cancellation: str
    legal: Legal


class HeldListing(Struct, kw_only=True, frozen=True):
    """The listing a hold is of."""

    id: str
    title: str
    photo: Photo | None
    store: StoreBrief


class HeldVariant(Struct, kw_only=True, frozen=True):
    """The variant a hold is of."""

    id: str
    name: str


class Hold(Struct, kw_only=True, frozen=True):
    """Units of a variant kept for one buyer, with everything the last look before the purchase needs."""

    id: str
    show_id: str | None
    listing: HeldListing
    variant: HeldVariant
    quantity: int
    max_quantity: Annotated[int, Meta(description="The most this hold could be changed to now.")]
    unit_price: int
    tax_rate: TaxRate
    totals: Totals
    state: HoldState
    expires_at: datetime
    server_time: datetime
    address: Annotated[Address | None, Meta(description="The saved one, taken when the confirmation names none.")]
    card: Annotated[Card | None, Meta(description="The card used last, taken when the confirmation names none.")]
    terms: Terms
    order_id: str | None


class HoldRow(Struct, frozen=True):
    """A hold as it is kept."""

    id: str
    account_id: str
    store_id: str
    listing_id: str
    variant_id: str
    show_id: str | None
    title: str
    variant_name: str
    photo_id: str | None
    quantity: int
    unit_price: int
    tax_rate: TaxRate
    shipping: int
    terms: dict[str, object]
    state: HoldState
    expires_at: datetime
    created_at: datetime
    order_id: str | None


class NewHold(Struct, kw_only=True):
    """What a buyer wants kept."""

    variant_id: str
    quantity: Quantity = 1
    show_id: str | None = None


class HoldEdit(Struct, kw_only=True):
    """How many are wanted instead."""

    quantity: Quantity


class Confirmation(Struct, kw_only=True):
    """How to conclude a purchase. What is left out is taken from what the account has saved."""

    address: Address | None = None
    card_token: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    card_id: str | None = None
    save: Annotated[bool, Meta(description="Keep this address and card for next time.")] = False
    tell_room: Annotated[bool, Meta(description="Tell everyone at the show, by name, while it is live.")] = False


def may_become(before: HoldState, after: HoldState) -> bool:
    """Whether a hold may go from one state to the other."""
    return after in TRANSITIONS[before]


def totals_of(lines: Sequence[tuple[int, int]], shipping: int) -> Totals:
    """Totals of (amount, tax rate) lines and a shipping fee, all with tax; the tax is floored once per rate."""
    gross: dict[int, int] = {}
    for amount, rate in [*lines, (shipping, SHIPPING_TAX_RATE)]:
        if amount:
            gross[rate] = gross.get(rate, 0) + amount
    taxes = [TaxPart(rate=rate, amount=tax_within(gross[rate], rate)) for rate in sorted(gross, reverse=True)]
    items = sum(amount for amount, _ in lines)
    return Totals(
        items=items,
        shipping=shipping,
        total=items + shipping,
        taxes=taxes,
        tax=sum(part.amount for part in taxes),
    )


def arrival(now: datetime, ships_within_days: int) -> tuple[date, date]:
    """First and last day a parcel may be expected when it leaves on the last promised day, as seen in Japan."""
    leaves = now.astimezone(JAPAN).date() + timedelta(days=ships_within_days)
    return leaves + timedelta(days=1), leaves + timedelta(days=3)
