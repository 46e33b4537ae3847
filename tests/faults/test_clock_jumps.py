"""The clock jumps, forward and back, while holds, places in line, purchases and withdrawals are under way: nothing is
kept past its time, nothing is sold twice, nothing is lost."""

import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.support.books import rows, wrongs
from tests.support.festival import Festival, festival_on
from tests.support.houses import NUMBERS
from tests.support.purse import BANK
from tests.support.waiting import until

from ennichi.accounts import Account
from ennichi.checkout import Hold, HoldExpired, NewHold, NewPurchase, Purchase
from ennichi.kit.errors import Conflict, TooFast
from ennichi.ledger import NewPayout
from ennichi.orders import Shipping
from ennichi.payments import PayByCard, PayByKonbini

pytestmark = pytest.mark.faults

STOCK = 6
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


class Market:
    """The whole program under a clock that can be set, and six of one thing."""

    def __init__(self, festival: Festival, url: str) -> None:
        self.festival, self.url = festival, url
        self.app, self.clock = festival.app, festival.clock
        self.variant_id = str(rows(url, "select id from variants")[0][0])
        self._keys = 0

    def key(self) -> str:
        """A key nobody used."""
        self._keys += 1
        return f"key-{self._keys}"

    def wants(self, quantity: int) -> NewHold:
        """So many of it."""
        return NewHold(variant_id=self.variant_id, quantity=quantity)

    async def hold(self, buyer: Account, quantity: int = 2) -> Hold:
        """Have some kept."""
        return await self.app.checkout.take(buyer, self.wants(quantity), self.key())

    async def buy(self, buyer: Account, hold: Hold, kind: str = "good") -> Purchase:
        """Pay for a hold."""
        quote = await self.app.checkout.quote(buyer, [hold.id], None)
        pay: PayByCard | PayByKonbini = PayByKonbini()
        if kind != "konbini" and (house := self.app.sandbox) is not None:
            card = await house.issue(number=NUMBERS[kind], exp_month=12, exp_year=2090, cvc="123")
            pay = PayByCard(token=card.token)
        wanted = NewPurchase(hold_ids=[hold.id], pay=pay, total=quote.totals.total)
        return await self.app.checkout.buy(buyer, wanted, self.key())

    async def jump(self, seconds: float) -> None:
        """The clock is set; then everything that runs by it has its turn."""
        self.clock.advance(seconds)
        app = self.app
        for _ in range(2):
            if app.sandbox is not None:
                await app.sandbox.send_messages()
            await app.payments.work_webhooks()
            await app.payments.reconcile()
            await app.payments.work_refunds()
            await app.checkout.expire()
            await app.orders.settle_due()
            await app.orders.receive_overdue()
            await app.payouts.work()
            await app.ledger.release_reserves()
        assert await wrongs(self.url, clock=self.clock, quiet=False) == []

    async def at_the_end(self) -> None:
        """Long after everything is over."""
        for seconds in (31, 16 * MINUTE, HOUR, 5 * DAY, HOUR, DAY):
            await self.jump(seconds)
        assert await wrongs(self.url, clock=self.clock) == []
        assert rows(self.url, "select id from holds where state in ('held', 'confirming')") == []
        assert rows(self.url, "select id from waits where state = 'waiting'") == []

    async def withdraw_all(self) -> str:
        """An order that is sent, received and settled, and its money on its way to the bank; returns the payout."""
        keeper, buyer, store = self.festival.keeper, self.festival.buyers[2], self.festival.store
        order_id = (await self.buy(buyer, await self.hold(buyer, 1))).order_id or ""
        await self.app.orders.ship(keeper, order_id, Shipping(carrier="yamato"))
        await self.app.orders.receive(buyer, order_id)
        await self.app.orders.settle_due()
        await self.reached("orders", order_id, "settled")
        await self.app.payouts.keep_bank_account(keeper, store.id, BANK)
        return (await self.app.payouts.withdraw(keeper, store.id, NewPayout(amount=1000), self.key())).id

    def counts(self) -> tuple[int, int, int]:
        """Available, held and sold."""
        ((available, held, sold),) = rows(self.url, "select available, held, sold from variants")
        return available, held, sold

    async def reached(self, table: str, row_id: str, state: str) -> None:
        """Wait until a row is in a state: the program's own jobs may be a step ahead, and have it locked."""
        await until(lambda: self.state(table, row_id) == state)

    def state(self, table: str, row_id: str) -> str:
        """The state of a row."""
        ((state,),) = rows(self.url, f"select state from {table} where id = %s", row_id)
        return str(state)


@pytest.fixture
async def market(db_url: str, tmp_path: Path) -> AsyncIterator[Market]:
    async with festival_on(db_url, tmp_path) as festival:
        await festival.listing("湧き水", {"": STOCK})
        yield Market(festival, db_url)


@pytest.mark.parametrize("far", [6 * MINUTE, 5 * HOUR, 40 * DAY])
async def test_forward(market: Market, far: float) -> None:
    """Holds are over, those who waited have their turn from now on, and who proves nothing has lost."""
    one, two, three = market.festival.buyers
    payout = await market.withdraw_all()
    held, proving = await market.hold(one, 2), await market.hold(two, 3)
    purchase = await market.buy(two, proving, "wants_proof")
    waiting = await market.app.checkout.wait(three, market.wants(2), market.key())
    await market.jump(far)
    assert market.state("holds", held.id) == "expired"
    with pytest.raises(HoldExpired):
        await market.buy(one, held)
    turn = rows(market.url, "select hold_id from waits where id = %s", waiting.id)[0][0]
    assert market.state("waits", waiting.id) == "held"
    assert (await market.app.checkout.get(three, turn)).expires_at == market.clock.now() + timedelta(minutes=2)
    assert market.state("purchases", purchase.id) == ("action_required" if far < 15 * MINUTE else "declined")
    await market.reached("payouts", payout, "settled")
    assert (await market.buy(three, await market.app.checkout.get(three, turn))).state == "paid"
    await market.at_the_end()
    assert market.counts() == (STOCK - 3, 0, 3)


@pytest.mark.parametrize("far", [6 * MINUTE, 5 * HOUR, 40 * DAY])
async def test_back_and_forward_again(market: Market, far: float) -> None:
    """Whatever is under way can be finished while it is earlier than it was; and is over when its time comes again."""
    one, two, three = market.festival.buyers
    payout = await market.withdraw_all()
    held, kept = await market.hold(one, 2), await market.hold(two, 3)
    waiting = await market.app.checkout.wait(three, market.wants(1), market.key())
    await market.jump(-far)
    assert market.counts() == (0, 5, 1)
    assert (await market.buy(one, held)).state == "paid"
    await market.app.checkout.change(two, kept.id, 2)
    assert market.state("waits", waiting.id) == "held"
    await market.jump(-far)
    await market.jump(2 * far + 6 * MINUTE)
    assert market.state("holds", kept.id) == "expired"
    await market.reached("payouts", payout, "settled")
    assert market.counts() == (STOCK - 3, 0, 3)
    await market.at_the_end()


@pytest.mark.parametrize("far", [-5 * HOUR, 5 * HOUR])
async def test_nobody_is_shut_out(market: Market, far: float) -> None:
    """What somebody did before the jump is not counted against them for hours."""
    limits = market.app.limits
    for _ in range(3):
        limits.take("holds of somebody", 3, 60)
    await market.jump(far)
    for _ in range(3):
        limits.take("holds of somebody", 3, 60)
    with pytest.raises(TooFast) as refused:
        limits.take("holds of somebody", 3, 60)
    assert 0 < refused.value.params["retry_after"] <= 60


async def test_konbini_while_the_clock_wanders(market: Market) -> None:
    one, two, _ = market.festival.buyers
    paid, unpaid = (
        await market.buy(one, await market.hold(one), "konbini"),
        await market.buy(two, await market.hold(two), "konbini"),
    )
    await market.jump(-DAY)
    ((reference,),) = rows(
        market.url,
        "select c.reference from charges c join purchases p on p.charge_id = c.id where p.id = %s",
        paid.id,
    )
    assert market.app.sandbox is not None
    await market.app.sandbox.step(reference, "pay")
    await market.app.checkout.go_on(one, paid.id)
    assert market.state("orders", paid.order_id or "") == "paid"
    await market.jump(2 * DAY)
    assert market.state("orders", unpaid.order_id or "") == "placed"
    await market.jump(10 * DAY)
    assert market.state("orders", unpaid.order_id or "") == "cancelled"
    await market.at_the_end()
    assert market.counts() == (STOCK - 2, 0, 2)


@pytest.mark.parametrize("seed", range(3))
async def test_any_jumps_at_any_moment(market: Market, seed: int) -> None:
    dice = random.Random(seed)
    buyers, holds = market.festival.buyers, list[tuple[Account, Hold]]()
    sold_before = 0
    for _ in range(25):
        buyer = dice.choice(buyers)
        try:
            match dice.choice(("hold", "hold", "wait", "buy", "buy", "release", "jump")):
                case "hold":
                    holds.append((buyer, await market.hold(buyer, dice.randint(1, 3))))
                case "wait":
                    await market.app.checkout.wait(buyer, market.wants(1), market.key())
                case "buy" if holds:
                    await market.buy(*dice.choice(holds), dice.choice(["good", "konbini", "wants_proof", "noisy"]))
                case "release" if holds:
                    who, hold = dice.choice(holds)
                    await market.app.checkout.release(who, hold.id)
                case _:
                    await market.jump(dice.choice([-40 * DAY, -HOUR, -30.0, 200.0, 400.0, HOUR, DAY]))
        except Conflict:
            pass  # what business facts refuse is part of the game
        sold = len(rows(market.url, "select id from orders where paid_at is not null"))
        assert sold >= sold_before, "a paid order is lost"
        sold_before = sold
        assert sum(market.counts()) == STOCK
    latest: datetime = rows(market.url, "select coalesce(max(expires_at), now()) from holds")[0][0]
    await market.jump(max(0.0, (latest - market.clock.now()).total_seconds()))
    await market.jump(41 * DAY)
    await market.at_the_end()
    assert len(rows(market.url, "select id from orders where paid_at is not null")) == sold_before
