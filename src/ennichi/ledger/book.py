"""How money moves between accounts: pure functions from a fact to an entry. Each entry sums to zero.

Assets are positive, what is owed or earned is negative. An order's fee, the tax on it and its reserve are always those
of what is left of the order, so that any mix of partial refunds ends with the same figures as one refund of their sum.
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from ennichi.kit.money import market_share
from ennichi.ledger.model import LineKind

GATEWAY, FEES, FEE_TAX = "gateway", "fees", "fee_tax"


def clearing(store_id: str) -> str:
    """Buyers' money for orders that are not concluded."""
    return f"clearing:{store_id}"


def refunds(store_id: str) -> str:
    """On its way back to buyers."""
    return f"refunds:{store_id}"


def store(store_id: str) -> str:
    """The store's, to be withdrawn."""
    return f"store:{store_id}"


def reserve(store_id: str) -> str:
    """The store's, kept for refunds."""
    return f"reserve:{store_id}"


def payout(store_id: str) -> str:
    """On its way to the store's bank."""
    return f"payout:{store_id}"


class Entry(Struct, frozen=True, kw_only=True):
    """One entry with its postings (amounts by account, none of them zero)."""

    kind: LineKind
    ref: str
    store_id: str
    at: datetime
    order_id: str | None = None
    memo: str = ""
    postings: Mapping[str, int]


class Shares(Struct, frozen=True, kw_only=True):
    """Whose an order's money is once it is settled."""

    store: int
    fee: int
    fee_tax: int
    reserve: int


def shares(amount: int, *, fee_bps: int, reserve_bps: int) -> Shares:
    """Fee, tax on it and reserve of `amount`, each floored and none more than there is; the rest is the store's."""
    fee, tax = market_share(amount, fee_bps)
    kept = min(amount * reserve_bps // 10_000, amount - fee - tax)
    return Shares(store=amount - fee - tax - kept, fee=fee, fee_tax=tax, reserve=kept)


def entry(
    kind: LineKind,
    ref: str,
    store_id: str,
    at: datetime,
    postings: Mapping[str, int],
    *,
    order_id: str | None = None,
    memo: str = "",
) -> Entry:
    """An entry without the accounts that it leaves as they are."""
    return Entry(
        kind=kind,
        ref=ref,
        store_id=store_id,
        at=at,
        order_id=order_id,
        memo=memo,
        postings={account: amount for account, amount in postings.items() if amount},
    )


def moved(amount: int, source: str, target: str) -> dict[str, int]:
    """Owed to `source` before, to `target` now."""
    return {source: amount, target: -amount}


def settled(amount: int, store_id: str, *, fee_bps: int, reserve_bps: int) -> dict[str, int]:
    """Buyers' money becomes the store's and the market's."""
    to = shares(amount, fee_bps=fee_bps, reserve_bps=reserve_bps)
    return {
        clearing(store_id): amount,
        store(store_id): -to.store,
        FEES: -to.fee,
        FEE_TAX: -to.fee_tax,
        reserve(store_id): -to.reserve,
    }


def left(sums: Mapping[str, int], store_id: str) -> int:
    """What is left of an order's money, whoever has it: `sums` are its postings by account."""
    return -sum(
        sums.get(account, 0) for account in (clearing(store_id), store(store_id), FEES, FEE_TAX, reserve(store_id))
    )


def taken_back(
    sums: Mapping[str, int], amount: int, store_id: str, *, fee_bps: int, reserve_bps: int
) -> dict[str, int]:
    """A refund after settlement (a negative `amount`: one that came to nothing).

    With the store's money the market returns its fee on it. `reserve_bps` is 0 once the reserve is released.
    """
    after = shares(left(sums, store_id) - amount, fee_bps=fee_bps, reserve_bps=reserve_bps)
    target = {
        store(store_id): -after.store,
        FEES: -after.fee,
        FEE_TAX: -after.fee_tax,
        reserve(store_id): -after.reserve,
    }
    return {account: sum_ - sums.get(account, 0) for account, sum_ in target.items()} | {refunds(store_id): -amount}
