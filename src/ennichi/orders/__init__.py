"""Orders: confirmed purchases, kept as they were, and what becomes of them. It hears of them from checkout."""

from ennichi.orders.errors import AlreadyRated, OrderNotFound, RefundTooLarge, TooManyMessages, WrongState
from ennichi.orders.events import MessageSaid, OrderRecorded, OrdersMoved, OrdersRecorded, UnitsReturned
from ennichi.orders.messages import Message, NewMessage, ReadUpTo
from ennichi.orders.model import (
    Buyer,
    Cancelling,
    Order,
    OrderBrief,
    OrderCounts,
    OrderLine,
    OrderState,
    Rating,
    Receiving,
    Refunding,
    ReturnedLine,
    Sales,
    Shipping,
)
from ennichi.orders.service import OrderService
from ennichi.payments import PaidWith

__all__ = [
    "AlreadyRated",
    "Buyer",
    "Cancelling",
    "Message",
    "MessageSaid",
    "NewMessage",
    "Order",
    "OrderBrief",
    "OrderCounts",
    "OrderLine",
    "OrderNotFound",
    "OrderRecorded",
    "OrderService",
    "OrderState",
    "OrdersMoved",
    "OrdersRecorded",
    "PaidWith",
    "Rating",
    "ReadUpTo",
    "Receiving",
    "RefundTooLarge",
    "Refunding",
    "ReturnedLine",
    "Sales",
    "Shipping",
    "TooManyMessages",
    "UnitsReturned",
    "WrongState",
]
