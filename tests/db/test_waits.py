"""Lines: whoever comes too late keeps a place, and units that become free go to the head."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from tests.support.people import EVENING
from tests.support.trade import Trade, trade_on

from ennichi.accounts import Account
from ennichi.catalog import Listing, ListingEdit, SoldOut, VariantEdit
from ennichi.checkout import HoldChanged, KeyReused, NewHold, PerBuyer, Wait, WaitChanged, WaitNotFound
from ennichi.stores import Legal, Store, StoreChanges


@dataclass
class Scene:
    trade: Trade
    keeper: Account
    store: Store
    listing: Listing
    buyers: list[Account]

    @property
    def variant(self) -> str:
        return self.listing.variants[0].id

    async def wait(self, who: int, quantity: int = 1, key: str | None = None) -> Wait:
        wanted = NewHold(variant_id=self.variant, quantity=quantity)
        return await self.trade.checkout.wait(self.buyers[who], wanted, key or self.trade.key())

    async def place(self, wait: Wait) -> Wait:
        """The wait as it stands now."""
        async with self.trade.people.db.read() as conn:
            return (await self.trade.checkout._lines.seen(conn, [wait.id]))[wait.id]

    def turns(self) -> list[tuple[str, int]]:
        """Whose turn it was, and how many units they got."""
        told = [one for one in self.trade.told if isinstance(one, HoldChanged) and one.why == "turn"]
        return [(one.account_id, one.hold.quantity) for one in told]


@pytest.fixture
async def scene(db_url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    """Five units of a thing, and four buyers."""
    async with trade_on(db_url, tmp_path) as trade:
        keeper = await trade.people.person("Keeper")
        store = await trade.stall(keeper)
        listing = await trade.listing(keeper, store)
        buyers = [await trade.people.person(f"Buyer{n}") for n in range(4)]
        yield Scene(trade, keeper, store, listing, buyers)


async def test_units_that_are_released_go_to_the_head(scene: Scene) -> None:
    held = await scene.trade.hold(scene.buyers[0], scene.listing, 5)
    first, second = await scene.wait(1, 2), await scene.wait(2, 1)
    assert (first.state, first.ahead, second.ahead) == ("waiting", 0, 1)
    assert first.earliest == second.earliest == EVENING + timedelta(minutes=5)
    with pytest.raises(SoldOut) as caught:
        await scene.trade.hold(scene.buyers[3], scene.listing)
    assert caught.value.params == {"available": 0, "waiting": 2}
    await scene.trade.checkout.change(scene.buyers[0], held.id, 2)
    assert scene.turns() == [(scene.buyers[1].id, 2), (scene.buyers[2].id, 1)]
    assert await scene.trade.counts(scene.listing) == (0, 5, 0)
    now = await scene.place(first)
    assert (now.state, now.ahead, bool(now.hold_id)) == ("held", 0, True)
    hold = await scene.trade.checkout.get(scene.buyers[1], now.hold_id or "")
    assert hold.expires_at - EVENING == timedelta(minutes=2)


async def test_what_is_left_of_a_turn_goes_on(scene: Scene) -> None:
    held = await scene.trade.hold(scene.buyers[0], scene.listing, 5)
    await scene.wait(1, 4)
    last = await scene.wait(2, 4)
    await scene.trade.checkout.change(scene.buyers[0], held.id, 4)
    assert scene.turns() == [(scene.buyers[1].id, 1)]
    assert (await scene.place(last)).ahead == 0
    scene.trade.people.clock.advance(121)
    assert await scene.trade.checkout.expire() == 1
    assert scene.turns()[1:] == [(scene.buyers[2].id, 1)]
    assert await scene.trade.counts(scene.listing) == (0, 5, 0)


async def test_a_seller_who_finds_more_serves_the_line_first(scene: Scene) -> None:
    await scene.trade.hold(scene.buyers[0], scene.listing, 5)
    await scene.wait(1, 2)
    edit = ListingEdit(variants=[VariantEdit(id=scene.variant, stock=3)])
    await scene.trade.catalog.edit(scene.keeper, scene.listing.id, edit)
    assert scene.turns() == [(scene.buyers[1].id, 2)]
    assert await scene.trade.counts(scene.listing) == (1, 7, 0)


@pytest.mark.parametrize("why", ["archived", "no notice"])
async def test_nobody_is_called_to_what_may_not_be_sold(scene: Scene, why: str) -> None:
    trade = scene.trade
    held = await trade.hold(scene.buyers[0], scene.listing, 5)
    wait = await scene.wait(1, 2)
    if why == "archived":
        await trade.catalog.archive(scene.keeper, scene.listing.id)
    else:
        await trade.people.stores.edit(scene.keeper, scene.store.id, StoreChanges(legal=Legal()))
    await trade.checkout.release(scene.buyers[0], held.id)
    assert scene.turns() == []
    assert await trade.counts(scene.listing) == (5, 0, 0)
    over = await scene.place(wait)
    assert (over.state, over.hold_id) == ("over", None)


async def test_leaving(scene: Scene) -> None:
    held = await scene.trade.hold(scene.buyers[0], scene.listing, 5)
    first, second = await scene.wait(1), await scene.wait(2)
    checkout = scene.trade.checkout
    assert [(await checkout.leave(scene.buyers[1], first.id)).state for _ in range(2)] == ["left", "left"]
    for who, wait_id in ((2, first.id), (1, "0" * 20), (1, "\0")):
        with pytest.raises(WaitNotFound):
            await checkout.leave(scene.buyers[who], wait_id)
    assert (await scene.place(second)).ahead == 0
    await checkout.release(scene.buyers[0], held.id)
    assert scene.turns() == [(scene.buyers[2].id, 1)]
    assert (await checkout.leave(scene.buyers[2], second.id)).state == "held"
    assert await scene.trade.counts(scene.listing) == (4, 1, 0)
    again = await scene.wait(1)
    assert (again.state, again.id != first.id) == ("held", True)


async def test_the_same_place_and_the_same_key(scene: Scene) -> None:
    await scene.trade.hold(scene.buyers[0], scene.listing, 5)
    first = await scene.wait(1, 2, "k")
    assert (await scene.wait(1, 2, "k")).id == first.id
    assert (await scene.wait(1, 3)).id == first.id
    with pytest.raises(KeyReused):
        await scene.wait(1, 3, "k")
    assert (await scene.wait(2)).ahead == 1


async def test_those_behind_are_told(scene: Scene) -> None:
    await scene.trade.hold(scene.buyers[0], scene.listing, 5)
    first, second = await scene.wait(1), await scene.wait(2)
    await scene.trade.checkout.leave(scene.buyers[1], first.id)
    await scene.trade.checkout.stop()
    told = [
        (one.account_id, one.wait.state, one.wait.ahead) for one in scene.trade.told if isinstance(one, WaitChanged)
    ]
    assert told == [(scene.buyers[1].id, "left", 0), (scene.buyers[2].id, "waiting", 0)]
    assert second.ahead == 1


async def test_a_limit_for_each_buyer(scene: Scene) -> None:
    edit = ListingEdit(per_buyer=2)
    await scene.trade.catalog.edit(scene.keeper, scene.listing.id, edit)
    with pytest.raises(PerBuyer) as caught:
        await scene.trade.hold(scene.buyers[0], scene.listing, 3)
    assert caught.value.params == {"limit": 2, "left": 2}
    hold = await scene.trade.hold(scene.buyers[0], scene.listing, 2)
    with pytest.raises(PerBuyer):
        await scene.trade.checkout.change(scene.buyers[0], hold.id, 3)
    with pytest.raises(PerBuyer):
        await scene.wait(1, 3)


async def test_the_log_of_arrivals(scene: Scene, db_url: str) -> None:
    await scene.trade.hold(scene.buyers[0], scene.listing, 4)
    with pytest.raises(SoldOut):
        await scene.trade.hold(scene.buyers[1], scene.listing, 2)
    await scene.trade.hold(scene.buyers[2], scene.listing, 1)
    await scene.wait(1, 2)
    log = await scene.trade.checkout.arrivals(scene.buyers[1], scene.variant)
    assert [(one.n, one.quantity, one.left_before, one.outcome, one.mine) for one in log.entries] == [
        (1, 4, 5, "held", False),
        (2, 2, 1, "sold_out", True),
        (3, 1, 1, "held", False),
        (4, 2, 0, "waiting", True),
    ]
    assert (await scene.trade.checkout.arrivals(scene.buyers[3], scene.variant)).entries == []
    with psycopg.connect(db_url, autocommit=True) as conn:
        for change in ("update arrivals set n = n + 1", "delete from arrivals", "truncate arrivals"):
            with pytest.raises(psycopg.errors.RaiseException):
                conn.execute(change.encode())
