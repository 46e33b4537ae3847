"""What happened to orders."""

from msgspec import Struct

from ennichi.orders.model import OrderBrief


class OrderRecorded(Struct, frozen=True):
    """An order is in the books; told to its buyer and to the store's members."""

    order: OrderBrief
    account_id: str
    store_id: str
    show_id: str | None
