"""Purchases: several holds of one store, paid for at once, and what they come to beforehand.

    paying ──▶ paid
       ├──▶ action_required (the buyer proves to their bank who they are) ──▶ paid, awaiting, declined, given_up
       ├──▶ awaiting (sold, and to be paid at a counter until a certain time) ──▶ paid, declined
       └──▶ declined, given_up

While a purchase is paying, or wants something of its buyer, its holds are confirming. When it is declined or given up
they are held again, and run out when their time is over.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from ennichi.accounts import Address
from ennichi.catalog import TaxRate
from ennichi.checkout.model import MAX_HOLDS, HeldListing, HeldVariant, Terms, Totals
from ennichi.payments import Action, Card, DeclineReason, Method, Pay
from ennichi.stores import StoreBrief

PurchaseState = Literal["paying", "action_required", "awaiting", "paid", "declined", "given_up"]

TRANSITIONS: Mapping[PurchaseState, frozenset[PurchaseState]] = {
    "paying": frozenset({"action_required", "awaiting", "paid", "declined", "given_up"}),
    "action_required": frozenset({"awaiting", "paid", "declined", "given_up"}),
    "awaiting": frozenset({"paid", "declined"}),
    "paid": frozenset(),
    "declined": frozenset(),
    "given_up": frozenset(),
}

HoldIds = Annotated[list[str], Meta(min_length=1, max_length=MAX_HOLDS, description="All of one store.")]


class NewPurchase(Struct, kw_only=True):
    """How to conclude a purchase. What is left out is taken from what the account has saved."""

    hold_ids: HoldIds
    address: Address | None = None
    pay: Pay | None = None
    total: Annotated[int, Meta(ge=0, le=99_999_999_999, description="Yen, as the buyer was shown it. It binds.")]
    save: Annotated[bool, Meta(description="Keep this address and card for next time.")] = False
    tell_room: Annotated[bool, Meta(description="Tell everyone at the show, by name, while it is live.")] = False


class Purchase(Struct, kw_only=True, frozen=True):
    """A purchase as its buyer sees it."""

    id: str
    state: PurchaseState
    total: Annotated[int, Meta(description="Yen, tax and shipping included.")]
    order_id: Annotated[str | None, Meta(description="Once it is sold: paid, or awaiting its money.")]
    action: Annotated[Action | None, Meta(description="What the buyer has to do now.")]
    reason: Annotated[DeclineReason | None, Meta(description="Why no money was taken.")]
    expires_at: Annotated[datetime | None, Meta(description="Until when the buyer may act, or pay at a counter.")]


class NewQuote(Struct, kw_only=True):
    """What is to be bought together, and where it would go (left out: where the saved address is)."""

    hold_ids: HoldIds
    prefecture: Annotated[str, Meta(max_length=10, description="One of the 47, in Japanese: 東京都.")] | None = None


class QuoteLine(Struct, kw_only=True, frozen=True):
    """One hold of a basket."""

    hold_id: str
    listing: HeldListing
    variant: HeldVariant
    quantity: int
    max_quantity: int
    unit_price: int
    tax_rate: TaxRate
    amount: int


class Quote(Struct, kw_only=True, frozen=True):
    """A basket of one store with everything the last look before the purchase needs."""

    hold_ids: list[str]
    store: StoreBrief
    lines: list[QuoteLine]
    totals: Totals
    expires_at: Annotated[datetime, Meta(description="When the first of its holds runs out.")]
    server_time: datetime
    address: Annotated[Address | None, Meta(description="The saved one, taken when the purchase names none.")]
    card: Annotated[Card | None, Meta(description="The card used last, taken when the purchase names none.")]
    methods: list[Method]
    terms: Terms
    guest: bool


class PurchaseRow(Struct, frozen=True, kw_only=True):
    """A purchase as it is kept: all that is needed to finish it after a crash."""

    id: str
    charge_id: str
    order_id: str
    account_id: str
    store_id: str
    show_id: str | None
    hold_ids: list[str]
    items: int
    shipping: int
    address: dict[str, Any]
    save: bool
    tell_room: bool
    state: PurchaseState
    started_at: datetime

    @property
    def total(self) -> int:
        """What is paid."""
        return self.items + self.shipping


def may_become(before: PurchaseState, after: PurchaseState) -> bool:
    """Whether a purchase may go from one state to the other."""
    return after in TRANSITIONS[before]
