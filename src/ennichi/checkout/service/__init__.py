"""Use cases of the checkout.

Invariants: units are in exactly one hold or in none; an active hold (held, confirming) has its units, any other has
given them back or sold them; a buyer has at most one active hold of a variant; a hold is charged for at most once.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence

import structlog

from ennichi.accounts import Account, AccountService
from ennichi.catalog import Stock, StockChanged
from ennichi.checkout import queries
from ennichi.checkout.errors import HoldNotFound
from ennichi.checkout.events import LineMoved
from ennichi.checkout.keys import Keys
from ennichi.checkout.model import Arrival, Arrivals, Hold, NewHold, Wait, Why
from ennichi.checkout.purchases import NewPurchase, Purchase, Quote
from ennichi.checkout.service.beginning import Beginning
from ennichi.checkout.service.buying import Buying
from ennichi.checkout.service.drafts import Drafts
from ennichi.checkout.service.holding import Holding
from ennichi.checkout.service.lines import Lines
from ennichi.checkout.service.quoting import Quoting
from ennichi.checkout.service.selling import Selling
from ennichi.checkout.service.settlement import Settlement
from ennichi.checkout.service.views import Views
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database, Transaction
from ennichi.kit.ids import Ids, is_id
from ennichi.kit.outage import outage
from ennichi.payments import PaymentService, PaymentsSettled
from ennichi.photos import PhotoService
from ennichi.shows import ShowService
from ennichi.stores import StoreService

log = structlog.get_logger(__name__)

SWEEP_SHORTEST = 0.1
AFTER_FAILURE = 1.0
LOOK_EVERY = 5.0
FORGET_EVERY = 600.0
ARRIVALS_MOST = 20
ARRIVALS_AROUND = 10
"""Of the log of arrivals somebody is shown their last entries, and so many before and after each."""


class CheckoutService:
    """Holds and purchases. `start` runs what the clock does to them, until `stop`."""

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
        drafts = Drafts(clock)
        self._lines = Lines(db, clock, ids, stock=stock, stores=stores, photos=photos, drafts=drafts, views=self._views)
        self._settlement = Settlement(
            db,
            clock,
            ids,
            stock=stock,
            stores=stores,
            shows=shows,
            drafts=drafts,
            views=self._views,
            lines=self._lines,
        )
        self._holding = Holding(db, clock, views=self._views, stock=stock, settlement=self._settlement)
        self._quoting = Quoting(
            db,
            clock,
            holding=self._holding,
            views=self._views,
            accounts=accounts,
            shows=shows,
            payments=payments,
        )
        self._beginning = Beginning(
            db, clock, keys=self._keys, holding=self._holding, views=self._views, payments=payments
        )
        self._buying = Buying(db, ids, keys=self._keys, beginning=self._beginning, accounts=accounts, payments=payments)
        self._selling = Selling(clock, keys=self._keys, views=self._views, accounts=accounts, stock=stock)
        self._stopping = asyncio.Event()
        self._sweeper: asyncio.Task[None] | None = None

    async def take(self, actor: Account, wanted: NewHold, key: str, *, why: Why = "taken") -> Hold:
        """Keep units for the actor for five minutes. `key` makes a repeated request safe; `why` is told with it.

        Somebody who already holds this variant gets that hold with the new quantity; its deadline and price stay.
        Raises SoldOut, Archived, VariantNotFound, ShowNotFound, OwnListing, NoticeIncomplete, TooManyHolds, PerBuyer,
        WrongState (while an earlier hold of it is being paid), KeyReused.
        """
        return await self._holding.take(actor, wanted, key, why)

    async def wait(self, actor: Account, wanted: NewHold, key: str) -> Wait:
        """Stand in the line of a variant; with units to be had and nobody waiting, they are held at once (`hold_id`).

        Who stands there already keeps the place. Raises what `take` raises; SoldOut only to who holds some already.
        """
        return await self._holding.wait(actor, wanted, key)

    async def leave(self, actor: Account, wait_id: str) -> Wait:
        """Leave a line; again is no error, and a wait that is over stays as it is. WaitNotFound."""
        return await self._lines.leave(actor, wait_id)

    async def waits_of(self, where: Connection, account: Account, show_id: str) -> list[Wait]:
        """The account's places in lines at a show, the longest kept first."""
        return await self._lines.waits_of(where, account, show_id)

    async def arrivals(self, actor: Account, variant_id: str) -> Arrivals:
        """The actor's entries in the log of who came for a variant, with those around each, to be checked."""
        async with self._db.read() as conn:
            rows = await queries.ARRIVALS_AROUND.all(
                conn, variant_id=variant_id, account_id=actor.id, most=ARRIVALS_MOST, around=ARRIVALS_AROUND
            )
        entries = [
            Arrival(row.n, row.at, row.quantity, row.left_before, row.outcome, mine=row.account_id == actor.id)
            for row in rows
        ]
        return Arrivals(variant_id=variant_id, entries=entries)

    async def on_stock(self, tx: Transaction, changed: StockChanged) -> None:
        """Units became available: whose turn it is in the line gets them, in the same transaction."""
        await self._lines.on_stock(tx, changed)

    async def on_line_moved(self, moved: LineMoved) -> None:
        """Those in a line will be told their places."""
        await self._lines.on_line_moved(moved)

    async def take_back(self, tx: Transaction, units: Sequence[tuple[str, str, int]], *, restock: bool) -> None:
        """Sold units came back: (hold, variant, how many); with `restock` they can be bought again."""
        await self._holding.take_back(tx, units, restock=restock)

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

    async def quote(self, actor: Account, hold_ids: Sequence[str], prefecture: str | None) -> Quote:
        """What holds of one store come to together, sent to a prefecture (None: that of the saved address).

        Raises HoldNotFound, HoldExpired, WrongState, MixedStores, Invalid for a prefecture there is not.
        """
        return await self._quoting.quote(actor, hold_ids, prefecture)

    async def basket(self, actor: Account, show_id: str) -> Quote | None:
        """A quote of everything the actor holds at a show's store, or None; ShowNotFound."""
        return await self._quoting.basket(actor, show_id)

    async def buy(self, actor: Account, wanted: NewPurchase, key: str, *, site: str = "") -> Purchase:
        """Pay for holds of one store. `key` makes a repeated request safe: it is never paid twice.

        The purchase that comes back is paid, awaiting (sold, to be paid at a counter), wants something of its buyer
        (action_required), or was given up meanwhile. `site` is where the buyer's browser is, to come back to.
        Raises PaymentDeclined (the holds go on, try again with a new key), PaymentUnsettled (repeat with the same
        key), TotalChanged, MixedStores, AddressMissing, CardMissing, CardInvalid, CardNotFound, MethodUnavailable,
        HoldExpired, WrongState, HoldNotFound, KeyReused.
        """
        return await self._buying.buy(actor, wanted, key, site)

    async def purchase(self, actor: Account, purchase_id: str) -> Purchase:
        """The actor's purchase as it stands; PurchaseNotFound."""
        return await self._buying.get(actor, purchase_id)

    async def go_on(self, actor: Account, purchase_id: str) -> Purchase:
        """Ask the gateway now what became of a purchase; returns it as it stands then. PurchaseNotFound."""
        return await self._buying.go_on(actor, purchase_id)

    async def give_up(self, actor: Account, purchase_id: str) -> Purchase:
        """Do not go on with a purchase that wants something of its buyer; its holds are held again.

        Too late, it comes back paid. Raises PurchaseWrongState, PaymentUnsettled, PurchaseNotFound.
        """
        return await self._buying.give_up(actor, purchase_id)

    async def on_payments(self, tx: Transaction, told: PaymentsSettled) -> None:
        """What is paid for is sold, what is not is held again, in the transaction that settles the payments."""
        await self._selling.on_payments(tx, told)

    async def running(self, where: Connection, account: Account, *, show_id: str) -> list[Hold]:
        """The account's holds of a show that still run, the latest first."""
        rows = await queries.RUNNING_OF.all(where, account_id=account.id, now=self._clock.now())
        return await self._views.many(where, [row for row in rows if row.show_id == show_id])

    async def expire(self) -> int:
        """Let every hold whose time is over give its units back; returns how many. Safe in several processes."""
        return await self._holding.expire()

    async def run_sweeper(self, stop: asyncio.Event) -> None:
        """Expire each hold when its time is over, until `stop` is set."""
        forget_at = time.monotonic()
        while not stop.is_set():
            wait = AFTER_FAILURE
            try:
                wait = await self._seconds_to_next()
                if not wait:
                    await self.expire()
                if time.monotonic() >= forget_at:
                    forget_at = time.monotonic() + FORGET_EVERY
                    async with self._db.read() as conn:
                        await self._keys.forget_old(conn)
            except Exception as problem:  # a database that is away for a moment must not end the sweeping
                if not outage.noticed(problem):
                    log.exception("sweeping the holds failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), max(wait, SWEEP_SHORTEST))

    async def _seconds_to_next(self) -> float:
        """Until a hold's time is over, or it is time to look again: a hold taken meanwhile lasts longer than that."""
        async with self._db.read() as conn:
            due = await queries.NEXT_DUE.first(conn)
        left = (due - self._clock.now()).total_seconds() if due else LOOK_EVERY
        return min(LOOK_EVERY, max(0.0, left))

    async def start(self) -> None:
        """Begin sweeping."""
        self._stopping.clear()
        self._sweeper = asyncio.create_task(self.run_sweeper(self._stopping), name="holds")

    async def stop(self) -> None:
        """End sweeping, and let what is being paid for come to its end."""
        self._stopping.set()
        if self._sweeper is not None:
            await self._sweeper
        await self._buying.drain()
        await self._beginning.stop()
        await self._settlement.stop()
        await self._lines.stop()
