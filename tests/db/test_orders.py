"""Orders as both sides see them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.trade import ADDRESS, Trade, picture, trade_on

from ennichi.accounts import Account
from ennichi.catalog import Listing, ListingEdit
from ennichi.checkout import NewHold
from ennichi.kit.errors import Forbidden, NotFound
from ennichi.orders import Order, OrderNotFound, OrdersRecorded, Refunding, ReturnedLine, ShowSales
from ennichi.stores import Store, StoreChanges


@pytest.fixture
async def trade(db_url: str, tmp_path: Path) -> AsyncIterator[Trade]:
    async with trade_on(db_url, tmp_path) as built:
        yield built


async def buy(trade: Trade, buyer: Account, listing: Listing, quantity: int = 1, show_id: str | None = None) -> Order:
    wanted = NewHold(variant_id=listing.variants[0].id, quantity=quantity, show_id=show_id)
    hold = await trade.checkout.take(buyer, wanted, trade.key())
    purchase = await trade.buy(buyer, hold)
    assert purchase.order_id
    return await trade.orders.get(buyer, purchase.order_id)


async def stocked(trade: Trade) -> tuple[Account, Store, Listing]:
    keeper = await trade.people.person("Keeper")
    store = await trade.stall(keeper)
    listing = await trade.listing(keeper, store, 40)
    photo = await trade.people.photos.take(keeper, picture())
    return keeper, store, await trade.catalog.edit(keeper, listing.id, ListingEdit(photo_ids=[photo.id]))


async def test_an_order_stays_as_it_was(trade: Trade) -> None:
    keeper, store, listing = await stocked(trade)
    buyer = await trade.people.person("Buyer")
    order = await buy(trade, buyer, listing, 2)
    await trade.catalog.edit(keeper, listing.id, ListingEdit(title="別のもの", price=9999, tax_rate=10, photo_ids=[]))
    await trade.people.stores.edit(keeper, store.id, StoreChanges(returns="だめ", shipping_fee=0))
    again = await trade.orders.get(buyer, order.id)
    assert again == order
    (line,) = order.lines
    assert (order.number, order.state, order.role, order.title) == ("EN-2611-0001", "paid", "buyer", "湧き水")
    assert (line.unit_price, line.quantity, line.tax_rate, line.amount) == (1480, 2, 8, 2960)
    assert line.photo == order.photo == listing.photos[0]
    assert (order.total, order.totals.tax, order.address, order.buyer.name) == (3620, 279, ADDRESS, "Buyer")


async def test_who_sees_it(trade: Trade) -> None:
    keeper, store, listing = await stocked(trade)
    buyer, other = await trade.people.person("Buyer"), await trade.people.person("Other")
    order = await buy(trade, buyer, listing)
    assert (await trade.orders.get(keeper, order.id)).role == "seller"
    for actor, order_id in [(other, order.id), (buyer, "0" * 20), (buyer, "\0")]:
        with pytest.raises(OrderNotFound):
            await trade.orders.get(actor, order_id)
    assert [brief.id for brief in await trade.orders.mine(buyer)] == [order.id]
    assert [brief.id for brief in await trade.orders.of_store(keeper, store.id)] == [order.id]
    assert await trade.orders.mine(keeper) == []
    with pytest.raises(Forbidden):
        await trade.orders.of_store(buyer, store.id)
    for missing in ("0" * 20, "\0"):
        with pytest.raises(NotFound):
            await trade.orders.of_store(keeper, missing)


async def test_numbers_run_without_gaps_and_start_each_month(trade: Trade) -> None:
    _, _, listing = await stocked(trade)
    buyers = [await trade.people.person(f"Buyer{n}") for n in range(12)]
    orders = await asyncio.gather(*[buy(trade, buyer, listing) for buyer in buyers])
    assert sorted(order.number for order in orders) == [f"EN-2611-{n:04d}" for n in range(1, 13)]
    trade.people.clock.advance(10 * 86_400)
    assert (await buy(trade, buyers[0], listing)).number == "EN-2612-0001"


async def test_sales_of_a_show(trade: Trade) -> None:
    keeper, store, listing = await stocked(trade)
    show = await trade.shows.create(
        keeper, store.id, title="夜店", cover_id=None, planned_at=None, listing_ids=[listing.id]
    )
    one, two = await trade.people.person("One"), await trade.people.person("Two")
    async with trade.people.db.read() as conn:
        assert await trade.orders.sales_of_show(conn, show.id) == ShowSales(amount=0, orders=0, units=0, listings={})
        order = await buy(trade, one, listing, 2, show.id)
        await buy(trade, two, listing, 1, show.id)
        await buy(trade, two, listing, 1)
        assert await trade.orders.sales_of_show(conn, show.id) == ShowSales(
            amount=4440, orders=2, units=3, listings={listing.id: 3}
        )
        briefs = await trade.orders.of_show(conn, one, show.id)
        back = Refunding(lines=[ReturnedLine(variant_id=listing.variants[0].id, quantity=1)])
        await trade.orders.refund(keeper, order.id, back)
        assert await trade.orders.sales_of_show(conn, show.id) == ShowSales(
            amount=2960, orders=2, units=2, listings={listing.id: 2}
        )
    assert [brief.id for brief in briefs] == [order.id]
    recorded = next(event for event in trade.told if isinstance(event, OrdersRecorded))
    (first,) = recorded.orders
    assert (first.order.id, first.account_id, first.store_id, first.show_id) == (order.id, one.id, store.id, show.id)
