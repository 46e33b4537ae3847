"""Purchases: several holds of one store, paid for at once.

    paying ──▶ paid
       │  ──▶ action_required (the buyer proves to their bank who they are) ──▶ paid, awaiting, declined, given_up
       │  ──▶ awaiting (sold, and to be paid at a shop until a certain time) ──▶ paid, declined
       └──▶ declined, given_up

While a purchase is paying, or wants something of its buyer, its holds are confirming. Declined and given up, they are
held again, and run out when their time is over.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ennichi.accounts import Address
from ennichi.checkout.model import MAX_HOLDS

PurchaseState = Literal["paying", "action_required", "awaiting", "paid", "declined", "given_up"]

PURCHASE_TRANSITIONS: Mapping[PurchaseState, frozenset[PurchaseState]] = {
    "paying": frozenset({"action_required", "awaiting", "paid", "declined", "given_up"}),
    "action_required": frozenset({"awaiting", "paid", "declined", "given_up"}),
    "awaiting": frozenset({"paid", "declined"}),
    "paid": frozenset(),
    "declined": frozenset(),
    "given_up": frozenset(),
}


class PayByCard(Struct, kw_only=True, frozen=True, tag="card"):
    """With a new card (`token`) or a saved one (`card_id`); with neither, the saved one used last."""

    token: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    card_id: str | None = None


class PayByKonbini(Struct, kw_only=True, frozen=True, tag="konbini"):
    """At a convenience store, some days later."""


Pay = PayByCard | PayByKonbini


class NewPurchase(Struct, kw_only=True):
    """How to conclude a purchase. What is left out is taken from what the account has saved."""

    hold_ids: Annotated[list[str], Meta(min_length=1, max_length=MAX_HOLDS, description="All of one store.")]
    address: Address | None = None
    pay: Pay | None = None
    total: Annotated[int, Meta(ge=0, le=99_999_999, description="Yen, as the buyer was shown it. It binds.")]
    save: Annotated[bool, Meta(description="Keep this address and card for next time.")] = False
    tell_room: Annotated[bool, Meta(description="Tell everyone at the show, by name, while it is live.")] = False


def purchase_may_become(before: PurchaseState, after: PurchaseState) -> bool:
    """Whether a purchase may go from one state to the other."""
    return after in PURCHASE_TRANSITIONS[before]

