"""Everything that sells, on a test's database: a stall with a listing, buyers, and a gateway that can fall over."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from msgspec import Struct
from PIL import Image
from tests.support.people import NOTICE, People, people_on

from ennichi.accounts import Account, Address, Mailer
from ennichi.catalog import CatalogService, Listing, NewListing, NewVariant, Stock, StockChanged
from ennichi.checkout import (
    CheckoutService,
    Hold,
    HoldChanged,
    LineMoved,
    NewHold,
    NewPurchase,
    OrdersPlaced,
    Purchase,
    WaitChanged,
)
from ennichi.kit.db import Query
from ennichi.kit.ids import RandomIds
from ennichi.kit.limits import Limits
from ennichi.ledger import LedgerService
from ennichi.orders import Market, OrderLinks, OrderService, OrdersMoved, OrdersRecorded
from ennichi.payments import (
    Answer,
    Ask,
    Pay,
    PayByCard,
    PaymentService,
    PaymentsSettled,
    RefundsSettled,
    SandboxGateway,
)
from ennichi.shows import ShowService, Tiles
from ennichi.stores import NewStore, Store, StoreChanges

ADDRESS = Address(
    family_name="山本",
    given_name="みお",
    family_kana="ヤマモト",
    given_kana="ミオ",
    postal_code="1660001",
    prefecture="東京都",
    city="杉並区",
    line1="阿佐谷北 1-2-3",
    phone="09012345678",
)
GOOD, DECLINES, BROKE, SLOW = "4242424242424242", "4000000000000002", "4000000000009995", "4000000000000077"


class Crash(Exception):
    """The process ended here."""


class Gateway(SandboxGateway):
    """The sandbox, with a place to fall over before the charge arrives, or after."""

    crash: str | None = None
    charges = 0

    async def authorise(self, ask: Ask) -> Answer:
        if self.crash == "before":
            raise Crash
        self.charges += 1
        answer = await super().authorise(ask)
        if self.crash == "after":
            raise Crash
        return answer


class Nobody:
    """A crowd of none."""

    def viewers(self, _: str, /) -> int:
        return 0

    def likes(self, _: str, /) -> int | None:
        return None

    def away(self, _: str, /) -> bool:
        return False


class Counts(Struct, frozen=True):
    """The numbers the database keeps of a variant."""

    stocked: int
    available: int
    held: int
    sold: int


COUNTS = Query(Counts, "select stocked, available, held, sold from variants where id = %(id)s")


@dataclass
class Trade:
    """The services, and what a test looks at."""

    people: People
    catalog: CatalogService
    stock: Stock
    shows: ShowService
    gateway: Gateway
    payments: PaymentService
    checkout: CheckoutService
    orders: OrderService
    ledger: LedgerService
    told: list[object] = field(default_factory=list)
    _keys: int = 0

    def key(self) -> str:
        """A key nobody used."""
        self._keys += 1
        return f"key-{self._keys}"

    async def stall(self, keeper: Account, handle: str = "mizunowa") -> Store:
        """A stall whose parcels cost 660 yen."""
        store = await self.people.stores.open(keeper, NewStore(name="みずのわ商店", handle=handle))
        changes = StoreChanges(legal=NOTICE, shipping_fee=660, ships_within_days=2)
        return await self.people.stores.edit(keeper, store.id, changes)

    async def listing(self, keeper: Account, store: Store, stock: int = 5, price: int = 1480) -> Listing:
        """Food at 8 % with one variant."""
        new = NewListing(
            title="湧き水", condition="food", price=price, tax_rate=8, variants=[NewVariant(name="", stock=stock)]
        )
        return await self.catalog.create(keeper, store.id, new)

    async def hold(self, buyer: Account, listing: Listing, quantity: int = 1, key: str | None = None) -> Hold:
        """Take a hold of the first variant."""
        wanted = NewHold(variant_id=listing.variants[0].id, quantity=quantity)
        return await self.checkout.take(buyer, wanted, key or self.key())

    async def buy(
        self, buyer: Account, *holds: Hold, number: str = GOOD, key: str | None = None, save: bool = False
    ) -> Purchase:
        """Pay for holds with a card, to be sent to ADDRESS; the total is what was shown."""
        wanted = await self.wanted(buyer, *holds, pay=PayByCard(token=await self.token(number)), save=save)
        return await self.checkout.buy(buyer, wanted, key or self.key())

    async def wanted(self, buyer: Account, *holds: Hold, pay: Pay | None = None, save: bool = False) -> NewPurchase:
        """A purchase of holds, to be sent to ADDRESS, for the total that a quote says."""
        ids = [hold.id for hold in holds]
        quote = await self.checkout.quote(buyer, ids, ADDRESS.prefecture)
        return NewPurchase(hold_ids=ids, address=ADDRESS, pay=pay, total=quote.totals.total, save=save)

    async def token(self, number: str = GOOD) -> str:
        """A card at the gateway's counter."""
        return (await self.gateway.issue(number=number, exp_month=12, exp_year=2030, cvc="123")).token

    async def counts(self, listing: Listing) -> tuple[int, int, int]:
        """Available, held and sold of the first variant."""
        async with self.people.db.read() as conn:
            now = await COUNTS.one(conn, id=listing.variants[0].id)
        assert now.stocked == now.available + now.held + now.sold
        return now.available, now.held, now.sold


def picture(size: tuple[int, int] = (40, 30), kind: str = "PNG") -> bytes:
    """A small picture."""
    file = BytesIO()
    Image.new("RGB", size, "#c93a17").save(file, kind)
    return file.getvalue()


async def at_once(_: float) -> None:
    """A sleep that takes no time."""


@contextlib.asynccontextmanager
async def trade_on(
    db_url: str,
    folder: Path,
    *,
    sleep: Callable[[float], Awaitable[None]] = at_once,
    mailer: Mailer | None = None,
    fee_bps: int = 0,
) -> AsyncIterator[Trade]:
    """The services on the database at `db_url`, connected as the program connects them; mail goes to `people.mails`."""
    async with people_on(db_url, folder) as people:
        db, clock = people.db, people.clock
        ids = RandomIds(clock)
        stock = Stock()
        catalog = CatalogService(db, clock, ids, stores=people.stores, photos=people.photos, stock=stock)
        tiles = Tiles(clock, people.stores, people.photos, catalog, Nobody())
        shows = ShowService(db, clock, ids, stores=people.stores, photos=people.photos, catalog=catalog, tiles=tiles)
        gateway = Gateway(db, clock, ids, sleep=sleep)
        payments = PaymentService(db, clock, ids, gateway)
        gateway.deliver_to(payments.receive)
        checkout = CheckoutService(
            db,
            clock,
            ids,
            accounts=people.accounts,
            stores=people.stores,
            photos=people.photos,
            shows=shows,
            stock=stock,
            payments=payments,
        )
        ledger = LedgerService(db, clock, stores=people.stores)
        orders = OrderService(
            db,
            clock,
            ids,
            Limits(clock),
            accounts=people.accounts,
            stores=people.stores,
            photos=people.photos,
            shows=shows,
            checkout=checkout,
            payments=payments,
            ledger=ledger,
            mailer=mailer or people.mails,
            links=lambda order_id, _: f"https://market.example/orders/{order_id}",
            fee_bps=fee_bps,
            signed=OrderLinks(b"a key of a test", clock),
            market=Market(),
        )
        trade = Trade(people, catalog, stock, shows, gateway, payments, checkout, orders, ledger)
        db.events.on(StockChanged, checkout.on_stock)
        db.events.after(LineMoved, checkout.on_line_moved)
        db.events.on(PaymentsSettled, checkout.on_payments)
        db.events.on(OrdersPlaced, orders.record)
        db.events.on(PaymentsSettled, orders.on_payments)
        db.events.on(RefundsSettled, orders.on_refunds)

        async def told(event: object) -> None:
            trade.told.append(event)

        for kind in (StockChanged, HoldChanged, WaitChanged, OrdersPlaced, OrdersRecorded, OrdersMoved):
            db.events.after(kind, told)
        yield trade
        await checkout.stop()
        await payments.stop()
