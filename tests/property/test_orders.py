"""Whatever buyers, a store, the clock and the payment house do to orders, in whatever order and at the same moment:

money and units are conserved, an order goes only the ways there are, and never more goes back than came in.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.till import DAY, Basket, Till, till_on

from ennichi.accounts import Account
from ennichi.catalog import Listing
from ennichi.kit.db import Query
from ennichi.kit.errors import Conflict, Invalid, NotFound
from ennichi.orders import Order, Rating, Refunding, ReturnedLine, Shipping
from ennichi.orders.model import TRANSITIONS, may_become
from ennichi.stores import Store

ORDERS = 3
FEE_BPS = 750
SCENES = itertools.count(1)
Step = tuple[str, int, int]
TAKEN = Query(
    int,
    "select coalesce(sum(c.amount), 0)::bigint from charges c join orders o on o.charge_id = c.id"
    " where o.store_id = %(store_id)s and c.state = 'succeeded'",
)
GIVEN = Query(
    int,
    "select coalesce(sum(r.amount), 0)::bigint from refunds r join orders o on o.charge_id = r.charge_id"
    " where o.store_id = %(store_id)s and r.state = 'succeeded'",
)
OF_STORE = Query(
    int,
    "select coalesce(sum(p.amount), 0)::bigint from postings p join entries e on e.id = p.entry_id"
    " where e.store_id = %(store_id)s and p.account = %(account)s",
)

KINDS = (
    "card",
    "konbini",
    "ship",
    "receive",
    "rate",
    "cancel",
    "ask",
    "part",
    "units",
    "whole",
    "gateway",
    "shop",
    "time",
)
step = st.tuples(st.sampled_from(KINDS), st.integers(0, ORDERS - 1), st.integers(1, 4))
ALONE = frozenset({"card", "konbini", "time"})


class Counter:
    """A stall, a buyer, and their orders."""

    def __init__(self, till: Till, keeper: Account, store: Store, listing: Listing, buyer: Account) -> None:
        self.till, self.keeper, self.store, self.listing, self.buyer = till, keeper, store, listing, buyer
        self.orders: list[str] = []

    async def act(self, kind: str, which: int, n: int) -> None:
        if kind in ("card", "konbini"):
            await self.buy(kind, n)
            return
        if kind == "time":
            self.till.people.clock.advance(n * 4 * DAY)
            await self.till.orders.receive_overdue()
            await self.till.orders.settle_due()
            return
        if kind == "gateway":
            await self.till.payments.work_refunds()
            return
        if which >= len(self.orders):
            return
        with contextlib.suppress(Conflict, NotFound, Invalid):  # what business facts refuse is part of the game
            await self.move(kind, self.orders[which], n)

    async def buy(self, how: str, n: int) -> None:
        if len(self.orders) < ORDERS:
            order = await self.till.buy(self.buyer, Basket(self.listing, n), how="card" if how == "card" else "konbini")
            self.orders.append(order.id)

    async def move(self, kind: str, order_id: str, n: int) -> None:
        orders, variant = self.till.orders, self.listing.variants[0].id
        match kind:
            case "ship":
                await orders.ship(self.keeper, order_id, Shipping(carrier="yamato", tracking=str(n)))
            case "receive":
                await orders.receive(self.buyer, order_id, Rating(stars=n) if n % 2 else None)
            case "rate":
                await orders.rate(self.buyer, order_id, Rating(stars=n))
            case "cancel":
                await orders.cancel(self.keeper, order_id)
            case "ask":
                await orders.cancel(self.buyer, order_id)
            case "part":
                await orders.refund(self.keeper, order_id, Refunding(amount=n * 700))
            case "units":
                lines = [ReturnedLine(variant_id=variant, quantity=n)]
                await orders.refund(self.keeper, order_id, Refunding(lines=lines, restock=n % 2 == 0))
            case "whole":
                await orders.refund(self.keeper, order_id, Refunding(restock=n % 2 == 0))
            case "shop":
                order = await orders.get(self.buyer, order_id)
                await self.till.at_shop(order, "pay" if n % 2 else "expire")

    async def check(self) -> None:
        orders = [await self.till.orders.get(self.keeper, order_id) for order_id in self.orders]
        for order in orders:
            check_history(order)
            way = [one.amount for one in order.refunds if one.state == "pending"]
            done = [one.amount for one in order.refunds if one.state == "done"]
            assert order.refunded == sum(done)
            assert 0 <= sum(done) + sum(way) <= order.total
            if order.state in ("cancelled", "refunded"):
                assert order.refundable == 0
                assert all(line.returned == line.quantity for line in order.lines)
        await self.check_units(orders)
        await self.check_money()

    async def check_units(self, orders: list[Order]) -> None:
        """No unit is made or lost; what came back without being restocked stays sold."""
        _, held, sold = await self.till.counts(self.listing)
        assert held == 0
        lines = [line for order in orders for line in order.lines]
        assert sum(line.quantity - line.returned for line in lines) <= sold <= sum(line.quantity for line in lines)

    async def check_money(self) -> None:
        """What is in the till is what was taken less what went back; it all belongs to somebody."""
        accounts = (
            "gateway",
            "fees",
            "fee_tax",
            *(f"{one}:{self.store.id}" for one in ("clearing", "refunds", "store")),
        )
        async with self.till.people.db.read() as conn:
            taken, given_back = [await one.one(conn, store_id=self.store.id) for one in (TAKEN, GIVEN)]
            booked = [await OF_STORE.one(conn, store_id=self.store.id, account=account) for account in accounts]
        assert booked[0] == taken - given_back
        assert sum(booked) == 0
        assert booked[3] <= 0
        assert booked[4] <= 0
        assert await self.till.booked("%") == 0


def check_history(order: Order) -> None:
    """Every state followed from the one before it, and the last is where the order is."""
    states = [one.what for one in order.history if one.what in TRANSITIONS]
    assert states[0] == "placed"
    assert states[-1] == order.state
    for before, after in itertools.pairwise(states):
        assert may_become(before, after)  # type: ignore[arg-type]  # they are states


async def play(till: Till, steps: list[Step]) -> None:
    n = next(SCENES)
    keeper, buyer = await till.people.person(f"Keeper{n}"), await till.people.person(f"Buyer{n}")
    store = await till.stall(keeper)
    counter = Counter(till, keeper, store, await till.listing(keeper, store, stock=20), buyer)
    await counter.act("card", 0, 3)
    for together in pairs(steps):
        await asyncio.gather(*[counter.act(*one) for one in together])
        await counter.check()


def pairs(steps: list[Step]) -> Iterator[list[Step]]:
    """What happens at the same moment: two things at a time; what buys, and the clock, alone."""
    waiting: list[Step] = []
    for one in steps:
        if waiting and (one[0] in ALONE or len(waiting) == 2):
            yield waiting
            waiting = []
        if one[0] in ALONE:
            yield [one]
        else:
            waiting.append(one)
    if waiting:
        yield waiting


def test_money_and_units_are_conserved_and_only_legal_ways_are_gone(db_url: str, tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        built = till_on(db_url, tmp_path, fee_bps=FEE_BPS)
        till = runner.run(built.__aenter__())

        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
        @given(steps=st.lists(step, min_size=4, max_size=14))
        def examples(steps: list[Step]) -> None:
            runner.run(play(till, steps))

        try:
            examples()
        finally:
            runner.run(built.__aexit__(None, None, None))
