"""Holds, what they cost and what they bind to.

Life of a hold: held -> confirming -> sold, or back to held when the card is declined; held -> released (by its buyer)
or expired (by the clock); sold -> returned (all its units came back). While it is confirming it does not expire. Its
price, way of charging for shipping and terms are those of the moment it was taken: what the buyer was shown is what
binds.

Who comes too late may wait. The line of a variant is in the order of arrival; units that become free go to its head,
and nobody passes it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ennichi.accounts import Address
from ennichi.catalog import Shipping, Size, TaxRate
from ennichi.kit.clock import JAPAN
from ennichi.kit.money import sums_by_rate
from ennichi.payments import Card
from ennichi.photos import Photo
from ennichi.stores import Legal, StoreBrief

HoldState = Literal["held", "confirming", "sold", "released", "expired", "returned"]
WaitState = Literal["waiting", "held", "left", "over"]
ArrivalOutcome = Literal["held", "changed", "waiting", "sold_out", "limit"]
Why = Literal["taken", "comment", "turn", "changed", "released", "expired", "paying", "sold"]
"""What a buyer is told about a hold of theirs that is another: they took it, said so in the chat, it was their turn in
the line, they changed it, let it go, let it run out; it is being paid, is bought."""

TRANSITIONS: Mapping[HoldState, frozenset[HoldState]] = {
    "held": frozenset({"confirming", "released", "expired"}),
    "confirming": frozenset({"sold", "held"}),
    "sold": frozenset({"returned"}),
    "released": frozenset(),
    "expired": frozenset(),
    "returned": frozenset(),
}

HOLD_SECONDS = 300
TURN_SECONDS = 120
"""How long somebody has whose turn it is in a line."""
MAX_QUANTITY = 20
MAX_HOLDS = 20
"""How many holds and places in lines one account may have at a time."""

SHIPPING_TAX_RATE = 10

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
    shipping: Shipping


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
    purchase_id: Annotated[str | None, Meta(description="The purchase that is, or was, to pay for it.")]
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
    size: Size
    terms_id: str
    terms: dict[str, object]
    state: HoldState
    expires_at: datetime
    created_at: datetime
    purchase_id: str | None
    order_id: str | None


class Wait(Struct, kw_only=True, frozen=True):
    """A place in the line of a variant that is all held or sold."""

    id: str
    show_id: str | None
    listing: HeldListing
    variant: HeldVariant
    quantity: int
    ahead: Annotated[int, Meta(description="How many people are before this one.")]
    state: WaitState
    hold_id: Annotated[str | None, Meta(description="What came of it, when it was their turn.")]
    asked_at: datetime
    earliest: Annotated[
        datetime | None,
        Meta(description="When holds will have run out that leave something for this place; null when none would."),
    ]
    server_time: datetime


class WaitRow(Struct, frozen=True):
    """A place in a line as it is kept; `n` is its running number among all who came for the variant."""

    id: str
    variant_id: str
    n: int
    account_id: str
    show_id: str | None
    quantity: int
    state: WaitState
    hold_id: str | None
    asked_at: datetime


class Arrival(Struct, frozen=True):
    """Somebody came for a variant: what they asked for, what was free just then, and what became of it."""

    n: Annotated[int, Meta(description="Running number of this variant; nobody was served before a smaller one.")]
    at: datetime
    quantity: int
    left_before: Annotated[int, Meta(description="Units that were free when it was this one's turn.")]
    outcome: ArrivalOutcome
    mine: bool


class Arrivals(Struct, kw_only=True, frozen=True):
    """The reader's own entries in the log of a variant, with those around them, by their numbers."""

    variant_id: str
    entries: list[Arrival]


class NewHold(Struct, kw_only=True):
    """What a buyer wants kept."""

    variant_id: str
    quantity: Quantity = 1
    show_id: str | None = None


class HoldEdit(Struct, kw_only=True):
    """How many are wanted instead."""

    quantity: Quantity


def may_become(before: HoldState, after: HoldState) -> bool:
    """Whether a hold may go from one state to the other."""
    return after in TRANSITIONS[before]


def totals_of(lines: Sequence[tuple[int, int]], shipping: int) -> Totals:
    """Totals of (amount, tax rate) lines and a shipping fee, all with tax; the tax is floored once per rate."""
    parts = [*((rate, amount) for amount, rate in lines), (SHIPPING_TAX_RATE, shipping)]
    taxes = [TaxPart(rate=rate, amount=tax) for rate, _, tax in sums_by_rate(parts)]
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
