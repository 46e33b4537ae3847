"""What makes a seller a trader: each of the four bounds on the real books, as the page of the stall is told."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.festival import HOME, Festival, festival_on

from ennichi.accounts import Account
from ennichi.catalog import Listing, ListingEdit, NewListing, NewVariant, VariantEdit
from ennichi.checkout import NewHold, NewPurchase
from ennichi.orders import Order, Refunding, ReturnedLine, Shipping
from ennichi.payments import PayByCard, PayByKonbini
from ennichi.stores import NewStore, Store, StoreChanges
from ennichi.web.app import build

MOMENT = timedelta(milliseconds=1)


class Desk:
    """A stall, and what its keeper's page says."""

    def __init__(self, festival: Festival) -> None:
        self.festival = festival
        self.app = festival.app
        self.keeper = festival.keeper
        self.store = festival.store
        self._made = 0

    async def said(self, who: Account | None = None) -> dict[str, Any]:
        """What the page asks for, by somebody signed in at this time."""
        email = (who or self.keeper).email
        assert email
        session = await self.app.accounts.enter_ready_made(email, user_agent="test")
        transport = httpx.ASGITransport(build(self.app))  # type: ignore[arg-type]  # the framework's own type of scope
        bearer = {"authorization": f"Bearer {session.token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://festival/api/v1", headers=bearer) as client:
            answer = await client.get("/me/trading")
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        assert found["signs"] == [sign for sign, bound in found["bounds"].items() if found[sign] >= bound]
        return found

    async def signs(self) -> list[str]:
        """Which bounds are reached."""
        return list((await self.said())["signs"])

    def at(self, moment: datetime) -> None:
        """Go to a moment that is to come."""
        self.festival.clock.advance((moment - self.app.clock.now()).total_seconds())

    async def listings(self, count: int, store: Store | None = None, price: int = 1000) -> list[Listing]:
        """New listings with a unit each."""
        new = NewListing(title="湯のみ", condition="good", price=price, variants=[NewVariant(stock=1)])
        return [await self.app.catalog.create(self.keeper, (store or self.store).id, new) for _ in range(count)]

    async def put_away(self, *listings: Listing) -> None:
        """Archive them."""
        for listing in listings:
            await self.app.catalog.archive(self.keeper, listing.id)

    async def other_stall(self, keeper: Account, handle: str) -> Store:
        """One more stall that may sell."""
        store = await self.app.stores.open(keeper, NewStore(name="もうひとつ", handle=handle))
        return await self.app.stores.edit(keeper, store.id, StoreChanges(legal=self.store.legal))

    async def sell(self, price: int, quantity: int = 1, store: Store | None = None, *, later: bool = False) -> Order:
        """Somebody buys units of a new thing, by card or to pay `later`; it stands in no list afterwards."""
        new = NewListing(title="壺", condition="good", price=price, variants=[NewVariant(stock=quantity)])
        at = store or self.store
        seller = self.keeper
        listing = await self.app.catalog.create(seller, at.id, new)
        self._made += 1
        buyer = self.festival.buyers[self._made % len(self.festival.buyers)]
        wanted = NewHold(variant_id=listing.variants[0].id, quantity=quantity)
        hold = await self.app.checkout.take(buyer, wanted, f"hold-{self._made}")
        quote = await self.app.checkout.quote(buyer, [hold.id], HOME.prefecture)
        pay = PayByKonbini() if later else PayByCard()
        purchase = await self.app.checkout.buy(
            buyer,
            NewPurchase(hold_ids=[hold.id], address=HOME, pay=pay, total=quote.totals.total),
            f"purchase-{self._made}",
        )
        assert purchase.order_id
        return await self.app.orders.get(seller, purchase.order_id)


@pytest.fixture
async def desk(db_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with festival_on(db_url, tmp_path) as festival:
        yield Desk(festival)


async def test_a_hundred_on_offer_at_once(desk: Desk) -> None:
    other = await desk.other_stall(desk.keeper, "mouhitotsu")
    first, second, *_ = [*await desk.listings(60), *await desk.listings(39, other)]
    assert ((await desk.said())["listed_now"], await desk.signs()) == (99, [])
    await desk.listings(1, other)
    assert ((await desk.said())["listed_now"], await desk.signs()) == (100, ["listed_now"])

    await desk.put_away(first)
    said = await desk.said()
    assert (said["listed_now"], said["listed_month"], said["signs"]) == (99, 100, [])
    await desk.app.catalog.archive(desk.keeper, first.id, archived=False)
    assert await desk.signs() == ["listed_now"]

    sold_out = ListingEdit(variants=[VariantEdit(id=second.variants[0].id, stock=0)])
    await desk.app.catalog.edit(desk.keeper, second.id, sold_out)
    assert ((await desk.said())["listed_now"], await desk.signs()) == (99, [])
    await desk.app.catalog.edit(
        desk.keeper, second.id, ListingEdit(variants=[VariantEdit(id=second.variants[0].id, stock=1)])
    )
    held = NewHold(variant_id=second.variants[0].id, quantity=1)
    hold = await desk.app.checkout.take(desk.festival.buyers[0], held, "held")
    assert hold.state == "held"
    assert await desk.signs() == ["listed_now"]  # it may come back in a moment

    # Time does not end it.
    desk.at(desk.app.clock.now() + timedelta(days=31))
    said = await desk.said()
    assert (said["listed_now"], said["listed_month"], said["signs"]) == (100, 0, ["listed_now"])


async def test_two_hundred_new_ones_within_thirty_days(desk: Desk) -> None:
    start = desk.app.clock.now()
    early = await desk.listings(1)
    desk.at(start + MOMENT)
    await desk.put_away(*early, *await desk.listings(198))
    said = await desk.said()
    assert (said["listed_month"], said["listed_now"], said["signs"]) == (199, 0, [])
    await desk.put_away(*await desk.listings(1))
    said = await desk.said()
    assert (said["listed_month"], said["listed_now"], said["signs"]) == (200, 0, ["listed_month"])
    assert (await desk.said(desk.festival.buyers[0]))["listed_month"] == 0

    desk.at(start + timedelta(days=30) - MOMENT)
    assert await desk.signs() == ["listed_month"]
    desk.at(start + timedelta(days=30))
    assert ((await desk.said())["listed_month"], await desk.signs()) == (199, [])
    desk.at(start + timedelta(days=30) + MOMENT)
    assert (await desk.said())["listed_month"] == 0


async def test_a_million_yen_within_thirty_days_without_shipping(desk: Desk) -> None:
    start = desk.app.clock.now()
    order = await desk.sell(600_000)
    assert order.total > 600_000
    other = await desk.other_stall(desk.keeper, "mouhitotsu")
    desk.at(start + MOMENT)
    await desk.sell(133_333, 3, other)
    assert ((await desk.said())["sold_month"], await desk.signs()) == (999_999, [])
    await desk.sell(1)
    said = await desk.said()
    assert (said["sold_month"], said["sold_year"], said["signs"]) == (1_000_000, 1_000_000, ["sold_month"])
    assert (await desk.said(desk.festival.buyers[0]))["sold_month"] == 0

    desk.at(start + timedelta(days=30) - MOMENT)
    assert await desk.signs() == ["sold_month"]
    desk.at(start + timedelta(days=30))
    said = await desk.said()
    assert (said["sold_month"], said["sold_year"], said["signs"]) == (400_000, 1_000_000, [])


async def test_ten_million_yen_within_a_year(desk: Desk) -> None:
    start = desk.app.clock.now()
    await desk.sell(5_000_000)
    desk.at(start + timedelta(days=200))
    await desk.sell(4_999_999)
    said = await desk.said()
    assert (said["sold_month"], said["sold_year"], said["signs"]) == (4_999_999, 9_999_999, ["sold_month"])
    desk.at(start + timedelta(days=300))
    assert ((await desk.said())["sold_month"], await desk.signs()) == (0, [])
    await desk.sell(1)
    assert ((await desk.said())["sold_year"], await desk.signs()) == (10_000_000, ["sold_year"])

    desk.at(start + timedelta(days=365) - MOMENT)
    assert await desk.signs() == ["sold_year"]
    desk.at(start + timedelta(days=365))
    assert ((await desk.said())["sold_year"], await desk.signs()) == (5_000_000, [])


async def test_what_came_to_nothing_was_not_sold(desk: Desk) -> None:
    await desk.sell(999_999)
    cancelled = await desk.sell(1)
    assert await desk.signs() == ["sold_month"]
    await desk.app.orders.cancel(desk.keeper, cancelled.id, "割れました")
    assert ((await desk.said())["sold_month"], await desk.signs()) == (999_999, [])

    refunded = await desk.sell(1)
    await desk.app.orders.ship(desk.keeper, refunded.id, Shipping(carrier="yamato", tracking="4471-2203-8816"))
    assert await desk.signs() == ["sold_month"]
    gone = await desk.app.orders.refund(desk.keeper, refunded.id, Refunding())
    assert (gone.state, await desk.signs()) == ("refunded", [])

    # Sold is what somebody is bound to pay; until they do not.
    unpaid = await desk.sell(1, later=True)
    assert (unpaid.state, await desk.signs()) == ("placed", ["sold_month"])
    gone = await desk.app.orders.cancel(desk.keeper, unpaid.id, "やめます")
    assert (gone.state, await desk.signs()) == ("cancelled", [])


async def test_units_that_came_back_were_not_sold(desk: Desk) -> None:
    order = await desk.sell(250_000, 4)
    assert await desk.signs() == ["sold_month"]
    reduced = await desk.app.orders.refund(desk.keeper, order.id, Refunding(amount=1000))
    assert reduced.state == "paid"
    assert (await desk.said())["sold_month"] == 1_000_000  # a thousand yen off is still the price it was sold for
    variant = order.lines[0].variant_id
    back = Refunding(lines=[ReturnedLine(variant_id=variant, quantity=1)])
    await desk.app.orders.refund(desk.keeper, order.id, back)
    assert ((await desk.said())["sold_month"], await desk.signs()) == (750_000, [])
