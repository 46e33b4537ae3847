"""Orders and what belongs to them, as they are kept."""

from datetime import date, datetime
from typing import Any, Literal

from msgspec import Struct

from ennichi.catalog import TaxRate
from ennichi.orders.model import By, OrderState, Role, What
from ennichi.payments import Brand, Method


class OrderRow(Struct, frozen=True, kw_only=True):
    """An order."""

    id: str
    number: str
    account_id: str
    store_id: str
    show_id: str | None
    charge_id: str
    state: OrderState
    placed_at: datetime
    items: int
    quantity: int
    lines_count: int
    title: str
    photo_id: str | None
    totals: dict[str, Any]
    total: int
    address: dict[str, Any]
    terms: dict[str, Any]
    method: Method
    brand: Brand | None
    last4: str | None
    refunding: int
    refunded: int
    pay_by: datetime | None
    ship_by: date
    arrives_by: date
    paid_at: datetime | None
    carrier: str | None
    tracking: str | None
    shipped_at: datetime | None
    received_at: datetime | None
    cancel_asked_at: datetime | None
    cancel_by: By | None
    cancel_reason: str
    buyer_read: str
    seller_read: str

    @property
    def left(self) -> int:
        """Yen that could still be given back."""
        return self.total - self.refunding - self.refunded if self.paid_at else 0


class LineRow(Struct, frozen=True, kw_only=True):
    """A line of an order."""

    order_id: str
    place: int
    hold_id: str
    listing_id: str
    variant_id: str
    title: str
    variant_name: str
    photo_id: str | None
    unit_price: int
    quantity: int
    returned: int
    tax_rate: TaxRate

    @property
    def kept(self) -> int:
        """Units whose money was not given back."""
        return self.quantity - self.returned


class EventRow(Struct, frozen=True, kw_only=True):
    """Something that happened to an order."""

    what: What
    by: By
    at: datetime
    amount: int | None
    reason: str


class RefundRow(Struct, frozen=True, kw_only=True):
    """Money that goes back."""

    id: str
    order_id: str
    amount: int
    state: Literal["pending", "done", "failed"]
    reason: str
    at: datetime
    reduced: int
    """Yen of it at the reduced tax rate."""


class GivenBackRow(Struct, frozen=True, kw_only=True):
    """Money that is back with its buyer."""

    amount: int
    reduced: int
    done_at: datetime


class IssuerRow(Struct, frozen=True, kw_only=True):
    """Who issues an order's receipt."""

    issuer: dict[str, Any]


class MessageRow(Struct, frozen=True, kw_only=True):
    """Something written about an order."""

    id: str
    order_id: str
    by: Role
    account_id: str
    text: str
    at: datetime


class RatingRow(Struct, frozen=True, kw_only=True):
    """What a buyer thought."""

    order_id: str
    stars: int
    comment: str
    at: datetime


MailKind = Literal["placed", "paid", "shipped", "cancelled", "refunded", "cancel_asked", "message"]


class MailRow(Struct, frozen=True, kw_only=True):
    """A letter to be sent."""

    id: int
    order_id: str
    kind: MailKind
    to: Role
    amount: int | None
    reason: str
    attempts: int


class Unread(Struct, frozen=True, kw_only=True):
    """How many messages about an order each side has not seen."""

    order_id: str
    buyer: int
    seller: int


class StateCount(Struct, frozen=True, kw_only=True):
    """How many orders of a store are in a state."""

    state: OrderState
    n: int


class ExportRow(Struct, frozen=True, kw_only=True):
    """A line of an order, with its order."""

    number: str
    placed_at: datetime
    state: OrderState
    method: Method
    place: int
    title: str
    variant_name: str
    quantity: int
    returned: int
    unit_price: int
    tax_rate: TaxRate
    shipping: int
    total: int
    refunded: int
    buyer: str
    address: dict[str, Any]
    carrier: str | None
    tracking: str | None
    shipped_at: datetime | None
