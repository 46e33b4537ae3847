"""Checkout: holds and their confirmation. It takes units from the catalog, money through payments, and tells orders."""

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
from ennichi.checkout.events import HoldChanged, OrderPlaced, OrdersPlaced, PaidWith, PlacedLine
from ennichi.checkout.model import Confirmation, Hold, HoldEdit, NewHold, Terms, Totals, totals_of
from ennichi.checkout.postal import Place, place_of
from ennichi.checkout.purchases import NewPurchase, Pay, PayByCard, PayByKonbini
from ennichi.checkout.service import CheckoutService

__all__ = [
    "AddressMissing",
    "CardMissing",
    "CheckoutService",
    "Confirmation",
    "Hold",
    "HoldChanged",
    "HoldEdit",
    "HoldExpired",
    "HoldNotFound",
    "KeyReused",
    "NewHold",
    "NewPurchase",
    "OrderPlaced",
    "OrdersPlaced",
    "OwnListing",
    "PaidWith",
    "Pay",
    "PayByCard",
    "PayByKonbini",
    "PaymentDeclined",
    "PaymentUnsettled",
    "Place",
    "PlacedLine",
    "Terms",
    "TooManyHolds",
    "Totals",
    "WrongState",
    "place_of",
    "totals_of",
]
