"""Use cases of the checkout.

Invariants: units are in exactly one hold or in none; an active hold (held, confirming) has its units, any other has
given them back or sold them; a buyer has at most one active hold of a variant; a hold is charged for at most once.
"""

import asyncio
import contextlib
import time
from collections import Counter

import structlog

from ennichi.accounts import Account, AccountService
from ennichi.catalog import Stock
from ennichi.checkout import queries
from ennichi.checkout.errors import HoldNotFound
from ennichi.checkout.events import HoldChanged
from ennichi.checkout.keys import Keys
from ennichi.checkout.model import Confirmation, Hold, NewHold
from ennichi.checkout.service.confirming import Confirming
from ennichi.checkout.service.holding import Holding
from ennichi.checkout.service.views import Views
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database
from ennichi.kit.ids import Ids, is_id
from ennichi.payments import PaymentService
from ennichi.photos import PhotoService
from ennichi.shows import ShowService
from ennichi.stores import StoreService

log = structlog.get_logger(__name__)

SWEEP_SHORTEST = 0.1
AFTER_FAILURE = 1.0
RECONCILE_EVERY = 5.0
FORGET_EVERY = 600.0
EXPIRE_AT_ONCE = 200


class CheckoutService:
    """Holds and their confirmation. `start` runs what the clock does to them, until `stop`."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        *,
        accounts: AccountService,
        stores: StoreService,
        photos: PhotoService,
        shows: ShowService,
        stock: Stock,
        payments: PaymentService,
    ) -> None:
        self._db = db
        self._clock = clock
        self._stock = stock
        self._keys = Keys(clock)
        self._views = Views(clock, accounts=accounts, stores=stores, photos=photos, stock=stock, payments=payments)
        self._holding = Holding(
            db, clock, ids, keys=self._keys, views=self._views, stores=stores, shows=shows, stock=stock
        )
        self._confirming = Confirming(
            db,
            clock,
            ids,
            keys=self._keys,
            holding=self._holding,
            accounts=accounts,
            stock=stock,
            payments=payments,
        )
        self._stopping = asyncio.Event()
        self._sweeper: asyncio.Task[None] | None = None

    async def take(self, actor: Account, wanted: NewHold, key: str) -> Hold:
        """Keep units for the actor for five minutes. `key` makes a repeated request safe.

        Somebody who already holds this variant gets that hold with the new quantity; its deadline and price stay.
        Raises SoldOut, Archived, VariantNotFound, ShowNotFound, OwnListing, TooManyHolds, WrongState (while an
        earlier hold of it is being paid), KeyReused.
        """
        return await self._holding.take(actor, wanted, key)

    async def get(self, actor: Account, hold_id: str) -> Hold:
        """The actor's hold as it stands; HoldNotFound."""
        async with self._db.read() as conn:
            row = await queries.HOLD.first(conn, id=hold_id) if is_id(hold_id) else None
            if row is None or row.account_id != actor.id:
                raise HoldNotFound
            return await self._views.one(conn, row)

    async def change(self, actor: Account, hold_id: str, quantity: int) -> Hold:
        """Hold another number of units. Raises SoldOut, Archived, HoldExpired, WrongState, HoldNotFound."""
        return await self._holding.change(actor, hold_id, quantity)

    async def release(self, actor: Account, hold_id: str) -> Hold:
        """Give the units back; again is no error. Raises HoldExpired, WrongState, HoldNotFound."""
        return await self._holding.release(actor, hold_id)

    async def confirm(self, actor: Account, hold_id: str, how: Confirmation, key: str) -> str:
        """Pay for a hold; returns the id of the order. `key` makes a repeated request safe: it is never paid twice.

        Raises PaymentDeclined (the hold goes on, try again with a new key), PaymentUnsettled (repeat with the same
        key), AddressMissing, CardMissing, CardInvalid, CardNotFound, HoldExpired, WrongState, HoldNotFound, KeyReused.
        """
        return await self._confirming.confirm(actor, hold_id, how, key)

    async def active_of_show(self, where: Connection, account: Account, show_id: str) -> Hold | None:
        """The account's latest hold of a show that still runs."""
        row = await queries.ACTIVE_OF_SHOW.first(where, account_id=account.id, show_id=show_id, now=self._clock.now())
        return None if row is None else await self._views.one(where, row)

    async def expire(self) -> int:
        """Let every hold whose time is over give its units back; returns how many. Safe in several processes."""
        total = 0
        while True:
            async with self._db.transaction() as tx:
                rows = await queries.EXPIRE.all(tx, now=self._clock.now(), limit=EXPIRE_AT_ONCE)
                units: Counter[str] = Counter()
                for row in rows:
                    units[row.variant_id] += row.quantity
                await self._stock.give_back(tx, units)
                for row, hold in zip(rows, await self._views.many(tx, rows), strict=True):
                    tx.record(HoldChanged(hold, row.account_id))
            total += len(rows)
            if len(rows) < EXPIRE_AT_ONCE:
                return total

    async def reconcile(self) -> None:
        """Finish confirmations that were interrupted between the charge and its record."""
        await self._confirming.reconcile()

    async def run_sweeper(self, stop: asyncio.Event) -> None:
        """Expire each hold when its time is over, reconcile at once and every five seconds, until `stop` is set."""
        reconcile_at = forget_at = time.monotonic()
        while not stop.is_set():
            wait = AFTER_FAILURE
            try:
                wait = await self._seconds_to_next()
                if not wait:
                    await self.expire()
                if time.monotonic() >= reconcile_at:
                    reconcile_at = time.monotonic() + RECONCILE_EVERY
                    await self.reconcile()
                if time.monotonic() >= forget_at:
                    forget_at = time.monotonic() + FORGET_EVERY
                    async with self._db.read() as conn:
                        await self._keys.forget_old(conn)
            except Exception:  # a database that is away for a moment must not end the sweeping
                log.exception("sweeping the holds failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), max(wait, SWEEP_SHORTEST))

    async def _seconds_to_next(self) -> float:
        """Until a hold's time is over, or it is time to look again: a hold taken meanwhile lasts longer than that."""
        async with self._db.read() as conn:
            due = await queries.NEXT_DUE.first(conn)
        left = (due - self._clock.now()).total_seconds() if due else RECONCILE_EVERY
        return min(RECONCILE_EVERY, max(0.0, left))

    async def start(self) -> None:
        """Begin sweeping."""
        self._stopping.clear()
        self._sweeper = asyncio.create_task(self.run_sweeper(self._stopping), name="holds")

    async def stop(self) -> None:
        """End sweeping, and let charges that are under way come to their end."""
        self._stopping.set()
        if self._sweeper is not None:
            await self._sweeper
        await self._confirming.drain()
