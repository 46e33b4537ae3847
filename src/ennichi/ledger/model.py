"""Money as values: what is told to the ledger, and what a store sees of it."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ennichi.kit.money import Yen

LineKind = Literal[
    "sale",
    "refund",
    "refunded",
    "refund_failed",
    "settle",
    "release",
    "payout",
    "payout_settled",
    "payout_failed",
]
PayoutState = Literal["pending", "sent", "settled", "failed"]
BankKind = Literal["ordinary", "current", "savings"]

RESERVE_STAYS = timedelta(days=30)

Change = Annotated[int, Meta(description="Yen; negative when it got less.")]


class Sale(Struct, frozen=True, kw_only=True):
    """A buyer's money for an order has arrived."""

    order_id: str
    store_id: str
    amount: int
    at: datetime
    number: str = ""
    """What people call the order."""


class Owed(Struct, frozen=True, kw_only=True):
    """Part of an order's money, or all of it, is to go back to its buyer."""

    refund_id: str
    order_id: str
    store_id: str
    amount: int
    at: datetime


class Settlement(Struct, frozen=True, kw_only=True):
    """An order is concluded: its money becomes the store's, less the fee and the reserve (basis points of it)."""

    order_id: str
    store_id: str
    fee_bps: int
    reserve_bps: int
    at: datetime


class Balance(Struct, frozen=True, kw_only=True):
    """Where a store's money is."""

    waiting: Annotated[Yen, Meta(description="Buyers' money of orders that are not concluded.")]
    available: Annotated[int, Meta(description="May be withdrawn; negative when refunds took more than was left.")]
    reserved: Annotated[Yen, Meta(description="Kept for refunds, released after 30 days.")]
    on_the_way: Annotated[Yen, Meta(description="Withdrawals the bank has not confirmed.")]
    paid_out: Annotated[Yen, Meta(description="Withdrawals that arrived.")]


class Line(Struct, frozen=True, kw_only=True):
    """One entry as the store sees it: what it changed of each part of its balance, and what the market took."""

    id: Annotated[int, Meta(description="Later entries have greater ones.")]
    at: datetime
    kind: LineKind
    order_id: str | None
    order_number: Annotated[str, Meta(description="What people call the order; may be empty.")]
    waiting: Change
    available: Change
    reserved: Change
    on_the_way: Change
    fees: Annotated[int, Meta(description="Fee and tax on it that the market took (positive) or gave back.")]


class NewBankAccount(Struct, frozen=True, kw_only=True):
    """Where a store's withdrawals go. Names are kana of any kind, as the bank writes them."""

    bank_code: Annotated[str, Meta(pattern="^[0-9]{4}$")]
    bank_name: Annotated[str, Meta(min_length=1, max_length=30)]
    branch_code: Annotated[str, Meta(pattern="^[0-9]{3}$")]
    branch_name: Annotated[str, Meta(min_length=1, max_length=30)]
    kind: BankKind
    number: Annotated[str, Meta(pattern="^[0-9]{7}$")]
    holder: Annotated[str, Meta(min_length=1, max_length=60)]


class KeptBankAccount(Struct, frozen=True, kw_only=True):
    """A bank account as it is shown: only the end of its number."""

    bank_code: str
    bank_name: str
    branch_code: str
    branch_name: str
    kind: BankKind
    ends: Annotated[str, Meta(description="The last three digits of its number.")]
    holder: str


class NewPayout(Struct, frozen=True, kw_only=True):
    """A wish to withdraw."""

    amount: Annotated[int, Meta(ge=1, le=9_999_999_999)]


class Payout(Struct, frozen=True, kw_only=True):
    """A withdrawal: pending, sent to the bank, settled (it arrived), or failed (the money is available again)."""

    id: str
    amount: Yen
    state: PayoutState
    reason: Annotated[str | None, Meta(description="The gateway's word for why it failed.")]
    bank: KeptBankAccount
    asked_at: datetime
    ended_at: datetime | None


class Money(Struct, frozen=True, kw_only=True):
    """A store's money at a glance."""

    balance: Balance
    bank_account: KeptBankAccount | None
    payouts: Annotated[list[Payout], Meta(description="The latest first.")]
