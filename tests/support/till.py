"""A till on a test's database: real stock, holds, payments, ledger and orders, put together as the program does.

What lies between a hold and its order (the purchase) is done here in few lines, so that orders are tried alone.
"""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

from msgspec import Struct
from tests.support.people import NOTICE, People
from tests.support.trade import ADDRESS, COUNTS, GOOD, trade_on

from ennichi.accounts import Account, Mail
from ennichi.catalog import CatalogService, Listing, NewListing, NewVariant, Stock
from ennichi.checkout import CheckoutService, Hold, NewHold, OrderPlaced, OrdersPlaced, PlacedLine, totals_of
from ennichi.kit.db import Command, Query, Transaction
from ennichi.kit.ids import RandomIds
from ennichi.orders import (
    MessageSaid,
    Order,
    OrderService,
    OrdersMoved,
    OrdersRecorded,
    UnitsReturned,
)
from ennichi.payments import (
    Awaiting,
    Captured,
    Charge,
    NewCharge,
    PayByCard,
    PayByKonbini,
    PaymentService,
    SandboxGateway,
)
from ennichi.stores import NewStore, Store, StoreChanges

SHIPPING = 660
MARK_HOLDS_SOLD = Command(
    "update holds set state = 'sold', order_id = %(order_id)s where id = any(%(hold_ids)s) and state = 'held'"
)
BOOKED = Query(int, "select coalesce(sum(amount), 0)::bigint from postings where account like %(account)s")
UNEVEN = Query(int, "select entry_id from postings group by entry_id having sum(amount) <> 0")


class Post:
    """A mailer that keeps what it is given, or does not work."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.trouble: Exception | None = None

    async def send(self, mail: Mail) -> None:
        if self.trouble:
            raise self.trouble
        self.mails.append(mail)


class Basket(Struct, frozen=True):
    """Somebody wants so many of a listing's first variant."""

    listing: Listing
    quantity: int = 1


@dataclass
class Till:
    """The services, and what a test looks at."""

    people: People
    catalog: CatalogService
    stock: Stock
    gateway: SandboxGateway
    payments: PaymentService
    checkout: CheckoutService
    orders: OrderService
    post: Post
    told: list[object] = field(default_factory=list)
    _made: int = 0

    def new(self) -> str:
        """A key or handle nobody used."""
        self._made += 1
        return f"made-{self._made}"

    async def stall(self, keeper: Account) -> Store:
        """A stall that may sell."""
        store = await self.people.stores.open(keeper, NewStore(name="みずのわ商店", handle=self.new()))
        changes = StoreChanges(legal=NOTICE, shipping_fee=SHIPPING, ships_within_days=2)
        return await self.people.stores.edit(keeper, store.id, changes)

    async def listing(self, keeper: Account, store: Store, stock: int = 9, price: int = 1480) -> Listing:
        """Food at 8 % with one variant."""
        new = NewListing(
            title="湧き水", condition="food", price=price, tax_rate=8, variants=[NewVariant(name="", stock=stock)]
        )
        return await self.catalog.create(keeper, store.id, new)

    async def buy(
        self,
        buyer: Account,
        *baskets: Basket,
        how: Literal["card", "konbini"] = "card",
        show_id: str | None = None,
    ) -> Order:
        """Hold, pay and order; by konbini the order waits for its money."""
        placed = await self.place(buyer, baskets, how, show_id)
        async with self.people.db.transaction() as tx:
            await self.sell(tx, [placed])
        return await self.orders.get(buyer, placed.order_id)

    async def sell(self, tx: Transaction, placed: Sequence[OrderPlaced]) -> None:
        """The units of these purchases are sold, and the orders recorded, in one transaction."""
        units: dict[str, int] = {}
        for one in placed:
            for line in one.lines:
                units[line.variant_id] = units.get(line.variant_id, 0) + line.quantity
        await self.stock.mark_sold(tx, units)
        for one in placed:
            hold_ids = [line.hold_id for line in one.lines]
            await MARK_HOLDS_SOLD.run(tx, order_id=one.order_id, hold_ids=hold_ids)
        tx.record(OrdersPlaced(list(placed)))

    async def place(
        self, buyer: Account, baskets: Sequence[Basket], how: Literal["card", "konbini"], show_id: str | None = None
    ) -> OrderPlaced:
        """A purchase that is paid for, or waits to be, and is not recorded yet; each in a millisecond of its own."""
        self.people.clock.advance(0.001)
        holds = []
        for basket in baskets:
            wanted = NewHold(variant_id=basket.listing.variants[0].id, quantity=basket.quantity, show_id=show_id)
            holds.append(await self.checkout.take(buyer, wanted, self.new()))
        totals = totals_of([(hold.unit_price * hold.quantity, hold.tax_rate) for hold in holds], SHIPPING)
        charge = await self._charge(buyer, totals.total, how)
        now = self.people.clock.now()
        return OrderPlaced(
            order_id=RandomIds(self.people.clock).new(),
            purchase_id=RandomIds(self.people.clock).new(),
            charge_id=charge.id,
            account_id=buyer.id,
            store_id=holds[0].listing.store.id,
            show_id=show_id,
            lines=[_line(hold) for hold in holds],
            totals=totals,
            terms=holds[0].terms,
            address=ADDRESS,
            paid_with=charge.paid_with(),
            paid=charge.state == "succeeded",
            pay_by=charge.instructions.pay_by if charge.instructions else None,
            placed_at=now,
            tell_room=False,
        )

    async def at_shop(self, order: Order, step: Literal["pay", "expire"]) -> None:
        """Pay a konbini order at the counter, or let its time go by; then the program asks how it stands."""
        async with self.people.db.read() as conn:
            charge = await self.payments.charge(conn, await CHARGE_OF.one(conn, id=order.id))
        await self.gateway.step(str(charge.reference), step)
        await self.payments.look(charge.id)

    async def counts(self, listing: Listing) -> tuple[int, int, int]:
        """Available, held and sold of the first variant."""
        async with self.people.db.read() as conn:
            now = await COUNTS.one(conn, id=listing.variants[0].id)
        assert now.stocked == now.available + now.held + now.sold
        return now.available, now.held, now.sold

    async def booked(self, account: str) -> int:
        """What the ledger has on accounts like this; the whole book must be even."""
        async with self.people.db.read() as conn:
            assert await UNEVEN.all(conn) == []
            return await BOOKED.one(conn, account=account)

    async def _charge(self, buyer: Account, amount: int, how: Literal["card", "konbini"]) -> Charge:
        pay: PayByCard | PayByKonbini = PayByKonbini()
        if how == "card":
            card = await self.gateway.issue(number=GOOD, exp_month=12, exp_year=2030, cvc="123")
            pay = PayByCard(token=card.token)
        means = await self.payments.choose(buyer.id, pay)
        assert means
        async with self.people.db.transaction() as tx:
            (charge,) = await self.payments.begin(tx, [NewCharge(account_id=buyer.id, amount=amount, means=means)])
        outcome = await self.payments.ask(charge)
        assert isinstance(outcome, Captured | Awaiting)
        return await self.payments.settle(charge.id, outcome)


CHARGE_OF = Query(str, "select charge_id from orders where id = %(id)s")
DAY = timedelta(days=1).total_seconds()


def _line(hold: Hold) -> PlacedLine:
    return PlacedLine(
        hold_id=hold.id,
        listing_id=hold.listing.id,
        variant_id=hold.variant.id,
        title=hold.listing.title,
        variant_name=hold.variant.name,
        photo_id=hold.listing.photo.id if hold.listing.photo else None,
        quantity=hold.quantity,
        unit_price=hold.unit_price,
        tax_rate=hold.tax_rate,
    )


@contextlib.asynccontextmanager
async def till_on(db_url: str, folder: Path, *, fee_bps: int = 0) -> AsyncIterator[Till]:
    """The services on the database at `db_url`, connected as the program connects them."""
    post = Post()
    async with trade_on(db_url, folder, mailer=post, fee_bps=fee_bps) as trade:
        till = Till(
            trade.people, trade.catalog, trade.stock, trade.gateway, trade.payments, trade.checkout, trade.orders, post
        )

        async def told(event: object) -> None:
            till.told.append(event)

        for kind in (OrdersRecorded, OrdersMoved, MessageSaid, UnitsReturned):
            trade.people.db.events.after(kind, told)
        yield till
