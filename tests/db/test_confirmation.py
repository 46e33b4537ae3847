"""Confirming: paid once, or not at all, whoever falls over."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs
from tests.support.trade import ADDRESS, BROKE, DECLINES, GOOD, SLOW, Trade, trade_on

from ennichi.accounts import Account
from ennichi.catalog import Listing
from ennichi.checkout import (
    AddressMissing,
    CardMissing,
    Confirmation,
    Hold,
    HoldExpired,
    HoldNotFound,
    KeyReused,
    OrderPlaced,
    PaymentDeclined,
    PaymentUnsettled,
    WrongState,
)
from ennichi.checkout.service import confirming
from ennichi.kit.errors import Invalid
from ennichi.payments import CardInvalid, CardNotFound
from ennichi.stores import Store


@dataclass
class Scene:
    trade: Trade
    keeper: Account
    store: Store
    listing: Listing
    buyer: Account
    hold: Hold

    async def confirm(self, number: str = GOOD, key: str | None = None, *, save: bool = False) -> str:
        how = Confirmation(address=ADDRESS, card_token=await self.trade.token(number), save=save)
        return await self.trade.checkout.confirm(self.buyer, self.hold.id, how, key or self.trade.key())

    async def state(self) -> str:
        return (await self.trade.checkout.get(self.buyer, self.hold.id)).state

    async def reached(self, state: str) -> None:
        async with asyncio.timeout(5):
            while await self.state() != state:  # noqa: ASYNC110, the state is the database's
                await asyncio.sleep(0.01)


@pytest.fixture
def sleep() -> Callable[[float], Awaitable[None]]:
    """How the slow card takes its time; a test may make it quicker."""

    async def shortly(seconds: float) -> None:
        await asyncio.sleep(seconds / 10)

    return shortly


@pytest.fixture
async def scene(db_url: str, tmp_path: Path, sleep: Callable[[float], Awaitable[None]]) -> AsyncIterator[Scene]:
    async with trade_on(db_url, tmp_path, sleep=sleep) as trade:
        keeper = await trade.people.person("Keeper")
        store = await trade.stall(keeper)
        listing = await trade.listing(keeper, store)
        buyer = await trade.people.person("Buyer")
        yield Scene(trade, keeper, store, listing, buyer, await trade.hold(buyer, listing, 2))


async def test_sold(scene: Scene) -> None:
    order_id = await scene.confirm()
    assert await scene.trade.counts(scene.listing) == (3, 0, 2)
    hold = await scene.trade.checkout.get(scene.buyer, scene.hold.id)
    assert (hold.state, hold.order_id) == ("sold", order_id)
    order = await scene.trade.orders.get(scene.buyer, order_id)
    assert (order.total, order.address, order.paid_with.last4) == (3620, ADDRESS, "4242")
    assert await scene.trade.payments.my_cards(scene.buyer) == []
    with pytest.raises(WrongState) as caught:
        await scene.confirm()
    assert caught.value.params == {"state": "sold", "order_id": order_id}


async def test_saved_for_next_time(scene: Scene) -> None:
    await scene.confirm(save=True)
    (card,) = await scene.trade.payments.my_cards(scene.buyer)
    assert (card.brand, card.last4, card.exp_month, card.exp_year) == ("visa", "4242", 12, 2030)
    hold = await scene.trade.hold(scene.buyer, scene.listing)
    assert (hold.address, hold.card) == (ADDRESS, card)
    await scene.trade.checkout.confirm(scene.buyer, hold.id, Confirmation(), scene.trade.key())
    hold = await scene.trade.hold(scene.buyer, scene.listing)
    await scene.trade.checkout.confirm(scene.buyer, hold.id, Confirmation(card_id=card.id), scene.trade.key())
    assert await scene.trade.payments.forget_card(scene.buyer, card.id) == []
    with pytest.raises(CardNotFound):
        await scene.trade.payments.forget_card(scene.buyer, card.id)


async def test_the_same_card_is_saved_once(scene: Scene) -> None:
    await scene.confirm(save=True)
    hold = await scene.trade.hold(scene.buyer, scene.listing)
    how = Confirmation(card_token=await scene.trade.token(), save=True)
    await scene.trade.checkout.confirm(scene.buyer, hold.id, how, scene.trade.key())
    assert len(await scene.trade.payments.my_cards(scene.buyer)) == 1


async def test_what_is_missing(scene: Scene) -> None:
    confirm, token = scene.trade.checkout.confirm, await scene.trade.token()
    for how, problem in [
        (Confirmation(card_token=token), AddressMissing),
        (Confirmation(address=ADDRESS), CardMissing),
        (Confirmation(address=ADDRESS, card_token="card_nothing"), CardInvalid),
        (Confirmation(address=ADDRESS, card_token="\0日"), CardInvalid),
        (Confirmation(address=ADDRESS, card_id="0" * 20), CardNotFound),
        (Confirmation(address=ADDRESS, card_id="\0"), CardNotFound),
    ]:
        with pytest.raises(problem):
            await confirm(scene.buyer, scene.hold.id, how, "k")
    bad = replace(ADDRESS, prefecture="東京")
    with pytest.raises(Invalid):
        await confirm(scene.buyer, scene.hold.id, Confirmation(address=bad, card_token=token), "k")
    assert await scene.state() == "held"
    assert scene.trade.gateway.charges == 0


async def test_declined_then_another_card(scene: Scene) -> None:
    for number, reason in [(DECLINES, "card_declined"), (BROKE, "insufficient_funds")]:
        with pytest.raises(PaymentDeclined) as caught:
            await scene.confirm(number, save=True)
        assert caught.value.params == {"reason": reason}
        assert await scene.state() == "held"
    assert await scene.trade.counts(scene.listing) == (3, 2, 0)
    assert await scene.trade.payments.my_cards(scene.buyer) == []
    order_id = await scene.confirm()
    assert (await scene.trade.orders.get(scene.buyer, order_id)).number == "EN-2611-0001"


async def test_the_same_key_gives_the_same_answer(scene: Scene) -> None:
    how = Confirmation(address=ADDRESS, card_token=await scene.trade.token(DECLINES))
    for _ in range(2):
        with pytest.raises(PaymentDeclined):
            await scene.trade.checkout.confirm(scene.buyer, scene.hold.id, how, "declined")
    how = Confirmation(address=ADDRESS, card_token=await scene.trade.token())
    orders = {await scene.trade.checkout.confirm(scene.buyer, scene.hold.id, how, "k") for _ in range(3)}
    assert len(orders) == 1
    assert scene.trade.gateway.charges == 2
    with pytest.raises(KeyReused):
        await scene.trade.checkout.confirm(scene.buyer, scene.hold.id, Confirmation(), "k")


async def test_many_at_once_pay_once(scene: Scene) -> None:
    how = Confirmation(address=ADDRESS, card_token=await scene.trade.token(SLOW))
    confirm = scene.trade.checkout.confirm
    same = [confirm(scene.buyer, scene.hold.id, how, "k") for _ in range(6)]
    others = [confirm(scene.buyer, scene.hold.id, how, f"other-{n}") for n in range(4)]
    results = await asyncio.gather(*same, *others, return_exceptions=True)
    orders = {result for result in results if isinstance(result, str)}
    refused = [result for result in results if not isinstance(result, str)]
    assert len(orders) == 1
    assert all(isinstance(result, WrongState | PaymentUnsettled) for result in refused)
    assert scene.trade.gateway.charges == 1
    assert await scene.trade.counts(scene.listing) == (3, 0, 2)


async def test_what_is_being_paid_does_not_run_out(scene: Scene) -> None:
    scene.trade.people.clock.advance(299)
    paying = asyncio.create_task(scene.confirm(SLOW))
    await scene.reached("confirming")
    scene.trade.people.clock.advance(60)
    assert await scene.trade.checkout.expire() == 0
    for call in (
        scene.trade.checkout.change(scene.buyer, scene.hold.id, 1),
        scene.trade.checkout.release(scene.buyer, scene.hold.id),
        scene.trade.hold(scene.buyer, scene.listing, 1),
    ):
        with pytest.raises(WrongState):
            await call
    await paying
    assert await scene.trade.counts(scene.listing) == (3, 0, 2)


async def test_a_buyer_who_hangs_up_has_bought(scene: Scene) -> None:
    paying = asyncio.create_task(scene.confirm(SLOW))
    await scene.reached("confirming")
    paying.cancel()
    await scene.trade.checkout.stop()
    assert await scene.state() == "sold"


async def test_too_late_and_not_yours(scene: Scene) -> None:
    other = await scene.trade.people.person("Other")
    how = Confirmation(address=ADDRESS, card_token=await scene.trade.token())
    for actor, hold_id in [(other, scene.hold.id), (scene.buyer, "0" * 20), (scene.buyer, "\0")]:
        with pytest.raises(HoldNotFound):
            await scene.trade.checkout.confirm(actor, hold_id, how, scene.trade.key())
    scene.trade.people.clock.advance(300)
    with pytest.raises(HoldExpired):
        await scene.confirm()
    await scene.trade.checkout.expire()
    with pytest.raises(HoldExpired):
        await scene.confirm()
    assert scene.trade.gateway.charges == 0


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A repeated request does not wait long."""
    monkeypatch.setattr(confirming, "WAIT_SECONDS", 0.2)


@pytest.mark.usefixtures("patient")
async def test_a_crash_after_the_charge(scene: Scene) -> None:
    scene.trade.gateway.crash = "after"
    how = Confirmation(address=ADDRESS, card_token=await scene.trade.token(), save=True)
    with capture_logs() as logs:
        for _ in range(2):
            with pytest.raises(PaymentUnsettled):
                await scene.trade.checkout.confirm(scene.buyer, scene.hold.id, how, "k")
    assert [line["event"] for line in logs] == ["a charge is unsettled"]
    assert await scene.state() == "confirming"
    scene.trade.people.clock.advance(400)
    await scene.trade.checkout.expire()
    await asyncio.gather(*[scene.trade.checkout.reconcile() for _ in range(3)])
    order_id = await scene.trade.checkout.confirm(scene.buyer, scene.hold.id, how, "k")
    assert (await scene.trade.orders.get(scene.buyer, order_id)).total == 3620
    assert await scene.trade.counts(scene.listing) == (3, 0, 2)
    assert len(await scene.trade.orders.mine(scene.buyer)) == scene.trade.gateway.charges == 1
    assert len(await scene.trade.payments.my_cards(scene.buyer)) == 1


@pytest.mark.usefixtures("patient")
async def test_a_crash_before_the_charge(scene: Scene) -> None:
    scene.trade.gateway.crash = "before"
    how = Confirmation(address=ADDRESS, card_token=await scene.trade.token())
    with capture_logs(), pytest.raises(PaymentUnsettled):
        await scene.trade.checkout.confirm(scene.buyer, scene.hold.id, how, "k")
    await scene.trade.checkout.reconcile()
    assert await scene.state() == "confirming"  # a call could still be on its way
    scene.trade.people.clock.advance(31)
    await scene.trade.checkout.reconcile()
    assert await scene.state() == "held"
    scene.trade.gateway.crash = None
    order_id = await scene.trade.checkout.confirm(scene.buyer, scene.hold.id, how, "k")
    assert (await scene.trade.orders.get(scene.buyer, order_id)).state == "paid"
    assert scene.trade.gateway.charges == 1


@pytest.mark.usefixtures("patient")
async def test_a_crash_before_the_charge_and_out_of_time(scene: Scene) -> None:
    scene.trade.gateway.crash = "before"
    with capture_logs(), pytest.raises(PaymentUnsettled):
        await scene.confirm()
    scene.trade.people.clock.advance(400)
    await scene.trade.checkout.reconcile()
    await scene.trade.checkout.expire()
    assert await scene.state() == "expired"
    assert await scene.trade.counts(scene.listing) == (5, 0, 0)


async def test_money_that_comes_too_late_is_shouted_about(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirming, "SURELY_OVER", timedelta(seconds=-1))
    paying = asyncio.create_task(scene.confirm(SLOW))
    await scene.reached("confirming")
    scene.trade.checkout._confirming._running.clear()  # as another process would see it
    with capture_logs() as logs:
        await scene.trade.checkout.reconcile()
        assert await scene.state() == "held"
        with pytest.raises(PaymentUnsettled):
            await paying
    assert [(line["event"], line["log_level"]) for line in logs] == [
        ("money was taken for a charge that was given up", "error")
    ]
    assert await scene.trade.orders.mine(scene.buyer) == []


async def test_a_listener_that_fails_undoes_the_whole_sale(scene: Scene) -> None:
    """The money is taken; the order cannot be written; it is finished when it can."""
    listeners = scene.trade.people.db.events._inside[OrderPlaced]
    kept = list(listeners)

    async def broken(tx: object, event: object) -> None:
        raise RuntimeError("no room in the books")

    listeners[:] = [*kept, broken]
    with capture_logs(), pytest.raises(PaymentUnsettled):
        await scene.confirm()
    assert await scene.trade.counts(scene.listing) == (3, 2, 0)
    listeners[:] = kept
    await scene.trade.checkout.reconcile()
    assert await scene.state() == "sold"
    assert len(await scene.trade.orders.mine(scene.buyer)) == 1
