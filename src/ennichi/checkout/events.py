"""What happened in the checkout."""

from datetime import datetime

from msgspec import Struct

from ennichi.accounts import Address
from ennichi.catalog import TaxRate
from ennichi.checkout.model import Hold, Terms, Totals
from ennichi.payments import Brand


class HoldChanged(Struct, frozen=True):
    """A hold was taken, changed, confirmed, released or ran out; `hold` is what its buyer sees now."""

    hold: Hold
    account_id: str


class OrderPlaced(Struct, frozen=True, kw_only=True):
    """A hold was paid for and is sold; everything an order has to remember. `tell_room`: as the buyer wishes."""

    order_id: str
    hold_id: str
    charge_id: str
    account_id: str
    store_id: str
    show_id: str | None
    listing_id: str
    variant_id: str
    title: str
    variant_name: str
    photo_id: str | None
    quantity: int
    unit_price: int
    tax_rate: TaxRate
    totals: Totals
    terms: Terms
    address: Address
    brand: Brand
    last4: str
    placed_at: datetime
    tell_room: bool
