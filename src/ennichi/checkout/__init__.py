"""Checkout: holds and their confirmation. It takes units from the catalog, money through payments, and tells orders."""

from ennichi.checkout.commenting import CommentOrders
from ennichi.checkout.errors import (
    AddressMissing,
    CardMissing,
    HoldExpired,
    HoldNotFound,
    KeyReused,
    OwnListing,
    PaymentDeclined,
    PaymentUnsettled,
    TooManyHolds,
    WrongState,
)
from ennichi.checkout.events import HoldChanged, OrderPlaced, OrdersPlaced, PlacedLine, WishMissed, WishReason
from ennichi.checkout.model import Confirmation, Hold, HoldEdit, NewHold, Terms, Totals, totals_of
from ennichi.checkout.postal import Place, place_of
from ennichi.checkout.purchases import NewPurchase, NewQuote, Purchase, PurchaseState, Quote, QuoteLine
from ennichi.checkout.service import CheckoutService

__all__ = [
    "AddressMissing",
    "CardMissing",
    "CheckoutService",
    "CommentOrders",
    "Confirmation",
    "Hold",
    "HoldChanged",
    "HoldEdit",
    "HoldExpired",
    "HoldNotFound",
    "KeyReused",
    "NewHold",
    "NewPurchase",
    "NewQuote",
    "OrderPlaced",
    "OrdersPlaced",
    "OwnListing",
    "PaymentDeclined",
    "PaymentUnsettled",
    "Place",
    "PlacedLine",
    "Purchase",
    "PurchaseState",
    "Quote",
    "QuoteLine",
    "Terms",
    "TooManyHolds",
    "Totals",
    "WishMissed",
    "WishReason",
    "WrongState",
    "place_of",
    "totals_of",
]
