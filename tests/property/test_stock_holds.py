"""Whatever buyers, a seller and the clock do in whatever order: no unit is made, lost or sold twice, no line passed."""

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.trade import ADDRESS, DECLINES, GOOD, Trade, trade_on

from ennichi.accounts import Account
from ennichi.catalog import Listing, ListingEdit, VariantEdit
from ennichi.checkout import NewHold, NewPurchase
from ennichi.kit.db import Query
from ennichi.kit.errors import Conflict, NotFound
from ennichi.payments import PayByCard

BUYERS = 3
SCENES = itertools.count(1)
Step = tuple[str, int, int]
TAKEN = Query(int, "select amount from sandbox_payments where state = 'captured' order by amount")
RUNNING = Query(
    int,
    "select coalesce(sum(quantity), 0) from holds where variant_id = %(id)s and state in ('held', 'confirming')",
)
WAITING = Query(int, "select count(*) from waits where variant_id = %(id)s and state = 'waiting'")
LOG = Query(int, "select n from arrivals where variant_id = %(id)s order by n")
OWED = Query(int, "select (totals ->> 'total')::bigint from orders order by 1")

step = st.one_of(
    st.tuples(st.just("hold"), st.integers(0, BUYERS - 1), st.integers(1, 6)),
    st.tuples(st.just("change"), st.integers(0, BUYERS - 1), st.integers(1, 6)),
    st.tuples(st.just("release"), st.integers(0, BUYERS - 1), st.just(0)),
    st.tuples(st.just("pay"), st.integers(0, BUYERS - 1), st.just(0)),
    st.tuples(st.just("decline"), st.integers(0, BUYERS - 1), st.just(0)),
    st.tuples(st.just("line"), st.integers(0, BUYERS - 1), st.integers(1, 6)),
    st.tuples(st.just("leave"), st.integers(0, BUYERS - 1), st.just(0)),
    st.tuples(st.just("stock"), st.just(0), st.integers(0, 8)),
    st.tuples(st.just("wait"), st.just(0), st.sampled_from([100, 301])),
)


class Market:
    """A listing of five, three buyers, and what the books should say."""

    def __init__(
        self, trade: Trade, keeper: Account, listing: Listing, buyers: list[Account], cards: dict[str, str]
    ) -> None:
        self.trade, self.keeper, self.listing, self.buyers, self.cards = trade, keeper, listing, buyers, cards
        self.holds: dict[int, str] = {}
        self.waits: dict[int, str] = {}
        self.stocked = 5

    async def act(self, kind: str, who: int, n: int) -> None:
        buyer, hold = self.buyers[who], self.holds.get(who, "0" * 20)
        checkout = self.trade.checkout
        try:
            if kind == "hold":
                self.holds[who] = (await self.trade.hold(buyer, self.listing, n)).id
            elif kind == "change":
                await checkout.change(buyer, hold, n)
            elif kind == "line":
                wanted = NewHold(variant_id=self.listing.variants[0].id, quantity=n)
                self.waits[who] = (await checkout.wait(buyer, wanted, self.trade.key())).id
            elif kind == "leave":
                wait = await checkout.leave(buyer, self.waits.get(who, "0" * 20))
                self.holds[who] = wait.hold_id or hold
            elif kind == "release":
                await checkout.release(buyer, hold)
            elif kind in self.cards:
                total = (await checkout.get(buyer, hold)).totals.total
                pay = PayByCard(token=self.cards[kind])
                basket = NewPurchase(hold_ids=[hold], address=ADDRESS, pay=pay, total=total)
                await checkout.buy(buyer, basket, self.trade.key())
            elif kind == "stock":
                before = (await self.trade.counts(self.listing))[0]
                edit = ListingEdit(variants=[VariantEdit(id=self.listing.variants[0].id, stock=n)])
                await self.trade.catalog.edit(self.keeper, self.listing.id, edit)
                self.stocked += n - before
            else:
                self.trade.people.clock.advance(n)
                await checkout.expire()
        except (Conflict, NotFound):  # what business facts refuse is part of the game
            pass

    async def check(self) -> None:
        available, held, sold = await self.trade.counts(self.listing)
        assert available + held + sold == self.stocked
        orders = await self.trade.orders.of_store(self.keeper, self.listing.store.id)
        assert sold == sum(order.quantity for order in orders)
        async with self.trade.people.db.read() as conn:
            variant = self.listing.variants[0].id
            assert held == await RUNNING.one(conn, id=variant)
            assert not available or not await WAITING.one(conn, id=variant)
            log = await LOG.all(conn, id=variant)
            assert log == list(range(1, len(log) + 1))
            assert await TAKEN.all(conn) == await OWED.all(conn)


async def play(trade: Trade, steps: list[Step]) -> None:
    n = next(SCENES)
    keeper = await trade.people.person(f"Keeper{n}")
    listing = await trade.listing(keeper, await trade.stall(keeper, f"stall-{n}"))
    buyers = [await trade.people.person(f"Buyer{n}-{k}") for k in range(BUYERS)]
    cards = {"pay": await trade.token(GOOD), "decline": await trade.token(DECLINES)}
    market = Market(trade, keeper, listing, buyers, cards)
    for together in pairs(steps):
        await asyncio.gather(*[market.act(*one) for one in together])
        await market.check()


def pairs(steps: list[Step]) -> Iterator[list[Step]]:
    """What happens at the same moment: two things of buyers; what the seller and the clock do, alone."""
    waiting: list[Step] = []
    for one in steps:
        alone = one[0] in ("stock", "wait")
        if waiting and (alone or len(waiting) == 2):
            yield waiting
            waiting = []
        if alone:
            yield [one]
        else:
            waiting.append(one)
    if waiting:
        yield waiting


def test_no_unit_is_made_lost_or_sold_twice(db_url: str, tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        built = trade_on(db_url, tmp_path)
        trade = runner.run(built.__aenter__())

        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
        @given(steps=st.lists(step, min_size=4, max_size=14))
        def examples(steps: list[Step]) -> None:
            runner.run(play(trade, steps))

        try:
            examples()
        finally:
            runner.run(built.__aexit__(None, None, None))
