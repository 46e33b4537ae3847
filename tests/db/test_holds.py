"""Holds: taken once, by one, for five minutes."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.support.people import EVENING
from tests.support.trade import ADDRESS, Trade, trade_on

from ennichi.accounts import Account
from ennichi.catalog import Archived, Listing, ListingEdit, SoldOut, StockChanged, StockLevel, VariantNotFound
from ennichi.checkout import (
    HoldChanged,
    HoldExpired,
    HoldNotFound,
    KeyReused,
    NewHold,
    OwnListing,
    PerBuyer,
    TooManyHolds,
    WrongState,
)
from ennichi.checkout.model import MAX_HOLDS
from ennichi.kit.errors import Invalid, NotFound
from ennichi.stores import Store, StoreChanges


@dataclass
class Scene:
    trade: Trade
    keeper: Account
    store: Store
    listing: Listing
    buyer: Account

    @property
    def variant(self) -> str:
        return self.listing.variants[0].id


@pytest.fixture
async def scene(db_url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    async with trade_on(db_url, tmp_path) as trade:
        keeper = await trade.people.person("Keeper")
        store = await trade.stall(keeper)
        listing = await trade.listing(keeper, store)
        yield Scene(trade, keeper, store, listing, await trade.people.person("Buyer"))


async def test_a_hold_shows_all_that_binds(scene: Scene) -> None:
    await scene.trade.people.accounts.put_address(scene.buyer, ADDRESS)
    hold = await scene.trade.hold(scene.buyer, scene.listing, 2)
    assert (hold.state, hold.quantity, hold.max_quantity) == ("held", 2, 5)
    assert (hold.unit_price, hold.totals.items, hold.totals.total, hold.totals.tax) == (1480, 2960, 3620, 279)
    assert (hold.expires_at, hold.server_time) == (EVENING + timedelta(minutes=5), EVENING)
    assert (hold.address, hold.card, hold.order_id, hold.show_id) == (ADDRESS, None, None, None)
    assert (hold.listing.title, hold.listing.store.id) == ("湧き水", scene.store.id)
    terms = hold.terms
    assert (terms.pays, terms.ships_within_days, str(terms.arrives_from), str(terms.arrives_to)) == (
        "now", 2, "2026-11-25", "2026-11-27",
    )  # fmt: skip
    assert (terms.carrier, terms.returns, terms.legal) == (scene.store.carrier, scene.store.returns, scene.store.legal)
    assert await scene.trade.counts(scene.listing) == (3, 2, 0)
    assert scene.trade.told == [
        StockChanged([StockLevel(scene.variant, scene.listing.id, 3)], rose=False),
        HoldChanged(hold, scene.buyer.id, "taken"),
    ]
    assert await scene.trade.checkout.get(scene.buyer, hold.id) == hold


async def test_what_was_shown_binds(scene: Scene) -> None:
    hold = await scene.trade.hold(scene.buyer, scene.listing)
    await scene.trade.people.stores.edit(
        scene.keeper, scene.store.id, StoreChanges(shipping_fee=9000, returns="返品できません")
    )
    now = await scene.trade.checkout.get(scene.buyer, hold.id)
    assert (now.totals, now.terms) == (hold.totals, hold.terms)


async def test_the_same_key(scene: Scene) -> None:
    hold = await scene.trade.hold(scene.buyer, scene.listing, 2, "k")
    scene.trade.people.clock.advance(60)
    again = await scene.trade.hold(scene.buyer, scene.listing, 2, "k")
    assert again == replace(hold, server_time=EVENING + timedelta(seconds=60))
    with pytest.raises(KeyReused):
        await scene.trade.hold(scene.buyer, scene.listing, 3, "k")
    other = await scene.trade.people.person("Other")
    assert (await scene.trade.hold(other, scene.listing, 1, "k")).id != hold.id
    assert await scene.trade.counts(scene.listing) == (2, 3, 0)


async def test_the_same_key_many_times_at_once(scene: Scene) -> None:
    holds = await asyncio.gather(*[scene.trade.hold(scene.buyer, scene.listing, 1, "k") for _ in range(12)])
    assert all(hold == holds[0] for hold in holds)
    assert await scene.trade.counts(scene.listing) == (4, 1, 0)


async def test_a_refusal_leaves_no_key_behind(scene: Scene) -> None:
    with pytest.raises(SoldOut):
        await scene.trade.hold(scene.buyer, scene.listing, 6, "k")
    assert (await scene.trade.hold(scene.buyer, scene.listing, 5, "k")).quantity == 5


async def test_another_hold_of_the_same_replaces_its_quantity(scene: Scene) -> None:
    first = await scene.trade.hold(scene.buyer, scene.listing, 2)
    scene.trade.people.clock.advance(30)
    again = await scene.trade.hold(scene.buyer, scene.listing, 4)
    assert (again.id, again.quantity, again.expires_at) == (first.id, 4, first.expires_at)
    assert (await scene.trade.hold(scene.buyer, scene.listing, 1)).id == first.id
    assert await scene.trade.counts(scene.listing) == (4, 1, 0)


async def test_a_buyer_with_many_hands(scene: Scene) -> None:
    holds = await asyncio.gather(*[scene.trade.hold(scene.buyer, scene.listing, 2) for _ in range(8)])
    assert len({hold.id for hold in holds}) == 1
    assert await scene.trade.counts(scene.listing) == (3, 2, 0)


async def test_fifty_buyers_for_five(scene: Scene) -> None:
    buyers = [await scene.trade.people.person(f"Buyer{n}") for n in range(50)]
    results = await asyncio.gather(
        *[scene.trade.hold(buyer, scene.listing) for buyer in buyers], return_exceptions=True
    )
    kinds = Counter(type(result).__name__ for result in results)
    assert kinds == {"Hold": 5, "SoldOut": 45}
    assert await scene.trade.counts(scene.listing) == (0, 5, 0)


async def test_quantity_up_and_down(scene: Scene) -> None:
    checkout = scene.trade.checkout
    hold = await scene.trade.hold(scene.buyer, scene.listing, 2)
    assert (await checkout.change(scene.buyer, hold.id, 5)).totals.items == 7400
    with pytest.raises(SoldOut) as caught:
        await checkout.change(scene.buyer, hold.id, 6)
    assert caught.value.params == {"available": 0, "waiting": 0}
    assert (await checkout.change(scene.buyer, hold.id, 1)).max_quantity == 5
    assert await scene.trade.counts(scene.listing) == (4, 1, 0)
    other = await scene.trade.people.person("Other")
    for call in (checkout.change(other, hold.id, 2), checkout.release(other, hold.id), checkout.get(other, hold.id)):
        with pytest.raises(HoldNotFound):
            await call


async def test_release(scene: Scene) -> None:
    checkout = scene.trade.checkout
    hold = await scene.trade.hold(scene.buyer, scene.listing, 2)
    assert [(await checkout.release(scene.buyer, hold.id)).state for _ in range(2)] == ["released", "released"]
    assert await scene.trade.counts(scene.listing) == (5, 0, 0)
    with pytest.raises(WrongState) as caught:
        await checkout.change(scene.buyer, hold.id, 1)
    assert caught.value.params == {"state": "released"}
    assert (await scene.trade.hold(scene.buyer, scene.listing)).id != hold.id


async def test_time_runs_out(scene: Scene) -> None:
    trade, clock = scene.trade, scene.trade.people.clock
    hold = await trade.hold(scene.buyer, scene.listing, 2)
    clock.advance(299)
    assert await trade.checkout.expire() == 0
    clock.advance(1)
    assert (await trade.checkout.get(scene.buyer, hold.id)).state == "expired"
    for call in (trade.checkout.change(scene.buyer, hold.id, 1), trade.checkout.release(scene.buyer, hold.id)):
        with pytest.raises(HoldExpired):
            await call
    assert await trade.counts(scene.listing) == (3, 2, 0)
    assert sum(await asyncio.gather(*[trade.checkout.expire() for _ in range(4)])) == 1
    assert await trade.counts(scene.listing) == (5, 0, 0)
    told = trade.told[-1]
    assert isinstance(told, HoldChanged)
    assert (told.hold.id, told.hold.state, told.account_id) == (hold.id, "expired", scene.buyer.id)
    with pytest.raises(HoldExpired):
        await trade.checkout.release(scene.buyer, hold.id)


async def test_a_new_hold_after_one_that_ran_out_unswept(scene: Scene) -> None:
    old = await scene.trade.hold(scene.buyer, scene.listing, 5)
    scene.trade.people.clock.advance(301)
    new = await scene.trade.hold(scene.buyer, scene.listing, 5)
    assert new.id != old.id
    assert await scene.trade.counts(scene.listing) == (0, 5, 0)


async def test_the_sweeper_sweeps(scene: Scene) -> None:
    await scene.trade.hold(scene.buyer, scene.listing, 2)
    scene.trade.people.clock.advance(301)
    await scene.trade.checkout.start()
    async with asyncio.timeout(3):
        while await scene.trade.counts(scene.listing) != (5, 0, 0):  # noqa: ASYNC110, the counts are the database's
            await asyncio.sleep(0.02)
    await scene.trade.checkout.stop()


async def test_who_and_what_is_refused(scene: Scene) -> None:
    trade = scene.trade
    with pytest.raises(OwnListing):
        await trade.hold(scene.keeper, scene.listing)
    for missing in ("0" * 20, "\0", ""):
        with pytest.raises(VariantNotFound):
            await trade.checkout.take(scene.buyer, NewHold(variant_id=missing), trade.key())
        with pytest.raises(HoldNotFound):
            await trade.checkout.get(scene.buyer, missing)
        with pytest.raises(HoldNotFound):
            await trade.checkout.release(scene.buyer, missing)
        with pytest.raises(NotFound):
            await trade.checkout.take(scene.buyer, NewHold(variant_id=scene.variant, show_id=missing), trade.key())
    await trade.catalog.archive(scene.keeper, scene.listing.id)
    with pytest.raises(Archived):
        await trade.hold(scene.buyer, scene.listing)
    assert await trade.counts(scene.listing) == (5, 0, 0)


async def test_holds_belong_to_shows_of_the_same_store(scene: Scene) -> None:
    trade = scene.trade
    other_store = await trade.stall(await trade.people.person("Other"), "other")
    show = await trade.shows.create(
        scene.keeper, scene.store.id, title="夜店", cover_id=None, planned_at=None, listing_ids=[scene.listing.id]
    )
    wanted = NewHold(variant_id=scene.variant, show_id=show.id)
    hold = await trade.checkout.take(scene.buyer, wanted, trade.key())
    assert hold.show_id == show.id
    async with trade.people.db.read() as conn:
        assert await trade.checkout.running(conn, scene.buyer, show_id=show.id) == [hold]
        assert await trade.checkout.running(conn, scene.keeper, show_id=show.id) == []
        trade.people.clock.advance(301)
        assert await trade.checkout.running(conn, scene.buyer, show_id=show.id) == []
    keeper = (await trade.people.accounts.enter_ready_made("other@example.com", user_agent="")).account
    foreign = await trade.shows.create(
        keeper, other_store.id, title="よそ", cover_id=None, planned_at=None, listing_ids=[]
    )
    with pytest.raises(Invalid):
        await trade.checkout.take(scene.buyer, NewHold(variant_id=scene.variant, show_id=foreign.id), trade.key())


async def test_one_person_cannot_hold_the_whole_market(scene: Scene) -> None:
    listings = [await scene.trade.listing(scene.keeper, scene.store) for _ in range(MAX_HOLDS + 1)]
    for listing in listings[:MAX_HOLDS]:
        await scene.trade.hold(scene.buyer, listing)
    with pytest.raises(TooManyHolds) as caught:
        await scene.trade.hold(scene.buyer, listings[-1])
    assert caught.value.params == {"limit": MAX_HOLDS}
    assert await scene.trade.counts(listings[-1]) == (5, 0, 0)


async def test_a_hold_tells_what_the_limit_for_each_buyer_leaves(scene: Scene) -> None:
    trade = scene.trade
    await trade.catalog.edit(scene.keeper, scene.listing.id, ListingEdit(per_buyer=2))
    hold = await trade.checkout.take(scene.buyer, NewHold(variant_id=scene.variant), trade.key())
    assert (hold.quantity, hold.max_quantity) == (1, 2)
    assert (await trade.checkout.get(scene.buyer, hold.id)).max_quantity == 2
    hold = await trade.checkout.change(scene.buyer, hold.id, 2)
    assert hold.max_quantity == 2
    with pytest.raises(PerBuyer):
        await trade.checkout.change(scene.buyer, hold.id, 3)
