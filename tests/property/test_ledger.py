"""Whatever happens to orders and their money, in whatever order: no yen is made or lost, and nobody gets another's."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.support.purse import BANK, Purse, purse_on

from ennichi.ledger import MoreThanTaken, NewPayout, PayoutTooLarge
from ennichi.ledger.book import shares
from ennichi.stores import NewStore

Got = TypeVar("Got")
A_MONTH = 30 * 86_400


class Order:
    """What an order's money should be, told without a ledger."""

    def __init__(self, order_id: str, amount: int) -> None:
        self.id = order_id
        self.amount = amount
        self.back = 0
        self.terms: tuple[int, int] | None = None
        self.settled_at = 0.0
        self.released = False

    def parts(self) -> tuple[int, int, int, int]:
        """Waiting, the store's, reserved, the market's."""
        left = self.amount - self.back
        if self.terms is None:
            return left, 0, 0, 0
        fee_bps, reserve_bps = self.terms
        of = shares(left, fee_bps=fee_bps, reserve_bps=0 if self.released else reserve_bps)
        return 0, of.store, of.reserve, of.fee + of.fee_tax


class Money(RuleBasedStateMachine):
    """One store's orders, refunds and withdrawals, beside a model that only adds and subtracts."""

    orders: Bundle[Order] = Bundle("orders")
    refunds: Bundle[str] = Bundle("refunds")
    payouts: Bundle[str] = Bundle("payouts")
    runner: ClassVar[asyncio.Runner]
    purse: ClassVar[Purse]
    stores: ClassVar[int] = 0

    def go(self, work: Coroutine[Any, Any, Got]) -> Got:
        return self.runner.run(work)

    @initialize()
    def open_a_store(self) -> None:
        self.all: list[Order] = []
        self.owed: dict[str, tuple[Order, int]] = {}
        self.asked: dict[str, int] = {}
        self.came = self.returned = self.drawn = self.sent = self.time = 0
        Money.stores += 1
        self.go(self._open(f"store-{Money.stores}"))

    async def _open(self, handle: str) -> None:
        self.purse.keeper = await self.purse.people.person(handle)
        self.purse.store = await self.purse.people.stores.open(self.purse.keeper, NewStore(name="店", handle=handle))
        await self.purse.payouts.keep_bank_account(self.purse.keeper, self.purse.store.id, BANK)

    @rule(target=orders, amount=st.integers(1, 20_000))
    def pay(self, amount: int) -> Order:
        order = Order(self.go(self.purse.sale(amount)), amount)
        self.all.append(order)
        self.came += amount
        return order

    @rule(target=refunds, order=orders, part=st.integers(1, 110))
    def give_back(self, order: Order, part: int) -> str:
        amount = max(1, order.amount * part // 100)
        fits = order.back + amount <= order.amount
        refund = self.purse.ids.new()
        try:
            self.go(self.purse.owe(order.id, amount, refund))
            assert fits
            order.back += amount
            self.owed[refund] = (order, amount)
        except MoreThanTaken:
            assert not fits
        return refund

    @rule(target=refunds, order=orders)
    def cancel(self, order: Order) -> str:
        """All that is left goes back."""
        refund, left = self.purse.ids.new(), order.amount - order.back
        if left:
            self.go(self.purse.owe(order.id, left, refund))
            order.back += left
            self.owed[refund] = (order, left)
        return refund

    @rule(refund=refunds, failed=st.booleans())
    def end_refund(self, refund: str, failed: bool) -> None:
        self.go(self.purse.end(refund, failed=failed))
        if refund not in self.owed:
            return  # it never was, or it had ended before: nothing changes
        order, amount = self.owed.pop(refund)
        if failed:
            order.back -= amount
        else:
            self.returned += amount

    @rule(order=orders, fee=st.sampled_from([0, 1, 333, 1000, 10_000]), kept=st.sampled_from([0, 500, 10_000]))
    def settle(self, order: Order, fee: int, kept: int) -> None:
        now = self.go(self.purse.settle(order.id, fee_bps=fee, reserve_bps=kept))
        assert bool(now) == (order.terms is None)
        if order.terms is None:
            order.terms, order.settled_at = (fee, kept), self.time

    @rule()
    def let_a_month_pass(self) -> None:
        self.purse.people.clock.advance(A_MONTH)
        self.time += A_MONTH
        self.go(self.purse.ledger.release_reserves())
        for order in self.all:
            order.released = order.released or (order.terms is not None and order.settled_at < self.time)

    @rule(target=payouts, part=st.integers(1, 120))
    def withdraw(self, part: int) -> str:
        available = sum(order.parts()[1] for order in self.all) - self.drawn
        amount = max(1, available * part // 100)
        try:
            asked = self.purse.payouts.withdraw(
                self.purse.keeper, self.purse.store.id, NewPayout(amount=amount), self.purse.ids.new()
            )
            payout = self.go(asked).id
        except PayoutTooLarge:
            assert amount > available
            return ""
        assert amount <= available
        self.asked[payout] = amount
        self.drawn += amount
        return payout

    @rule(payout=payouts, arrives=st.booleans())
    def the_bank_works(self, payout: str, arrives: bool) -> None:
        if payout not in self.asked:
            return
        (self.purse.bank.settle if arrives else self.purse.bank.fail)(payout)
        self.purse.people.clock.advance(120)
        self.time += 120
        self.go(self.purse.payouts.work())
        amount = self.asked.pop(payout)
        if arrives:
            self.sent += amount
        else:
            self.drawn -= amount

    @invariant()
    def every_yen_is_where_it_should_be(self) -> None:
        if not hasattr(self, "all"):
            return
        waiting, stores, reserved, _ = (
            sum(part) for part in zip((0,) * 4, *[o.parts() for o in self.all], strict=True)
        )
        on_the_way = sum(self.asked.values())
        assert self.go(self.purse.parts()) == (waiting, stores - self.drawn, reserved, on_the_way)
        refunds = -self.go(self.purse.account(f"refunds:{self.purse.store.id}"))
        assert refunds == sum(amount for _, amount in self.owed.values())
        money = self.go(self.purse.payouts.money(self.purse.keeper, self.purse.store.id))
        assert money.balance.paid_out == self.sent

    def teardown(self) -> None:
        """The house as a whole: what came in is what went out and what is still there."""
        if not hasattr(self, "all"):
            return
        market = sum(order.parts()[3] for order in self.all)
        balance = self.go(self.purse.payouts.money(self.purse.keeper, self.purse.store.id)).balance
        owed = sum(amount for _, amount in self.owed.values())
        there = balance.waiting + balance.available + balance.reserved + balance.on_the_way + owed + market
        assert there == self.came - self.returned - self.sent


def test_money_is_conserved(db_url: str, tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        built = purse_on(db_url, tmp_path)
        Money.runner, Money.purse = runner, runner.run(built.__aenter__())
        try:
            run_state_machine_as_test(
                Money,
                settings=settings(
                    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
                ),
            )
        finally:
            runner.run(built.__aexit__(None, None, None))
