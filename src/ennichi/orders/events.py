"""What happened to orders."""

from msgspec import Struct

from ennichi.orders.messages import Message
from ennichi.orders.model import OrderBrief, Role


class OrderRecorded(Struct, frozen=True):
    """An order is in the books, or has moved on."""

    order: OrderBrief
    account_id: str
    store_id: str
    show_id: str | None


class OrdersRecorded(Struct, frozen=True):
    """Orders are in the books, all that were sold in one transaction; told to their buyers and stores' members."""

    orders: list[OrderRecorded]


class OrdersMoved(Struct, frozen=True):
    """Orders are in other states, or something else about them is new; told to their buyers and stores' members."""

    orders: list[OrderRecorded]


class UnitsReturned(Struct, frozen=True):
    """Units of an order do not count as sold any more."""

    store_id: str
    show_id: str | None
    units: int


class MessageSaid(Struct, frozen=True):
    """Somebody wrote about an order; `to` is the side that has not seen it."""

    message: Message
    order_id: str
    account_id: str
    store_id: str
    show_id: str | None
    to: Role
