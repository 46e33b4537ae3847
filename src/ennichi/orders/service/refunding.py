"""Giving money back: never more than came in, whoever asks for it at the same moment.

What is decided is written in one transaction: in the order, in the ledger as owed, and with payments, whose job has
the gateway do it. When that is done, or has failed, the order and the ledger hear of it.
"""

from collections import Counter
from collections.abc import Sequence

from ennichi.accounts import Account
from ennichi.kit.clock import Clock
from ennichi.kit.db import Database, Transaction
from ennichi.kit.errors import Invalid
from ennichi.kit.ids import Ids
from ennichi.kit.text import clean
from ennichi.ledger import LedgerService, Owed
from ennichi.orders import queries
from ennichi.orders.errors import OrderNotFound, RefundChanged, RefundTooLarge, WrongState
from ennichi.orders.model import REFUNDABLE, Refunding
from ennichi.orders.papers.model import REDUCED, reduced_share
from ennichi.orders.rows import LineRow, OrderRow
from ennichi.orders.service.book import Book
from ennichi.orders.service.recording import Recording
from ennichi.payments import PaymentService, RefundsSettled

Units = list[tuple[int, int]]
"""Of lines: (place, quantity)."""


class Refunds:
    """Decides on refunds, and notes what came of them."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        *,
        book: Book,
        recording: Recording,
        payments: PaymentService,
        ledger: LedgerService,
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._book = book
        self._recording = recording
        self._payments = payments
        self._ledger = ledger

    async def refund(self, actor: Account, order_id: str, wanted: Refunding) -> None:
        """See OrderService.refund."""
        reason = clean(wanted.reason)
        async with self._db.transaction() as tx:
            row, side = await self._book.lock(tx, order_id, actor)
            if side == "buyer":
                raise OrderNotFound
            if row.paid_at is None or not row.left:
                raise WrongState(state=row.state)
            if wanted.left not in (None, row.left):
                raise RefundChanged(left=row.left)
            lines = await queries.LINES.all(tx, order_ids=[row.id])
            amount, units = worth(row, lines, wanted)
            moved = await self.owe(tx, row, amount, actor.id, reason, reduced=reduced_part(lines, units, wanted))
            whole = moved.left == 0
            if whole:
                units = [(line.place, line.kept) for line in lines]
            await self._recording.give_units_back(tx, row, units, restock=wanted.restock)
            await self._book.note(tx, [row], "refund", "store", account_id=actor.id, amount=amount, reason=reason)
            await self._book.post(tx, [row], "refunded", "buyer", amount=amount, reason=reason)
            if whole and row.state in REFUNDABLE:
                moved = await queries.STOPPED.one(tx, id=row.id, state="refunded")
                await self._book.note(tx, [moved], "refunded", "store", account_id=actor.id)
            await self._book.tell(tx, [moved])

    async def owe(
        self,
        tx: Transaction,
        row: OrderRow,
        amount: int,
        account_id: str,
        reason: str,
        *,
        reduced: int | None = None,
    ) -> OrderRow:
        """Decide on a refund of a locked order. RefundTooLarge when it would be more than is left.

        `reduced`: how much of it is the price of things at the reduced tax rate, where it is for certain things.
        """
        if amount > row.left:
            raise RefundTooLarge(left=row.left)
        now, refund_id = self._clock.now(), self._ids.new()
        await queries.ADD_REFUND.run(
            tx,
            id=refund_id,
            order_id=row.id,
            amount=amount,
            reason=reason,
            account_id=account_id,
            now=now,
            reduced=await self._reduced(tx, row, amount, reduced),
        )
        await self._payments.refund(tx, row.charge_id, amount, id=refund_id)
        await self._ledger.refund_owed(
            tx, Owed(refund_id=refund_id, order_id=row.id, store_id=row.store_id, amount=amount, at=now)
        )
        return await queries.OWE.one(tx, id=row.id, amount=amount)

    async def _reduced(self, tx: Transaction, row: OrderRow, amount: int, named: int | None) -> int:
        """How much of a refund is at the reduced rate, as its papers will say."""
        lines = await queries.LINES.all(tx, order_ids=[row.id])
        earlier = await queries.REFUNDS.all(tx, order_id=row.id)
        left = sum(line.unit_price * line.quantity for line in lines if line.tax_rate == REDUCED)
        left -= sum(one.reduced for one in earlier if one.state != "failed")
        return reduced_share(amount, reduced_left=left, standard_left=row.left - left, named=named)

    async def on_refunds(self, tx: Transaction, event: RefundsSettled) -> None:
        """Note which refunds arrived and which failed. What failed may be decided again."""
        states = {one.id: "done" if one.state == "succeeded" else "failed" for one in event.refunds}
        now = self._clock.now()
        ended = await queries.END_REFUNDS.all(tx, ids=list(states), states=list(states.values()), now=now)
        if not ended:
            return
        over: Counter[str] = Counter()
        done: Counter[str] = Counter()
        for one in ended:
            over[one.order_id] += one.amount
            done[one.order_id] += one.amount if one.state == "done" else 0
        order_ids = sorted(over)
        rows = await queries.COUNT_REFUNDS.all(
            tx, order_ids=order_ids, ended=[over[each] for each in order_ids], done=[done[each] for each in order_ids]
        )
        await self._ledger.refunded(tx, [one.id for one in ended if one.state == "done"], now)
        await self._ledger.refund_failed(tx, [one.id for one in ended if one.state == "failed"], now)
        await self._book.note_all(
            tx,
            [
                {
                    "order_id": one.order_id,
                    "what": "refund_done" if one.state == "done" else "refund_failed",
                    "by": "payment",
                    "at": now,
                    "amount": one.amount,
                }
                for one in ended
            ],
        )
        await self._book.tell(tx, rows)


def worth(row: OrderRow, lines: Sequence[LineRow], wanted: Refunding) -> tuple[int, Units]:
    """How much is to go back, and for which units.

    Invalid for lines that are not of the order or not so many, and for a shipping fee alone where there was none.
    """
    by_variant = {line.variant_id: line for line in lines}
    units: Units = []
    price = 0
    for n, one in enumerate(wanted.lines):
        line = by_variant.pop(one.variant_id, None)
        if line is None:
            raise Invalid((f"lines[{n}].variant_id", "not_of_this_order"))
        if one.quantity > line.kept:
            raise Invalid((f"lines[{n}].quantity", f"at most {line.kept}"))
        units.append((line.place, one.quantity))
        price += line.unit_price * one.quantity
    if wanted.shipping:
        price += row.total - row.items
    if wanted.amount is not None:
        return wanted.amount, units
    if not (wanted.lines or wanted.shipping):
        return row.left, units
    if not price:
        raise Invalid(("shipping", "was_free"))
    return price, units


def reduced_part(lines: Sequence[LineRow], units: Units, wanted: Refunding) -> int | None:
    """What the named units at the reduced tax rate cost; None when the refund is a sum that names nothing."""
    if wanted.amount is not None or not (units or wanted.shipping):
        return None
    prices = {line.place: line.unit_price for line in lines if line.tax_rate == REDUCED}
    return sum(prices.get(place, 0) * quantity for place, quantity in units)
