"""What happened in the checkout."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from ennichi.accounts import Address
from ennichi.catalog import TaxRate
from ennichi.checkout.model import Hold, Terms, Totals, Wait, Why
from ennichi.payments import PaidWith


class HoldChanged(Struct, frozen=True):
    """A hold of somebody is another, and `why`; `hold` is what its buyer sees now."""

    hold: Hold
    account_id: str
    why: Why


class WaitChanged(Struct, frozen=True):
    """Somebody's place in a line moved, or their waiting came to its end."""

    wait: Wait
    account_id: str


class LineMoved(Struct, frozen=True):
    """Places in the line of a variant moved: somebody before them left it, or was served."""

    variant_id: str


WishReason = Literal["sold_out", "limit", "too_fast", "unavailable"]


class WishMissed(Struct, frozen=True, kw_only=True):
    """What somebody ordered by comment could not be held."""

    account_id: str
    show_id: str
    variant_id: str
    title: str
    reason: WishReason


class PlacedLine(Struct, frozen=True, kw_only=True):
    """One hold of a purchase, as it was sold."""

    hold_id: str
    listing_id: str
    variant_id: str
    title: str
    variant_name: str
    photo_id: str | None
    quantity: int
    unit_price: int
    tax_rate: TaxRate


class OrderPlaced(Struct, frozen=True, kw_only=True):
    """A basket of one store is sold; everything an order has to remember.

    `paid` says whether its money is taken; when it is not, it is to be paid until `pay_by`. `tell_room`: as the buyer
    wishes.
    """

    order_id: str
    purchase_id: str
    charge_id: str
    account_id: str
    store_id: str
    show_id: str | None
    lines: list[PlacedLine]
    totals: Totals
    terms: Terms
    address: Address
    paid_with: PaidWith
    paid: bool
    pay_by: datetime | None
    placed_at: datetime
    tell_room: bool


class OrdersPlaced(Struct, frozen=True):
    """What was sold in one transaction, however many bought."""

    orders: list[OrderPlaced]
