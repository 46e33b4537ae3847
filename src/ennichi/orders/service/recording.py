"""Purchases become orders, and what becomes of their payment becomes of them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec

from ennichi.checkout import CheckoutService, OrderPlaced, OrdersPlaced
from ennichi.kit.clock import JAPAN, Clock
from ennichi.kit.db import Transaction
from ennichi.ledger import LedgerService, Sale
from ennichi.orders import queries
from ennichi.orders.events import OrderRecorded, OrdersRecorded, UnitsReturned
from ennichi.orders.model import month_of, number_of
from ennichi.orders.rows import OrderRow
from ennichi.orders.service.book import Book, as_json
from ennichi.orders.service.views import Views
from ennichi.payments import PaymentsSettled


class Recording:
    """Writes orders down. Everything about many of them takes as many statements as about one."""

    def __init__(
        self, clock: Clock, *, book: Book, views: Views, checkout: CheckoutService, ledger: LedgerService
    ) -> None:
        self._clock = clock
        self._book = book
        self._views = views
        self._checkout = checkout
        self._ledger = ledger

    async def record(self, tx: Transaction, placed: OrdersPlaced) -> None:
        """Keep purchases as orders, in the transaction that sells them."""
        if not placed.orders:
            return
        numbers = await self._numbers(tx, placed.orders)
        kept = await queries.ADD.all(tx, orders=as_json([_row(one, numbers[one.order_id]) for one in placed.orders]))
        by_id = {row.id: row for row in kept}
        rows = [by_id[one.order_id] for one in placed.orders]
        await queries.ADD_LINES.run(tx, lines=as_json([line for one in placed.orders for line in _lines(one)]))
        await self._book.note_all(tx, [event for one in placed.orders for event in _events(one)])
        await self._book.post(tx, [row for row in rows if row.paid_at], "paid", "buyer")
        await self._book.post(tx, [row for row in rows if not row.paid_at], "placed", "buyer")
        await self._take_in(tx, [row for row in rows if row.paid_at])
        briefs = await self._views.briefs(tx, rows, "seller")
        tx.record(
            OrdersRecorded(
                [
                    OrderRecorded(brief, row.account_id, row.store_id, row.show_id)
                    for brief, row in zip(briefs, rows, strict=True)
                ]
            )
        )

    async def on_payments(self, tx: Transaction, event: PaymentsSettled) -> None:
        """Orders that waited for their money have it now, or never will: then their units go back."""
        charges = {one.charge.id: one.charge.state for one in event.settled if one.before == "awaiting"}
        if not charges:
            return
        moved = []
        for row in await queries.LOCK_OF_CHARGES.all(tx, charge_ids=sorted(charges)):
            if row.state != "placed":
                continue
            if charges[row.charge_id] == "succeeded":
                moved.append(await self._pay(tx, row))
            elif charges[row.charge_id] != "awaiting":
                moved.append(await self._let_go(tx, row))
        await self._book.tell(tx, moved)

    async def give_units_back(
        self, tx: Transaction, row: OrderRow, units: Sequence[tuple[int, int]], *, restock: bool
    ) -> None:
        """Units of lines, as (place, quantity), are sold no more; with `restock` they can be bought again."""
        wanted = {place: quantity for place, quantity in units if quantity}
        if not wanted:
            return
        lines = [line for line in await queries.LINES.all(tx, order_ids=[row.id]) if line.place in wanted]
        await queries.RETURN_UNITS.run(
            tx, order_id=row.id, places=list(wanted), quantities=[wanted[place] for place in wanted]
        )
        back = [(line.hold_id, line.variant_id, wanted[line.place]) for line in lines]
        await self._checkout.take_back(tx, back, restock=restock)
        tx.record(UnitsReturned(row.store_id, row.show_id, sum(wanted.values())))

    async def _pay(self, tx: Transaction, row: OrderRow) -> OrderRow:
        now = self._clock.now()
        ship_by = now.astimezone(JAPAN).date() + timedelta(days=row.terms["ships_within_days"])
        paid = await queries.PAID.one(tx, id=row.id, now=now, ship_by=ship_by)
        await self._book.note(tx, [paid], "paid", "payment")
        await self._book.post(tx, [paid], "paid", "buyer")
        await self._take_in(tx, [paid])
        return paid

    async def _let_go(self, tx: Transaction, row: OrderRow) -> OrderRow:
        stopped = await queries.STOPPED.one(tx, id=row.id, state="cancelled")
        await self._book.note(tx, [stopped], "cancelled", row.cancel_by or "time", reason=row.cancel_reason)
        await self._book.post(tx, [stopped], "cancelled", "buyer", reason=row.cancel_reason)
        lines = await queries.LINES.all(tx, order_ids=[row.id])
        await self.give_units_back(tx, row, [(line.place, line.kept) for line in lines], restock=True)
        return stopped

    async def _take_in(self, tx: Transaction, rows: Sequence[OrderRow]) -> None:
        now = self._clock.now()
        await self._ledger.paid(
            tx,
            [
                Sale(order_id=row.id, store_id=row.store_id, amount=row.total, at=row.paid_at or now, number=row.number)
                for row in rows
            ],
        )

    async def _numbers(self, tx: Transaction, placed: Sequence[OrderPlaced]) -> dict[str, str]:
        """The numbers of these orders, without gaps in each month."""
        months: dict[str, list[str]] = defaultdict(list)
        for one in placed:
            months[month_of(one.placed_at)].append(one.order_id)
        numbers = {}
        for month in sorted(months):
            order_ids = months[month]
            last = await queries.TAKE_NUMBERS.one(tx, month=month, n=len(order_ids))
            for n, order_id in enumerate(order_ids, last - len(order_ids) + 1):
                numbers[order_id] = number_of(month, n)
        return numbers


def _row(placed: OrderPlaced, number: str) -> dict[str, Any]:
    first = placed.lines[0]
    ship_by = placed.placed_at.astimezone(JAPAN).date() + timedelta(days=placed.terms.ships_within_days)
    return {
        "id": placed.order_id,
        "number": number,
        "account_id": placed.account_id,
        "store_id": placed.store_id,
        "show_id": placed.show_id,
        "purchase_id": placed.purchase_id,
        "charge_id": placed.charge_id,
        "state": "paid" if placed.paid else "placed",
        "placed_at": placed.placed_at,
        "items": placed.totals.items,
        "quantity": sum(line.quantity for line in placed.lines),
        "lines_count": len(placed.lines),
        "title": first.title,
        "photo_id": first.photo_id,
        "totals": placed.totals,
        "total": placed.totals.total,
        "address": placed.address,
        "terms": placed.terms,
        "method": placed.paid_with.method,
        "brand": placed.paid_with.brand,
        "last4": placed.paid_with.last4,
        "pay_by": placed.pay_by,
        "ship_by": ship_by,
        "arrives_by": placed.terms.arrives_to,
        "paid_at": placed.placed_at if placed.paid else None,
    }


def _lines(placed: OrderPlaced) -> list[dict[str, Any]]:
    return [
        {"order_id": placed.order_id, "place": place, **msgspec.structs.asdict(line)}
        for place, line in enumerate(placed.lines, 1)
    ]


def _events(placed: OrderPlaced) -> list[dict[str, Any]]:
    first = {
        "order_id": placed.order_id,
        "what": "placed",
        "by": "buyer",
        "account_id": placed.account_id,
        "at": placed.placed_at,
    }
    return [first, {**first, "what": "paid", "by": "payment"}] if placed.paid else [first]
