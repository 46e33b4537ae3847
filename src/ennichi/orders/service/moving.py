"""Sending, receiving, rating, cancelling and settling orders."""

from datetime import timedelta

import structlog

from ennichi.accounts import Account
from ennichi.checkout import PaymentUnsettled
from ennichi.kit.clock import JAPAN, Clock
from ennichi.kit.db import Database, Transaction
from ennichi.kit.errors import Invalid
from ennichi.kit.text import clean
from ennichi.ledger import LedgerService, Settlement
from ennichi.orders import queries
from ennichi.orders.carriers import arrival_of, number_of
from ennichi.orders.errors import AlreadyRated, OrderNotFound, WrongState
from ennichi.orders.model import RECEIVED_BY_ITSELF, Rating, Shipping
from ennichi.orders.rows import OrderRow
from ennichi.orders.service.book import SIDES, Book, require
from ennichi.orders.service.recording import Recording
from ennichi.orders.service.refunding import Refunds
from ennichi.payments import PaymentService
from ennichi.stores import StoreService

log = structlog.get_logger(__name__)

AT_ONCE = 200


class Moving:
    """What people and the clock do with orders."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        book: Book,
        recording: Recording,
        refunds: Refunds,
        stores: StoreService,
        payments: PaymentService,
        ledger: LedgerService,
        fee_bps: int,
        reserve_bps: int,
    ) -> None:
        self._db = db
        self._clock = clock
        self._book = book
        self._recording = recording
        self._refunds = refunds
        self._stores = stores
        self._payments = payments
        self._ledger = ledger
        self._fee_bps = fee_bps
        self._reserve_bps = reserve_bps

    async def ship(self, actor: Account, order_id: str, parcel: Shipping) -> None:
        """See OrderService.ship."""
        carrier, tracking = clean(parcel.carrier), number_of(parcel.tracking)
        if not carrier:
            raise Invalid(("carrier", "empty"))
        async with self._db.transaction() as tx:
            row, side = await self._book.lock(tx, order_id, actor)
            if side == "buyer":
                raise OrderNotFound
            now = self._clock.now()
            if row.state == "shipped" and row.shipped_at:
                arrives_by = arrival_of(carrier, row.shipped_at.astimezone(JAPAN).date())
                moved = await queries.CORRECTED.one(
                    tx, id=row.id, carrier=carrier, tracking=tracking, arrives_by=arrives_by
                )
                await self._book.tell(tx, [moved])
                return
            require(row, "shipped")
            arrives_by = arrival_of(carrier, now.astimezone(JAPAN).date())
            moved = await queries.SHIPPED.one(
                tx, id=row.id, carrier=carrier, tracking=tracking, arrives_by=arrives_by, now=now
            )
            await self._book.note(tx, [moved], "shipped", "store", account_id=actor.id)
            await self._book.post(tx, [moved], "shipped", "buyer")
            await self._book.tell(tx, [moved])

    async def receive(self, actor: Account, order_id: str, rating: Rating | None) -> None:
        """See OrderService.receive."""
        async with self._db.transaction() as tx:
            row, side = await self._book.lock(tx, order_id, actor)
            if side == "seller":
                raise OrderNotFound
            require(row, "received")
            (moved,) = await queries.RECEIVED.all(tx, ids=[row.id], now=self._clock.now())
            await self._book.note(tx, [moved], "received", "buyer", account_id=actor.id)
            if rating is not None:
                await self._rate(tx, moved, actor, rating)
            await self._book.tell(tx, [moved])

    async def rate(self, actor: Account, order_id: str, rating: Rating) -> None:
        """See OrderService.rate."""
        async with self._db.transaction() as tx:
            row, side = await self._book.lock(tx, order_id, actor)
            if side == "seller":
                raise OrderNotFound
            if row.state not in ("received", "settled"):
                raise WrongState(state=row.state)
            await self._rate(tx, row, actor, rating)

    async def cancel(self, actor: Account, order_id: str, reason: str) -> None:
        """See OrderService.cancel."""
        reason = clean(reason)
        async with self._db.transaction() as tx:
            row, side = await self._book.lock(tx, order_id, actor)
            if row.state == "paid" and side == "seller":
                await self._call_off(tx, row, actor, reason)
                return
            if row.state not in ("placed", "paid"):
                raise WrongState(state=row.state)
            if row.state == "placed" or row.cancel_asked_at is None:
                row = await self._ask(tx, row, actor, SIDES[side], reason)
        if row.state == "placed":
            await self._give_up(row.id, row.charge_id)

    async def settle_due(self) -> None:
        """Hand the money of received orders to their stores. Safe in several processes."""
        while True:
            async with self._db.transaction() as tx:
                rows = await queries.LOCK_RECEIVED.all(tx, limit=AT_ONCE)
                stores = await self._stores.rows(tx, {row.store_id for row in rows})
                now = self._clock.now()
                fees = {store_id: store.fee_bps for store_id, store in stores.items()}
                await self._ledger.settle(
                    tx,
                    [
                        Settlement(
                            order_id=row.id,
                            store_id=row.store_id,
                            fee_bps=self._fee_of(fees[row.store_id]),
                            reserve_bps=self._reserve_bps,
                            at=now,
                        )
                        for row in rows
                    ],
                )
                moved = await queries.SETTLED.all(tx, ids=[row.id for row in rows])
                await self._book.note(tx, moved, "settled", "time")
                await self._book.tell(tx, moved)
            if len(rows) < AT_ONCE:
                return

    async def receive_overdue(self) -> None:
        """Count parcels as received that should have come long ago. Safe in several processes."""
        before = self._clock.now().astimezone(JAPAN).date() - timedelta(days=RECEIVED_BY_ITSELF)
        while True:
            async with self._db.transaction() as tx:
                rows = await queries.LOCK_OVERDUE.all(tx, arrived_before=before, limit=AT_ONCE)
                moved = await queries.RECEIVED.all(tx, ids=[row.id for row in rows], now=self._clock.now())
                await self._book.note(tx, moved, "received", "time")
                await self._book.tell(tx, moved)
            if len(rows) < AT_ONCE:
                return

    def _fee_of(self, fee_bps: int | None) -> int:
        return self._fee_bps if fee_bps is None else fee_bps

    async def _rate(self, tx: Transaction, row: OrderRow, actor: Account, rating: Rating) -> None:
        added = await queries.ADD_RATING.run(
            tx,
            order_id=row.id,
            store_id=row.store_id,
            account_id=actor.id,
            stars=rating.stars,
            comment=clean(rating.comment),
            now=self._clock.now(),
        )
        if not added:
            raise AlreadyRated
        await self._stores.add_rating(tx, row.store_id, rating.stars)
        await self._book.note(tx, [row], "rated", "buyer", account_id=actor.id)

    async def _call_off(self, tx: Transaction, row: OrderRow, actor: Account, reason: str) -> None:
        """Cancel a paid order: all of its money and all of its units go back."""
        lines = await queries.LINES.all(tx, order_ids=[row.id])
        amount = row.left
        if amount:
            await self._refunds.owe(tx, row, amount, actor.id, reason)
        moved = await queries.STOPPED.one(tx, id=row.id, state="cancelled")
        await self._recording.give_units_back(tx, row, [(line.place, line.kept) for line in lines], restock=True)
        await self._book.note(tx, [moved], "cancelled", "store", account_id=actor.id, reason=reason, amount=amount)
        await self._book.post(tx, [moved], "cancelled", "buyer", amount=amount, reason=reason)
        await self._book.tell(tx, [moved])

    async def _ask(self, tx: Transaction, row: OrderRow, actor: Account, by: str, reason: str) -> OrderRow:
        """Note that somebody wants an order cancelled. Of an unpaid one, the gateway is asked next."""
        moved = await queries.ASKED.one(tx, id=row.id, by=by, reason=reason, now=self._clock.now())
        if row.state == "paid":
            await self._book.note(tx, [moved], "cancel_asked", "buyer", account_id=actor.id, reason=reason)
            await self._book.post(tx, [moved], "cancel_asked", "seller", reason=reason)
        await self._book.tell(tx, [moved])
        return moved

    async def _give_up(self, order_id: str, charge_id: str) -> None:
        """Have an unpaid order's charge called off.

        Raises WrongState when its money came at that moment, PaymentUnsettled when the gateway does not say.
        """
        try:
            await self._payments.give_up(charge_id)
        except Exception:
            log.exception("an unpaid order could not be called off", order=order_id)
        async with self._db.read() as conn:
            row = await queries.GET.one(conn, id=order_id)
        if row.state == "placed":
            raise PaymentUnsettled
        if row.state != "cancelled":
            raise WrongState(state=row.state)
