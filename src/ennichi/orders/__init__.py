"""Orders: confirmed purchases, kept as they were, and what becomes of them. It hears of them from checkout."""

from ennichi.orders.errors import (
    AlreadyRated,
    OrderNotFound,
    RefundChanged,
    RefundTooLarge,
    TooManyMessages,
    WrongState,
)
from ennichi.orders.events import MessageSaid, OrderRecorded, OrdersMoved, OrdersRecorded, UnitsReturned
from ennichi.orders.links import OrderLinks
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
    Shipping,
    ShowSales,
)
from ennichi.orders.papers import Kind, Market, Pdf, Receipt
from ennichi.orders.service import OrderService
from ennichi.payments import PaidWith

__all__ = [
    "AlreadyRated",
    "Buyer",
    "Cancelling",
    "Kind",
    "Market",
    "Message",
    "MessageSaid",
    "NewMessage",
    "Order",
    "OrderBrief",
    "OrderCounts",
    "OrderLine",
    "OrderLinks",
    "OrderNotFound",
    "OrderRecorded",
    "OrderService",
    "OrderState",
    "OrdersMoved",
    "OrdersRecorded",
    "PaidWith",
    "Pdf",
    "Rating",
    "ReadUpTo",
    "Receipt",
    "Receiving",
    "RefundChanged",
    "RefundTooLarge",
    "Refunding",
    "ReturnedLine",
    "Shipping",
    "ShowSales",
    "TooManyMessages",
    "UnitsReturned",
    "WrongState",
]
