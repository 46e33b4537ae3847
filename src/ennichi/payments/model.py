"""Cards people keep, and charges made to them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

Brand = Literal["visa", "mastercard", "jcb", "amex"]
DeclineReason = Literal["card_declined", "insufficient_funds", "expired_card"]
ChargeState = Literal["pending", "succeeded", "declined", "void"]

CHARGE_TRANSITIONS: Mapping[ChargeState, frozenset[ChargeState]] = {
    "pending": frozenset({"succeeded", "declined", "void"}),
    "succeeded": frozenset(),
    "declined": frozenset(),
    "void": frozenset(),
}
"""`void` is a charge the gateway never heard of: whoever asked for it crashed first."""


class Card(Struct, kw_only=True, frozen=True):
    """A saved payment method; the number is never known here."""

    id: str
    brand: Brand
    last4: Annotated[str, Meta(pattern="^[0-9]{4}$")]
    exp_month: Annotated[int, Meta(ge=1, le=12)]
    exp_year: int


class GatewayCard(Struct, kw_only=True, frozen=True):
    """What a gateway tells about the card behind one of its references."""

    ref: str
    brand: Brand
    last4: str
    exp_month: int
    exp_year: int


class Approved(Struct, frozen=True, tag="approved"):
    """The money is taken; `reference` is the gateway's own name for it."""

    reference: str


class Declined(Struct, frozen=True, tag="declined"):
    """The money is not taken."""

    reason: DeclineReason


class CardRow(Struct, frozen=True):
    """A saved card as it is kept."""

    id: str
    account_id: str
    ref: str
    brand: Brand
    last4: str
    exp_month: int
    exp_year: int


class Charge(Struct, frozen=True):
    """One attempt to take money; its id is the idempotency key the gateway gets."""

    id: str
    account_id: str
    amount: int
    currency: str
    card_ref: str
    brand: Brand
    last4: str
    exp_month: int
    exp_year: int
    state: ChargeState
    reason: DeclineReason | None
    reference: str | None
    created_at: datetime

    def card(self) -> GatewayCard:
        """The card it was made to."""
        return GatewayCard(
            ref=self.card_ref, brand=self.brand, last4=self.last4, exp_month=self.exp_month, exp_year=self.exp_year
        )
