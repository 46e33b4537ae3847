"""What becomes of orders: sent, received, rated, settled, cancelled, given back; and what is refused."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from tests.support.till import DAY, SHIPPING, Basket, Till, till_on

from ennichi.accounts import Account
from ennichi.catalog import Listing, ListingEdit
from ennichi.checkout import NewHold, PaymentUnsettled, PerBuyer
from ennichi.kit.errors import Problem
from ennichi.orders import (
    AlreadyRated,
    Order,
    OrderNotFound,
    OrdersMoved,
    OrdersRecorded,
    Rating,
    RefundChanged,
    Refunding,
    RefundTooLarge,
    ReturnedLine,
    Shipping,
    UnitsReturned,
    WrongState,
)
from ennichi.payments import GatewaySilent
from ennichi.stores import Store

YAMATO = Shipping(carrier="yamato", tracking="4471-2203-8816")
CALLS = ("ship", "receive", "rate", "cancel", "refund")


@pytest.fixture
async def till(db_url: str, tmp_path: Path) -> AsyncIterator[Till]:
    async with till_on(db_url, tmp_path, fee_bps=500) as built:
        yield built


class Scene:
    """A stall with two things, and a buyer."""

    keeper: Account
    store: Store
    water: Listing
    sweets: Listing
    buyer: Account


@pytest.fixture
async def scene(till: Till) -> Scene:
    scene = Scene()
    scene.keeper, scene.buyer = await till.people.person("Keeper"), await till.people.person("Buyer")
    scene.store = await till.stall(scene.keeper)
    scene.water = await till.listing(scene.keeper, scene.store)
    scene.sweets = await till.listing(scene.keeper, scene.store, price=1000)
    return scene


async def both(till: Till, scene: Scene) -> Order:
    return await till.buy(scene.buyer, Basket(scene.water, 2), Basket(scene.sweets))


async def test_a_basket_becomes_one_order(till: Till, scene: Scene) -> None:
    order = await both(till, scene)
    assert (order.state, order.quantity, order.lines_count, order.total) == ("paid", 3, 2, 3960 + SHIPPING)
    assert [what.what for what in order.history] == ["placed", "paid"]
    assert (order.ship_by.isoformat(), order.role, order.unread) == ("2026-11-24", "buyer", 0)
    assert order.can == ["say", "ask_cancel", "receipt"]
    assert await till.counts(scene.water) == (7, 0, 2)
    assert await till.booked("clearing:%") == -order.total
    (recorded,) = [event for event in till.told if isinstance(event, OrdersRecorded)]
    assert [one.order.id for one in recorded.orders] == [order.id]
    await till.orders.send_mails()
    (mail,) = till.post.mails
    assert mail.to == "buyer@example.com"
    assert order.number in mail.subject
    assert f"https://market.example/orders/{order.id}" in mail.text


async def test_many_at_once_are_numbered_without_gaps(till: Till, scene: Scene) -> None:
    placed = [
        await till.place(await till.people.person(f"B{n}"), [Basket(scene.water)], "card", None) for n in range(4)
    ]
    async with till.people.db.transaction() as tx:
        await till.sell(tx, placed)
    await till.buy(scene.buyer, Basket(scene.water))
    numbers = [order.number for order in await till.orders.of_store(scene.keeper, scene.store.id)]
    assert sorted(numbers) == [f"EN-2611-{n:04d}" for n in range(1, 6)]
    counts = await till.orders.counts(scene.keeper, scene.store.id)
    assert (counts.paid, counts.shipped) == (5, 0)


async def test_the_whole_way(till: Till, scene: Scene) -> None:
    order = await both(till, scene)
    sent = await till.orders.ship(scene.keeper, order.id, YAMATO)
    assert sent.shipment
    assert (sent.state, sent.shipment.carrier, sent.arrives_by.isoformat()) == ("shipped", "yamato", "2026-11-25")
    assert sent.shipment.url == "https://toi.kuronekoyamato.co.jp/cgi-bin/tneko?init&number01=447122038816"
    again = await till.orders.ship(scene.keeper, order.id, Shipping(carrier="飛脚", tracking="９"))
    assert again.shipment
    assert (again.shipment.tracking, again.shipment.url, again.arrives_by.isoformat()) == ("9", None, "2026-11-26")
    got = await till.orders.receive(scene.buyer, order.id, Rating(stars=4, comment=" よかった\n"))
    assert got.rating
    assert (got.state, got.rating.stars, got.rating.comment, got.can) == ("received", 4, "よかった", ["say", "receipt"])
    await till.orders.settle_due()
    await till.orders.settle_due()
    done = await till.orders.get(scene.buyer, order.id)
    assert [what.what for what in done.history] == ["placed", "paid", "shipped", "received", "rated", "settled"]
    fee = order.total * 500 // 10_000
    assert await till.booked("fees") == -fee
    assert await till.booked("clearing:%") == 0
    assert await till.booked("store:%") + await till.booked("fee_tax") == fee - order.total
    async with till.people.db.read() as conn:
        store = await till.people.stores.get(conn, scene.store.id, None)
    assert (store.rating, store.ratings) == (4.0, 1)
    states = [event.orders[0].order.state for event in till.told if isinstance(event, OrdersMoved)]
    assert states == ["shipped", "shipped", "received", "settled"]


async def test_who_says_nothing_has_received_it_eight_days_later(till: Till, scene: Scene) -> None:
    order = await both(till, scene)
    await till.orders.ship(scene.keeper, order.id, YAMATO)
    for days, state in ((3, "shipped"), (8, "shipped"), (1, "received")):
        till.people.clock.advance(days * DAY)
        await till.orders.receive_overdue()
        assert (await till.orders.get(scene.buyer, order.id)).state == state
    rated = await till.orders.rate(scene.buyer, order.id, Rating(stars=5))
    assert rated.history[-2].by == "time"
    with pytest.raises(AlreadyRated):
        await till.orders.rate(scene.buyer, order.id, Rating(stars=1))


async def test_the_store_cancels_and_everything_goes_back(till: Till, scene: Scene) -> None:
    order = await both(till, scene)
    gone = await till.orders.cancel(scene.keeper, order.id, "割れました")
    assert (gone.state, gone.refunded, gone.refundable, gone.refunds[0].state) == ("cancelled", 0, 0, "pending")
    assert await till.counts(scene.water) == (9, 0, 0)
    assert await till.booked("refunds:%") == -order.total
    await till.payments.work_refunds()
    await till.payments.work_refunds()
    back = await till.orders.get(scene.buyer, order.id)
    assert (back.refunded, back.refunds[0].state) == (order.total, "done")
    assert [(what.what, what.by) for what in back.history][-2:] == [("cancelled", "store"), ("refund_done", "payment")]
    assert await till.booked("%") == await till.booked("gateway") == 0
    (returned,) = [event for event in till.told if isinstance(event, UnitsReturned)]
    assert returned.units == 3
    await till.orders.send_mails()
    assert "割れました" in till.post.mails[-1].text


async def test_a_buyer_asks_and_the_store_decides(till: Till, scene: Scene) -> None:
    order = await both(till, scene)
    asked = await till.orders.cancel(scene.buyer, order.id, "まちがえました")
    assert (asked.state, asked.cancel_asked, asked.can) == ("paid", True, ["say", "receipt"])
    seen = await till.orders.get(scene.keeper, order.id)
    assert (seen.cancel_asked, seen.history[-1].reason) == (True, "まちがえました")
    sent = await till.orders.ship(scene.keeper, order.id, YAMATO)
    assert not sent.cancel_asked


async def test_konbini_is_paid_or_runs_out(till: Till, scene: Scene) -> None:
    order = await till.buy(scene.buyer, Basket(scene.water, 2), how="konbini")
    assert order.pay
    assert (order.state, order.pay_by, order.can) == ("placed", order.pay.pay_by, ["say", "cancel"])
    assert (order.ship_by.isoformat(), order.arrives_by.isoformat()) == ("2026-11-24", "2026-11-27")
    assert await till.booked("%") == 0
    with pytest.raises(WrongState):
        await till.orders.ship(scene.keeper, order.id, YAMATO)
    till.people.clock.advance(DAY)
    await till.at_shop(order, "pay")
    paid = await till.orders.get(scene.buyer, order.id)
    assert (paid.state, paid.pay, paid.pay_by, paid.ship_by.isoformat()) == ("paid", None, None, "2026-11-25")
    assert paid.arrives_by.isoformat() == "2026-11-28"
    assert await till.booked("gateway") == order.total

    other = await till.buy(scene.buyer, Basket(scene.water, 3), how="konbini")
    await till.at_shop(other, "expire")
    gone = await till.orders.get(scene.buyer, other.id)
    assert (gone.state, gone.history[-1].by, gone.refunds, gone.can) == ("cancelled", "time", [], ["say"])
    assert await till.counts(scene.water) == (7, 0, 2)
    assert await till.booked("gateway") == order.total


@pytest.mark.parametrize("side", ["buyer", "keeper"])
async def test_an_unpaid_order_is_cancelled_by_either(till: Till, scene: Scene, side: str) -> None:
    order = await till.buy(scene.buyer, Basket(scene.water, 2), how="konbini")
    gone = await till.orders.cancel(getattr(scene, side), order.id, "やめます")
    assert (gone.state, gone.history[-1].by) == ("cancelled", "store" if side == "keeper" else "buyer")
    assert await till.counts(scene.water) == (9, 0, 0)


@pytest.mark.parametrize("side", ["buyer", "keeper"])
async def test_a_gateway_that_says_nothing_leaves_an_unpaid_order_as_it_is(
    till: Till, scene: Scene, monkeypatch: pytest.MonkeyPatch, side: str
) -> None:
    order = await till.buy(scene.buyer, Basket(scene.water, 2), how="konbini")

    async def silent(_: object) -> None:
        raise GatewaySilent

    with monkeypatch.context() as patched:
        patched.setattr(till.gateway, "find", silent)
        for _ in range(2):
            with pytest.raises(PaymentUnsettled):
                await till.orders.cancel(getattr(scene, side), order.id, "やめます")
    assert not (await till.orders.get(scene.keeper, order.id)).cancel_asked
    await till.at_shop(order, "pay")
    paid = await till.orders.get(scene.keeper, order.id)
    assert (paid.state, paid.cancel_asked) == ("paid", False)
    asked = await till.orders.cancel(scene.buyer, order.id, "やはりやめます")
    assert (asked.cancel_asked, asked.history[-1].reason) == (True, "やはりやめます")


async def test_a_part_goes_back_and_is_counted_when_it_is_there(till: Till, scene: Scene) -> None:
    order = await both(till, scene)
    sent = await till.orders.ship(scene.keeper, order.id, YAMATO)
    line = ReturnedLine(variant_id=scene.water.variants[0].id, quantity=1)
    part = await till.orders.refund(scene.keeper, sent.id, Refunding(lines=[line], restock=True, reason="一本割れ"))
    assert (part.state, part.refunded, part.refundable) == ("shipped", 0, order.total - 1480)
    assert [one.returned for one in part.lines] == [1, 0]
    assert await till.counts(scene.water) == (8, 0, 1)
    with pytest.raises(RefundTooLarge) as refused:
        await till.orders.refund(scene.keeper, order.id, Refunding(amount=order.total))
    assert refused.value.params == {"left": order.total - 1480}
    await till.payments.work_refunds()
    assert (await till.orders.get(scene.buyer, order.id)).refunded == 1480
    rest = await till.orders.refund(scene.keeper, order.id, Refunding())
    assert (rest.state, rest.refundable) == ("refunded", 0)
    assert await till.counts(scene.water) == (8, 0, 1)
    await till.payments.work_refunds()
    assert (await till.orders.get(scene.buyer, order.id)).refunded == order.total
    assert await till.booked("gateway") == 0


async def test_what_went_back_may_be_bought_again(till: Till, scene: Scene) -> None:
    await till.catalog.edit(scene.keeper, scene.water.id, ListingEdit(per_buyer=3))
    order = await till.buy(scene.buyer, Basket(scene.water, 3))
    await till.orders.ship(scene.keeper, order.id, YAMATO)
    for left in (1, 2, 3):
        line = ReturnedLine(variant_id=scene.water.variants[0].id, quantity=1)
        await till.orders.refund(scene.keeper, order.id, Refunding(lines=[line]))
        wanted = NewHold(variant_id=line.variant_id, quantity=4)
        with pytest.raises(PerBuyer) as refused:
            await till.checkout.take(scene.buyer, wanted, till.new())
        assert refused.value.params == {"limit": 3, "left": left}
    assert await till.counts(scene.water) == (6, 0, 3)


async def test_after_settlement_the_store_and_the_fee_give_back(till: Till, scene: Scene) -> None:
    order = await both(till, scene)
    await till.orders.ship(scene.keeper, order.id, YAMATO)
    await till.orders.receive(scene.buyer, order.id)
    await till.orders.settle_due()
    await till.orders.refund(scene.keeper, order.id, Refunding())
    await till.payments.work_refunds()
    assert (await till.orders.get(scene.buyer, order.id)).state == "refunded"
    for account in ("gateway", "fees", "fee_tax", "store:%", "refunds:%"):
        assert await till.booked(account) == 0


async def test_never_more_than_was_paid_whoever_asks_at_once(till: Till, scene: Scene) -> None:
    order = await both(till, scene)
    half = Refunding(amount=order.total // 2 + 1)
    asked = await asyncio.gather(
        *[till.orders.refund(scene.keeper, order.id, half) for _ in range(5)], return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in asked) == ["Order"] + ["RefundTooLarge"] * 4
    both_ways = await asyncio.gather(
        till.orders.cancel(scene.keeper, order.id), till.orders.refund(scene.keeper, order.id, Refunding()),
        return_exceptions=True,
    )  # fmt: skip
    assert sum(isinstance(one, Order) for one in both_ways) == 1
    await till.payments.work_refunds()
    done = await till.orders.get(scene.buyer, order.id)
    assert (done.refunded, sum(one.amount for one in done.refunds)) == (order.total, order.total)
    assert await till.booked("gateway") == 0


async def test_the_same_refund_sent_twice_gives_back_once(till: Till, scene: Scene) -> None:
    order = await both(till, scene)
    part = Refunding(amount=500, left=order.total)
    sent = await asyncio.gather(
        *[till.orders.refund(scene.keeper, order.id, part) for _ in range(3)], return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in sent) == ["Order", "RefundChanged", "RefundChanged"]
    assert [one.params for one in sent if isinstance(one, RefundChanged)] == [{"left": order.total - 500}] * 2
    again = await till.orders.refund(scene.keeper, order.id, Refunding(amount=500, left=order.total - 500))
    assert (again.refundable, len(again.refunds)) == (order.total - 1000, 2)


async def move(till: Till, scene: Scene, order: Order, what: str) -> Order:
    """Do one thing, as the side that may."""
    match what:
        case "ship":
            return await till.orders.ship(scene.keeper, order.id, YAMATO)
        case "receive":
            return await till.orders.receive(scene.buyer, order.id)
        case "rate":
            return await till.orders.rate(scene.buyer, order.id, Rating(stars=3))
        case "cancel":
            return await till.orders.cancel(scene.keeper, order.id)
        case _:
            return await till.orders.refund(scene.keeper, order.id, Refunding())


@pytest.mark.parametrize(
    ("way", "allowed"),
    [
        ([], {"ship", "cancel", "refund"}),
        (["ship"], {"ship", "receive", "refund"}),
        (["ship", "receive"], {"rate", "refund"}),
        (["ship", "receive", "rate"], {"refund"}),
        (["cancel"], set()),
        (["refund"], set()),
        (["ship", "receive", "refund"], set()),
    ],
)
async def test_every_other_way_is_refused(till: Till, scene: Scene, way: list[str], allowed: set[str]) -> None:
    order = await both(till, scene)
    for step in way:
        order = await move(till, scene, order, step)
    before = await till.orders.get(scene.keeper, order.id)
    for what in sorted(set(CALLS) - allowed):
        with pytest.raises(Problem) as refused:
            await move(till, scene, order, what)
        assert refused.value.code in ("order.wrong_state", "order.rated")
        assert refused.value.status == 409
    assert await till.orders.get(scene.keeper, order.id) == before


async def test_only_its_two_sides_move_it(till: Till, scene: Scene) -> None:
    order = await both(till, scene)
    stranger = await till.people.person("Stranger")
    for act in (
        till.orders.ship(scene.buyer, order.id, YAMATO),
        till.orders.refund(scene.buyer, order.id, Refunding()),
        till.orders.receive(scene.keeper, order.id),
        till.orders.rate(scene.keeper, order.id, Rating(stars=5)),
        till.orders.cancel(stranger, order.id),
        till.orders.messages(stranger, order.id),
        till.orders.cancel(scene.buyer, "0" * 20),
        till.orders.cancel(scene.buyer, "nonsense"),
    ):
        with pytest.raises(OrderNotFound):
            await act


async def test_history_is_never_changed(till: Till, scene: Scene, db_url: str) -> None:
    await both(till, scene)
    async with await psycopg.AsyncConnection.connect(db_url, autocommit=True) as conn:
        for statement in ("update order_events set reason = 'x'", "delete from order_events", "truncate order_events"):
            with pytest.raises(psycopg.errors.RestrictViolation):
                await conn.execute(statement.encode())
