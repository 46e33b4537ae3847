"""Use cases of orders.

Invariants: an order goes only the ways its states allow (`model.TRANSITIONS`); its history is only added to; never
more goes back to its buyer than came in; what happens to its money is booked in the transaction in which it happens.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec import structs

from ennichi.accounts import Account, AccountService, Mailer
from ennichi.checkout import CheckoutService, OrdersPlaced
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database, Transaction
from ennichi.kit.errors import Invalid
from ennichi.kit.ids import Ids, is_id
from ennichi.kit.limits import Limits
from ennichi.ledger import LedgerService
from ennichi.orders import queries
from ennichi.orders.export import month_from, table
from ennichi.orders.links import OrderLinks
from ennichi.orders.messages import Message
from ennichi.orders.model import (
    Order,
    OrderBrief,
    OrderCounts,
    OrderState,
    Rating,
    Refunding,
    Shipping,
    ShowSales,
)
from ennichi.orders.papers.issuer import Market
from ennichi.orders.papers.service import Papers
from ennichi.orders.service.book import Book
from ennichi.orders.service.mailing import Links, Mailing
from ennichi.orders.service.moving import Moving
from ennichi.orders.service.recording import Recording
from ennichi.orders.service.refunding import Refunds
from ennichi.orders.service.talking import Talking
from ennichi.orders.service.views import Views
from ennichi.payments import PaymentService, PaymentsSettled, RefundsSettled
from ennichi.photos import PhotoService
from ennichi.shows import ShowService
from ennichi.stores import StoreService

LIST_LIMIT = 200


class OrderService:
    """The books of what was bought. `fee_bps`: what the market keeps of a sale where a store has no fee of its own."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        limits: Limits,
        *,
        accounts: AccountService,
        stores: StoreService,
        photos: PhotoService,
        shows: ShowService,
        checkout: CheckoutService,
        payments: PaymentService,
        ledger: LedgerService,
        mailer: Mailer,
        links: Links,
        signed: OrderLinks,
        market: Market,
        fee_bps: int = 0,
        reserve_bps: int = 0,
    ) -> None:
        self._db = db
        self._stores = stores
        self._views = Views(accounts=accounts, stores=stores, photos=photos, shows=shows, payments=payments)
        self._book = Book(clock, stores=stores, views=self._views, links=signed)
        self.papers = Papers(db, book=self._book, stores=stores, market=market)
        self._recording = Recording(clock, book=self._book, views=self._views, checkout=checkout, ledger=ledger)
        self._refunds = Refunds(
            db, clock, ids, book=self._book, recording=self._recording, payments=payments, ledger=ledger
        )
        self._moving = Moving(
            db,
            clock,
            book=self._book,
            recording=self._recording,
            refunds=self._refunds,
            stores=stores,
            payments=payments,
            ledger=ledger,
            fee_bps=fee_bps,
            reserve_bps=reserve_bps,
        )
        self._talking = Talking(db, clock, ids, limits, book=self._book, accounts=accounts, stores=stores)
        self._mailing = Mailing(
            db, clock, accounts=accounts, stores=stores, payments=payments, mailer=mailer, links=links
        )

    async def record(self, tx: Transaction, placed: OrdersPlaced) -> None:
        """Keep purchases as orders, in the transaction that sells them. As many statements for many as for one."""
        await self._recording.record(tx, placed)
        await self.papers.freeze(tx, placed)

    async def on_payments(self, tx: Transaction, event: PaymentsSettled) -> None:
        """Move the orders that waited for their money: paid, or cancelled with their units given back."""
        await self._recording.on_payments(tx, event)

    async def on_refunds(self, tx: Transaction, event: RefundsSettled) -> None:
        """Count what is back with the buyers, and what failed."""
        await self._refunds.on_refunds(tx, event)

    async def hand_over(self, tx: Transaction, from_ids: Sequence[str], account_id: str) -> None:
        """What these accounts bought is another's from now on."""
        await queries.HAND_OVER.run(tx, from_ids=list(from_ids), account_id=account_id)

    async def mine(self, actor: Account, *, before: str | None = None) -> list[OrderBrief]:
        """What the actor bought, newest first (older than the actor's order `before`). Raises Invalid."""
        _is_order(before)
        async with self._db.read() as conn:
            rows = await queries.OF_ACCOUNT.all(conn, account_id=actor.id, before=before, limit=LIST_LIMIT)
            return await self._views.briefs(conn, rows, "buyer")

    async def of_store(
        self, actor: Account, store_id: str, *, states: Sequence[OrderState] = (), before: str | None = None
    ) -> list[OrderBrief]:
        """What a store sold, newest first (in these states; older than its order `before`); for its members.

        Raises StoreNotFound, Forbidden, Invalid.
        """
        _is_order(before)
        async with self._db.read() as conn:
            store = await self._stores.require_member(conn, store_id, actor)
            rows = await queries.OF_STORE.all(
                conn, store_id=store.id, states=list(states) or None, before=before, limit=LIST_LIMIT
            )
            return await self._views.briefs(conn, rows, "seller")

    async def counts(self, actor: Account, store_id: str) -> OrderCounts:
        """How many orders of a store are in each state; for its members. Raises StoreNotFound, Forbidden."""
        async with self._db.read() as conn:
            store = await self._stores.require_member(conn, store_id, actor)
            return OrderCounts(**{one.state: one.n for one in await queries.COUNTS.all(conn, store_id=store.id)})

    async def of_show(self, where: Connection, account: Account, show_id: str) -> list[OrderBrief]:
        """What the account bought in a show, newest first."""
        rows = await queries.OF_SHOW.all(where, show_id=show_id, account_id=account.id, limit=LIST_LIMIT)
        return await self._views.briefs(where, rows, "buyer")

    async def briefs(self, where: Connection, order_ids: Sequence[str]) -> dict[str, OrderBrief]:
        """Those of the orders that exist, by id, as their buyers see them in a list."""
        rows = await queries.SOME.all(where, ids=[each for each in order_ids if is_id(each)])
        return {brief.id: brief for brief in await self._views.briefs(where, rows, "buyer")}

    async def sales_of_show(self, where: Connection, show_id: str) -> ShowSales:
        """What a show has sold so far, without what was cancelled, refunded or came back."""
        return await queries.SALES_OF_SHOW.one(where, show_id=show_id)

    async def sold_since(self, where: Connection, store_ids: Sequence[str], since: datetime) -> int:
        """Yen for which these stores sold after `since`: no shipping, nothing cancelled, refunded or come back."""
        return await queries.SOLD_SINCE.one(where, store_ids=list(store_ids), since=since)

    async def get(self, actor: Account, order_id: str) -> Order:
        """An order, for its buyer and the store's members; OrderNotFound for anyone else."""
        async with self._db.read() as conn:
            row, side = await self._book.read(conn, order_id, actor)
            return await self._views.order(conn, row, side)

    async def open(self, reader: Account | None, order_id: str, token: str) -> Order:
        """As `get`; `token`, from a link in a mail, opens its order for anybody, to be read and no more.

        Raises Unauthorized without either, OrderNotFound.
        """
        async with self._db.read() as conn:
            row, side = await self._book.open(conn, order_id, reader, token)
            order = await self._views.order(conn, row, side)
        if reader is None or (side == "buyer" and reader.id != row.account_id):
            return structs.replace(order, can=[able for able in order.can if able == "receipt"])
        return order

    async def ship(self, actor: Account, order_id: str, parcel: Shipping) -> Order:
        """The store handed the parcel over; said again, carrier and number are corrected. WrongState, OrderNotFound."""
        await self._moving.ship(actor, order_id, parcel)
        return await self.get(actor, order_id)

    async def receive(self, actor: Account, order_id: str, rating: Rating | None = None) -> Order:
        """The buyer has it; the store's money follows. Raises WrongState, OrderNotFound."""
        await self._moving.receive(actor, order_id, rating)
        return await self.get(actor, order_id)

    async def rate(self, actor: Account, order_id: str, rating: Rating) -> Order:
        """The buyer says how it was, once. Raises AlreadyRated, WrongState, OrderNotFound."""
        await self._moving.rate(actor, order_id, rating)
        return await self.get(actor, order_id)

    async def cancel(self, actor: Account, order_id: str, reason: str = "") -> Order:
        """The store cancels before shipping: money and units go back. A buyer cancels what is not paid, else asks.

        Raises WrongState, PaymentUnsettled (of an unpaid one, when the gateway does not say; try again), OrderNotFound.
        """
        await self._moving.cancel(actor, order_id, reason)
        return await self.get(actor, order_id)

    async def refund(self, actor: Account, order_id: str, wanted: Refunding) -> Order:
        """The store gives money back. Raises RefundTooLarge, RefundChanged, Invalid, WrongState, OrderNotFound."""
        await self._refunds.refund(actor, order_id, wanted)
        return await self.get(actor, order_id)

    async def say(self, actor: Account, order_id: str, text: str) -> Message:
        """Write to the other side. Raises OrderNotFound, Invalid, TooFast, TooManyMessages."""
        return await self._talking.say(actor, order_id, text)

    async def messages(self, actor: Account, order_id: str) -> list[Message]:
        """What was written about an order, oldest first; OrderNotFound."""
        return await self._talking.messages(actor, order_id)

    async def read(self, actor: Account, order_id: str, up_to: str) -> None:
        """The actor's side has read as far as the message `up_to`; OrderNotFound."""
        await self._talking.read(actor, order_id, up_to)

    async def export(self, actor: Account, store_id: str, month: str, lang: str) -> bytes:
        """A month of a store's orders (2026-11) as CSV, for its members. StoreNotFound, Forbidden, Invalid."""
        since, until = month_from(month)
        async with self._db.read() as conn:
            store = await self._stores.require_member(conn, store_id, actor)
            rows = await queries.EXPORT.all(conn, store_id=store.id, since=since, until=until)
        return table(rows, lang)

    async def settle_due(self) -> None:
        """Job: hand the money of received orders to their stores."""
        await self._moving.settle_due()

    async def receive_overdue(self) -> None:
        """Job: count parcels as received that should have come eight days ago."""
        await self._moving.receive_overdue()

    async def send_mails(self) -> None:
        """Job: send the letters that are due."""
        await self._mailing.work()


def _is_order(before: str | None) -> None:
    """Raise Invalid for what cannot name an order. One of somebody else has none before it: nothing is told of it."""
    if before is not None and not is_id(before):
        raise Invalid(("before", "not an id"))
