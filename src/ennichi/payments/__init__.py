"""Payments: cards people keep and charges made to them, through a gateway that only the port knows."""

from ennichi.payments.adapters.sandbox import SandboxCard, SandboxGateway
from ennichi.payments.errors import CardInvalid, CardNotFound
from ennichi.payments.model import Approved, Brand, Card, Charge, ChargeState, Declined, DeclineReason, GatewayCard
from ennichi.payments.ports import Gateway
from ennichi.payments.service import PaymentService

__all__ = [
    "Approved",
    "Brand",
    "Card",
    "CardInvalid",
    "CardNotFound",
    "Charge",
    "ChargeState",
    "DeclineReason",
    "Declined",
    "Gateway",
    "GatewayCard",
    "PaymentService",
    "SandboxCard",
    "SandboxGateway",
]
