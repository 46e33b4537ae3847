"""What becomes of purchases: 3-D Secure, konbini, and whoever falls over in the middle."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.support.buying import LOST, NO_PROOF, PROOF, Scene, scene_on
from tests.support.trade import SLOW

from ennichi.checkout import HoldChanged, OrdersPlaced, PaymentDeclined, PaymentUnsettled, PurchaseWrongState
from ennichi.checkout.service import buying


async def shortly(seconds: float) -> None:
    await asyncio.sleep(seconds / 10)


@pytest.fixture
async def scene(db_url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_on(db_url, tmp_path, sleep=shortly) as scene:
        await scene.hold(scene.food, 2)
        await scene.hold(scene.bowl)
        yield scene


def why(scene: Scene) -> list[str]:
    """Why holds were told of."""
    return [event.why for event in scene.trade.told if isinstance(event, HoldChanged)]


async def test_proved_and_paid(scene: Scene) -> None:
    purchase = await scene.buy(PROOF, save=True)
    assert (purchase.state, purchase.order_id) == ("action_required", None)
    assert purchase.action
    assert purchase.action.kind == "page"
    assert purchase.action.url
    assert purchase.expires_at
    assert await scene.states() == ["confirming", "confirming"]
    scene.trade.people.clock.advance(400)
    assert await scene.trade.checkout.expire() == 0
    assert await scene.trade.checkout.go_on(scene.buyer, purchase.id) == purchase
    await scene.at_the_gateway(purchase, "approve")
    paid = await scene.trade.checkout.go_on(scene.buyer, purchase.id)
    assert (paid.state, paid.action, paid.expires_at) == ("paid", None, None)
    assert paid.order_id
    assert await scene.states() == ["sold", "sold"]
    assert len(await scene.trade.payments.my_cards(scene.buyer)) == 1
    await scene.messages()
    assert await scene.trade.checkout.go_on(scene.buyer, purchase.id) == paid
    assert await scene.number_of_orders() == 1


async def test_proved_and_the_browser_is_gone(scene: Scene) -> None:
    """The gateway's message finishes it, and the buyer is told wherever they are."""
    purchase = await scene.buy(PROOF)
    await scene.at_the_gateway(purchase, "approve")
    scene.trade.told.clear()
    await scene.messages()
    assert (await scene.now(purchase)).state == "paid"
    assert why(scene) == ["sold", "sold"]
    assert [type(event).__name__ for event in scene.trade.told if "Orders" in type(event).__name__] == [
        "OrdersPlaced", "OrdersRecorded",
    ]  # fmt: skip


@pytest.mark.parametrize(("number", "step"), [(PROOF, "fail"), (NO_PROOF, "approve")])
async def test_not_proved(scene: Scene, number: str, step: str) -> None:
    purchase = await scene.buy(number, key="k")
    await scene.at_the_gateway(purchase, step)
    declined = await scene.trade.checkout.go_on(scene.buyer, purchase.id)
    assert (declined.state, declined.reason) == ("declined", "authentication_failed")
    assert await scene.states() == ["held", "held"]
    assert await scene.trade.counts(scene.food) == (3, 2, 0)
    assert await scene.trade.checkout.give_up(scene.buyer, purchase.id) == declined
    assert (await scene.buy()).state == "paid"
    assert await scene.number_of_orders() == 1


async def test_abandoned(scene: Scene) -> None:
    """Nobody comes back: after a quarter of an hour it is over, and the units can be bought again."""
    purchase = await scene.buy(PROOF)
    scene.trade.people.clock.advance(16 * 60)
    await scene.trade.payments.reconcile()
    over = await scene.now(purchase)
    assert (over.state, over.reason, over.action) == ("declined", "expired", None)
    await scene.trade.checkout.expire()
    assert await scene.states() == ["expired", "expired"]
    assert await scene.trade.counts(scene.food) == (5, 0, 0)
    assert await scene.number_of_orders() == 0


async def test_given_up(scene: Scene) -> None:
    wanted = await scene.wanted(await scene.by_card(PROOF))
    purchase = await scene.trade.checkout.buy(scene.buyer, wanted, "k")
    given_up = await scene.trade.checkout.give_up(scene.buyer, purchase.id)
    assert (given_up.state, given_up.reason) == ("given_up", None)
    assert await scene.trade.checkout.give_up(scene.buyer, purchase.id) == given_up
    assert await scene.trade.checkout.buy(scene.buyer, wanted, "k") == given_up
    assert await scene.states() == ["held", "held"]
    assert (await scene.buy()).state == "paid"


async def test_given_up_too_late(scene: Scene) -> None:
    purchase = await scene.buy(PROOF)
    await scene.at_the_gateway(purchase, "approve")
    await scene.trade.payments.reconcile()  # not due yet: nobody has captured it
    await scene.trade.checkout.go_on(scene.buyer, purchase.id)
    with pytest.raises(PurchaseWrongState):
        await scene.trade.checkout.give_up(scene.buyer, purchase.id)
    assert await scene.states() == ["sold", "sold"]


async def test_paid_at_a_counter(scene: Scene) -> None:
    purchase = await scene.buy_at_a_counter()
    assert purchase.state == "awaiting"
    assert purchase.order_id
    assert purchase.expires_at
    assert purchase.expires_at > scene.trade.people.clock.now() + timedelta(days=1)
    assert await scene.states() == ["sold", "sold"]
    (placed,) = [event for event in scene.trade.told if isinstance(event, OrdersPlaced)]
    (order,) = placed.orders
    assert (order.paid, order.pay_by, order.paid_with.method) == (False, purchase.expires_at, "konbini")
    assert (await scene.trade.orders.get(scene.buyer, purchase.order_id)).state == "placed"
    with pytest.raises(PurchaseWrongState):
        await scene.trade.checkout.give_up(scene.buyer, purchase.id)
    await scene.at_the_gateway(purchase, "pay")
    await scene.messages()
    assert (await scene.now(purchase)).state == "paid"
    assert (await scene.trade.orders.get(scene.buyer, purchase.order_id)).state == "paid"
    assert await scene.trade.counts(scene.food) == (3, 0, 2)


async def test_never_paid_at_a_counter(scene: Scene) -> None:
    purchase = await scene.buy_at_a_counter()
    assert purchase.order_id
    await scene.at_the_gateway(purchase, "expire")
    await scene.messages()
    assert (await scene.now(purchase)).state == "declined"
    assert (await scene.trade.orders.get(scene.buyer, purchase.order_id)).state == "cancelled"
    assert await scene.states() == ["returned", "returned"]
    assert await scene.trade.counts(scene.food) == (5, 0, 0)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A repeated request does not wait long."""
    monkeypatch.setattr(buying, "WAIT_SECONDS", 0.2)


@pytest.mark.usefixtures("patient")
async def test_a_crash_after_the_charge(scene: Scene) -> None:
    scene.trade.gateway.crash = "after"
    wanted = await scene.wanted(await scene.by_card(), save=True)
    buy = scene.trade.checkout.buy
    with capture_logs() as logs:
        for _ in range(2):
            with pytest.raises(PaymentUnsettled):
                await buy(scene.buyer, wanted, "k")
    assert [line["event"] for line in logs] == ["a charge is unsettled"]
    assert await scene.states() == ["confirming", "confirming"]
    scene.trade.people.clock.advance(400)
    await scene.trade.checkout.expire()
    await asyncio.gather(*[scene.trade.payments.reconcile() for _ in range(3)])
    purchase = await buy(scene.buyer, wanted, "k")
    assert purchase.state == "paid"
    assert await scene.trade.counts(scene.food) == (3, 0, 2)
    assert await scene.number_of_orders() == scene.trade.gateway.charges == 1
    assert len(await scene.trade.payments.my_cards(scene.buyer)) == 1


@pytest.mark.usefixtures("patient")
async def test_an_answer_that_is_lost(scene: Scene) -> None:
    """The gateway took the money, and its answer never came; asking again finds it."""
    with capture_logs() as logs, pytest.raises(PaymentUnsettled):
        await scene.buy(LOST, key="k")
    assert [line["log_level"] for line in logs] == ["warning"]  # foreseen: no fault of this program
    await scene.messages()
    assert await scene.states() == ["sold", "sold"]
    assert await scene.number_of_orders() == 1


@pytest.mark.usefixtures("patient")
async def test_a_crash_before_the_charge(scene: Scene) -> None:
    scene.trade.gateway.crash = "before"
    wanted = await scene.wanted(await scene.by_card())
    buy = scene.trade.checkout.buy
    with capture_logs(), pytest.raises(PaymentUnsettled):
        await buy(scene.buyer, wanted, "k")
    await scene.trade.payments.reconcile()
    assert await scene.states() == ["confirming", "confirming"]  # a call could still be on its way
    scene.trade.people.clock.advance(31)
    await scene.trade.payments.reconcile()
    assert await scene.states() == ["held", "held"]
    scene.trade.gateway.crash = None
    assert (await buy(scene.buyer, wanted, "k")).state == "paid"
    assert scene.trade.gateway.charges == await scene.number_of_orders() == 1


@pytest.mark.usefixtures("patient")
async def test_a_crash_before_the_charge_and_out_of_time(scene: Scene) -> None:
    scene.trade.gateway.crash = "before"
    with capture_logs(), pytest.raises(PaymentUnsettled):
        await scene.buy()
    scene.trade.people.clock.advance(400)
    await scene.trade.payments.reconcile()
    await scene.trade.checkout.expire()
    assert await scene.states() == ["expired", "expired"]
    assert await scene.trade.counts(scene.food) == (5, 0, 0)


async def test_a_buyer_who_comes_back_hurries_it(scene: Scene) -> None:
    """Continuing asks the gateway at once, also when the answer to the purchase itself was lost."""
    with capture_logs(), pytest.raises(PaymentUnsettled):
        await scene.buy(LOST)
    hold = await scene.trade.checkout.get(scene.buyer, scene.holds[0].id)
    assert hold.purchase_id
    assert (await scene.trade.checkout.go_on(scene.buyer, hold.purchase_id)).state == "paid"


@pytest.mark.usefixtures("patient")
async def test_a_listener_that_fails_undoes_the_whole_sale(scene: Scene) -> None:
    """The money is taken; the order cannot be written; it is finished when it can."""
    listeners = scene.trade.people.db.events._inside[OrdersPlaced]
    kept = list(listeners)

    async def broken(tx: object, event: object) -> None:
        raise RuntimeError("no room in the books")

    listeners[:] = [*kept, broken]
    with capture_logs(), pytest.raises(PaymentUnsettled):
        await scene.buy()
    assert await scene.trade.counts(scene.food) == (3, 2, 0)
    listeners[:] = kept
    scene.trade.people.clock.advance(31)
    await scene.trade.payments.reconcile()
    assert await scene.states() == ["sold", "sold"]
    assert await scene.number_of_orders() == 1


async def test_stopping_waits_for_what_is_being_paid(scene: Scene) -> None:
    paying = asyncio.create_task(scene.buy(SLOW))
    await scene.reached("confirming")
    await scene.trade.checkout.stop()
    assert (await paying).state == "paid"


async def test_declined_is_told(scene: Scene) -> None:
    scene.trade.told.clear()
    with pytest.raises(PaymentDeclined):
        await scene.buy("4000000000000119")
    assert why(scene) == ["paying", "paying", "changed", "changed"]
