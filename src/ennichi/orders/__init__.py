"""Orders: confirmed purchases, kept as they were. It hears of them from checkout."""

from ennichi.orders.errors import OrderNotFound
from ennichi.orders.events import OrderRecorded
from ennichi.orders.model import Buyer, Order, OrderBrief, OrderLine, OrderState, PaidWith, Sales
from ennichi.orders.service import OrderService

__all__ = [
    "Buyer",
    "Order",
    "OrderBrief",
    "OrderLine",
    "OrderNotFound",
    "OrderRecorded",
    "OrderService",
    "OrderState",
    "PaidWith",
    "Sales",
]
