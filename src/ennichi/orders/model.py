"""Orders: what was bought, as it was when it was bought, and what became of it.

    placed ──▶ paid ──▶ shipped ──▶ received ──▶ settled
       │        │          │           │            │
       ▼        ▼          └───────────┴────────────┴──▶ refunded (all of the money)
    cancelled ◀─┘ ──▶ refunded

A part of the money given back leaves the state as it is and is counted in `refunded`. Whatever is not drawn here is
refused.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ennichi.accounts import Address
from ennichi.catalog import TaxRate
from ennichi.checkout import Terms, Totals
from ennichi.kit.clock import JAPAN
from ennichi.payments import PaidWith
from ennichi.photos import Photo
from ennichi.stores import StoreBrief

OrderState = Literal["placed", "paid", "shipped", "received", "settled", "cancelled", "refunded"]
Role = Literal["buyer", "seller"]
By = Literal["buyer", "store", "time", "payment"]
"""On whose account something happened to an order."""

TRANSITIONS: Mapping[OrderState, frozenset[OrderState]] = {
    "placed": frozenset({"paid", "cancelled"}),
    "paid": frozenset({"shipped", "cancelled", "refunded"}),
    "shipped": frozenset({"received", "refunded"}),
    "received": frozenset({"settled", "refunded"}),
    "settled": frozenset({"refunded"}),
    "cancelled": frozenset(),
    "refunded": frozenset(),
}
REFUNDABLE: frozenset[OrderState] = frozenset({"paid", "shipped", "received", "settled"})

RECEIVED_BY_ITSELF = 8
"""Days after it should have arrived until an order counts as received without a word of its buyer."""

What = Literal[
    "placed", "paid", "shipped", "received", "settled", "cancelled", "refunded",
    "cancel_asked", "refund", "refund_done", "refund_failed", "rated",
]  # fmt: skip
"""Something that happened to an order: a state it reached, or something beside."""
Can = Literal["ship", "receive", "rate", "cancel", "ask_cancel", "refund", "say", "receipt", "packing_slip"]
"""Something the reader may do with an order now."""

Stars = Annotated[int, Meta(ge=1, le=5)]
Reason = Annotated[str, Meta(max_length=300, description="Told to the other side.")]
Left = Annotated[
    int,
    Meta(
        ge=0,
        le=99_999_999_999,
        description="Yen that could still be given back, as the seller was shown it. It binds: what is sent twice "
        "gives back once.",
    ),
]


class Buyer(Struct, kw_only=True, frozen=True):
    """Who bought."""

    id: str
    name: str


class OrderBrief(Struct, kw_only=True, frozen=True):
    """An order in a list."""

    id: str
    number: Annotated[str, Meta(description="What people call it, such as EN-2611-0482.")]
    placed_at: datetime
    state: OrderState
    title: Annotated[str, Meta(description="Of the first line.")]
    photo: Photo | None
    quantity: Annotated[int, Meta(description="Units of all lines.")]
    lines_count: Annotated[int, Meta(description="How many different things it is of.")]
    total: Annotated[int, Meta(description="Yen, tax and shipping included.")]
    refunded: Annotated[
        int, Meta(description="Yen that went back to the buyer; what is still on its way is not in it.")
    ]
    pay_by: Annotated[datetime | None, Meta(description="Until when it is to be paid, while it is not.")]
    ship_by: Annotated[date, Meta(description="The last promised day of sending it.")]
    arrives_by: date
    cancel_asked: Annotated[bool, Meta(description="The buyer asked for it to be cancelled; the store has not said.")]
    unread: Annotated[int, Meta(description="Messages the reader has not seen.")] = 0
    store: StoreBrief
    buyer: Buyer


class OrderLine(Struct, kw_only=True, frozen=True):
    """One thing of an order."""

    listing_id: str
    variant_id: str
    title: str
    variant_name: str
    photo: Photo | None
    unit_price: int
    quantity: int
    returned: Annotated[int, Meta(description="Units whose money was given back.")]
    tax_rate: TaxRate
    amount: int


class Shipment(Struct, kw_only=True, frozen=True):
    """A parcel on its way."""

    carrier: Annotated[
        str, Meta(description="yamato, sagawa, japan_post, seino, fukuyama, or a name as the store wrote it.")
    ]
    tracking: str
    url: Annotated[str | None, Meta(description="Where the carrier says how far it is.")]
    shipped_at: datetime
    arrives_by: date


class Happening(Struct, kw_only=True, frozen=True):
    """A moment in the history of an order."""

    what: What
    at: datetime
    by: By
    amount: Annotated[int | None, Meta(description="Yen, of a refund.")] = None
    reason: str = ""


class GivenBack(Struct, kw_only=True, frozen=True):
    """Money on its way back to the buyer, or arrived there."""

    id: str
    amount: int
    state: Literal["pending", "done", "failed"]
    reason: str
    at: datetime


class OrderRating(Struct, kw_only=True, frozen=True):
    """What a buyer thought of it."""

    stars: Stars
    comment: str
    at: datetime


class Moment(Struct, kw_only=True, frozen=True):
    """When in a show it was bought."""

    show_id: str
    title: str
    at: datetime
    seconds: Annotated[float, Meta(description="After the show began.")]


class PayAtShop(Struct, kw_only=True, frozen=True):
    """What to say at the convenience store."""

    number: str
    confirmation: str
    url: str | None
    pay_by: datetime


class Order(OrderBrief, kw_only=True, frozen=True):
    """An order with everything its two sides may see."""

    lines: list[OrderLine]
    totals: Totals
    address: Address
    paid_with: PaidWith
    show_id: str | None
    role: Annotated[Role, Meta(description="Which side the reader is on.")]
    terms: Terms
    history: list[Happening]
    shipment: Shipment | None
    refunds: list[GivenBack]
    refundable: Annotated[int, Meta(description="Yen that could still be given back.")]
    rating: OrderRating | None
    pay: Annotated[PayAtShop | None, Meta(description="While it waits to be paid at a shop.")]
    moment: Moment | None
    can: list[Can]


class OrderCounts(Struct, kw_only=True, frozen=True):
    """How many orders of a store are in each state."""

    placed: int = 0
    paid: int = 0
    shipped: int = 0
    received: int = 0
    settled: int = 0
    cancelled: int = 0
    refunded: int = 0


class ShowSales(Struct, kw_only=True, frozen=True):
    """What a show sold so far, without units that came back."""

    amount: Annotated[int, Meta(description="Yen with tax, without shipping.")]
    orders: int
    units: int
    listings: Annotated[dict[str, int], Meta(description="Units by listing.")]


class Shipping(Struct, kw_only=True):
    """A parcel was handed over."""

    carrier: Annotated[str, Meta(min_length=1, max_length=40)]
    tracking: Annotated[str, Meta(max_length=40)] = ""


class Rating(Struct, kw_only=True):
    """How it was: stars, and a word for the store and everyone who looks at it."""

    stars: Stars
    comment: Annotated[str, Meta(max_length=300)] = ""


class Receiving(Struct, kw_only=True):
    """It has come; a rating may be given along, or later."""

    rating: Rating | None = None


class Cancelling(Struct, kw_only=True):
    """Why an order is to be cancelled."""

    reason: Reason = ""


class ReturnedLine(Struct, kw_only=True):
    """Units of a line whose money goes back."""

    variant_id: str
    quantity: Annotated[int, Meta(ge=1, le=100)]


class Refunding(Struct, kw_only=True):
    """Money to give back: an amount, or the price of the units named (and the shipping fee, with `shipping`).

    With none of these, all that is left. `restock` lets the units be bought again.
    """

    amount: Annotated[int, Meta(ge=1, le=99_999_999)] | None = None
    lines: Annotated[list[ReturnedLine], Meta(max_length=20)] = []
    shipping: bool = False
    restock: bool = False
    reason: Reason = ""
    left: Left | None = None


def may_become(before: OrderState, after: OrderState) -> bool:
    """Whether an order may go from one state to the other."""
    return after in TRANSITIONS[before]


def may(role: Role, state: OrderState, *, paid: bool, left: int, rated: bool, asked: bool) -> list[Can]:
    """What somebody may do with an order now.

    `paid`: whether money was ever taken; `left`: yen not given back yet; `asked`: the buyer asked for cancelling.
    """
    able: list[Can] = ["say"]
    if role == "buyer":
        able += ["receive"] if state == "shipped" else []
        able += ["rate"] if state in ("received", "settled") and not rated else []
        able += ["cancel"] if state == "placed" else []
        able += ["ask_cancel"] if state == "paid" and not asked else []
    else:
        able += ["ship"] if state == "paid" else []
        able += ["cancel"] if state in ("placed", "paid") else []
        able += ["refund"] if paid and left > 0 else []
        able += ["packing_slip"] if state in REFUNDABLE else []
    return able + (["receipt"] if paid else [])


def month_of(moment: datetime) -> str:
    """The month an order belongs to, as YYMM, by the calendar in Japan."""
    return moment.astimezone(JAPAN).strftime("%y%m")


def number_of(month: str, n: int) -> str:
    """What people call the n-th order of a month."""
    return f"EN-{month}-{n:04d}"
