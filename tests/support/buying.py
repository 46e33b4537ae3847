"""A buyer before a stall with food and tableware, whose parcels cost by where they go; and what a purchase leaves."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.trade import ADDRESS, GOOD, Trade, at_once, trade_on

from ennichi.accounts import Account, Address
from ennichi.catalog import Fee, Listing, NewListing, NewVariant, Shipping, Zone
from ennichi.checkout import Hold, NewHold, NewPurchase, Purchase
from ennichi.payments import Pay, PayByCard, PayByKonbini
from ennichi.stores import Store

PROOF, NO_PROOF, LOST = "4000002760003184", "4000000000003220", "4000000000000341"

POST = Shipping(
    name="ゆうパック",
    zones=[
        Zone(["北海道", "沖縄県"], [Fee(60, 1400), Fee(160, 2000)]),
        Zone([], [Fee(60, 700), Fee(160, 1100)]),
    ],
    each_more=100,
    free_over=20_000,
)


@dataclass
class Scene:
    """The stall with two things, a buyer, and what they do."""

    trade: Trade
    keeper: Account
    store: Store
    food: Listing
    bowl: Listing
    buyer: Account
    holds: list[Hold] = field(default_factory=list)

    async def hold(self, listing: Listing, quantity: int = 1, variant: int = 0, show_id: str | None = None) -> Hold:
        """One more thing for the basket."""
        wanted = NewHold(variant_id=listing.variants[variant].id, quantity=quantity, show_id=show_id)
        hold = await self.trade.checkout.take(self.buyer, wanted, self.trade.key())
        self.holds.append(hold)
        return hold

    async def by_card(self, number: str = GOOD) -> Pay:
        """A new card."""
        return PayByCard(token=await self.trade.token(number))

    async def wanted(self, pay: Pay | None = None, address: Address = ADDRESS, *, save: bool = False) -> NewPurchase:
        """All that is in the basket, for the total that is shown."""
        ids = [hold.id for hold in self.holds]
        quote = await self.trade.checkout.quote(self.buyer, ids, address.prefecture)
        return NewPurchase(hold_ids=ids, address=address, pay=pay, total=quote.totals.total, save=save)

    async def buy(self, number: str = GOOD, key: str | None = None, *, save: bool = False) -> Purchase:
        """Pay for the basket with a new card."""
        wanted = await self.wanted(await self.by_card(number), save=save)
        return await self.trade.checkout.buy(self.buyer, wanted, key or self.trade.key())

    async def buy_at_a_counter(self) -> Purchase:
        """Order the basket, to be paid later."""
        return await self.trade.checkout.buy(self.buyer, await self.wanted(PayByKonbini()), self.trade.key())

    async def at_the_gateway(self, purchase: Purchase, step: str) -> None:
        """What the buyer does at the sandbox's page."""
        async with self.trade.people.db.read() as conn:
            found = await conn.execute(
                "select c.reference from purchases p join charges c on c.id = p.charge_id where p.id = %s",
                [purchase.id],
            )
            row = await found.fetchone()
        assert row
        await self.trade.gateway.step(row[0], step)  # type: ignore[arg-type]  # a plain word

    async def messages(self) -> None:
        """The gateway's messages arrive and are worked."""
        await self.trade.gateway.send_messages()
        await self.trade.payments.work_webhooks()

    async def now(self, purchase: Purchase) -> Purchase:
        """The purchase as it stands."""
        return await self.trade.checkout.purchase(self.buyer, purchase.id)

    async def states(self) -> list[str]:
        """The states of the basket's holds."""
        return [(await self.trade.checkout.get(self.buyer, hold.id)).state for hold in self.holds]

    async def reached(self, state: str) -> None:
        """Wait until every hold is in this state."""
        async with asyncio.timeout(5):
            while set(await self.states()) != {state}:  # noqa: ASYNC110, the state is the database's
                await asyncio.sleep(0.01)

    async def number_of_orders(self) -> int:
        """How many orders the buyer has."""
        return len(await self.trade.orders.mine(self.buyer))


async def bowl_of(trade: Trade, keeper: Account, store: Store, stock: int = 5) -> Listing:
    """Tableware at 10 %, in two colours, as a parcel of up to 60 cm."""
    post = await trade.catalog.shipping.create(keeper, store.id, POST)
    new = NewListing(
        title="藍の鉢",
        condition="new",
        price=3200,
        tax_rate=10,
        shipping_id=post.id,
        size=60,
        variants=[NewVariant(name="藍", stock=stock), NewVariant(name="白", stock=stock, price=2800)],
    )
    return await trade.catalog.create(keeper, store.id, new)


@contextlib.asynccontextmanager
async def scene_on(
    db_url: str, folder: Path, *, sleep: Callable[[float], Awaitable[None]] = at_once
) -> AsyncIterator[Scene]:
    """The scene on the database at `db_url`."""
    async with trade_on(db_url, folder, sleep=sleep) as trade:
        keeper = await trade.people.person("Keeper")
        store = await trade.stall(keeper)
        food = await trade.listing(keeper, store)
        bowl = await bowl_of(trade, keeper, store)
        yield Scene(trade, keeper, store, food, bowl, await trade.people.person("Buyer"))
