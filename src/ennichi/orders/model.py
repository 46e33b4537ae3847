"""Orders: what was bought, as it was when it was bought."""

from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from ennichi.accounts import Address
from ennichi.checkout import Terms, Totals
from ennichi.payments import Brand
from ennichi.photos import Photo
from ennichi.stores import StoreBrief

OrderState = Literal["placed", "paid", "shipped", "received", "settled", "cancelled", "refunded"]
Role = Literal["buyer", "seller"]


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
    title: str
    photo: Photo | None
    quantity: int
    total: Annotated[int, Meta(description="Yen, tax and shipping included.")]
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
    tax_rate: Literal[8, 10]
    amount: int


class PaidWith(Struct, kw_only=True, frozen=True):
    """The card an order was paid with."""

    brand: Brand
    last4: str


class Order(OrderBrief, kw_only=True, frozen=True):
    """An order with everything its two sides may see."""

    lines: list[OrderLine]
    totals: Totals
    address: Address
    paid_with: PaidWith
    show_id: str | None
    role: Annotated[Role, Meta(description="Which side the reader is on.")]
    terms: Terms


class Sales(Struct, kw_only=True, frozen=True):
    """What was sold: amount in yen with tax, without shipping."""

    amount: int
    orders: int
    units: int


class OrderRow(Struct, frozen=True):
    """An order as it is kept."""

    id: str
    number: str
    account_id: str
    store_id: str
    show_id: str | None
    state: OrderState
    placed_at: datetime
    quantity: int
    title: str
    photo_id: str | None
    totals: dict[str, Any]
    address: dict[str, Any]
    terms: dict[str, Any]
    brand: Brand
    last4: str


class LineRow(Struct, frozen=True):
    """A line of an order as it is kept."""

    listing_id: str
    variant_id: str
    title: str
    variant_name: str
    photo_id: str | None
    unit_price: int
    quantity: int
    tax_rate: Literal[8, 10]


def month_of(moment: datetime) -> str:
    """The month an order belongs to, as YYMM, by the calendar in Japan."""
    return moment.astimezone(ZoneInfo("Asia/Tokyo")).strftime("%y%m")


def number_of(month: str, n: int) -> str:
    """What people call the n-th order of a month."""
    return f"EN-{month}-{n:04d}"
