"""Purchases: what a basket costs, what is missing, and that a request carried out once is carried out once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.support.buying import Scene, scene_on
from tests.support.trade import ADDRESS, BROKE, DECLINES, SLOW

from ennichi.checkout import (
    AddressMissing,
    CardMissing,
    HoldChanged,
    HoldExpired,
    HoldNotFound,
    KeyReused,
    MixedStores,
    NewPurchase,
    OrdersPlaced,
    PaymentDeclined,
    PurchaseNotFound,
    PurchaseWrongState,
    TaxPart,
    TotalChanged,
    WrongState,
)
from ennichi.kit.errors import Invalid
from ennichi.payments import CardInvalid, CardNotFound, PayByCard
from ennichi.shows import ShowNotFound


async def shortly(seconds: float) -> None:
    await asyncio.sleep(seconds / 10)


@pytest.fixture
async def scene(db_url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_on(db_url, tmp_path, sleep=shortly) as scene:
        yield scene


async def test_a_basket_of_three_with_two_tax_rates(scene: Scene) -> None:
    await scene.hold(scene.food, 2)  # 2 x 1480 at 8 %, sent for the store's 660
    await scene.hold(scene.bowl, 1)  # 3200 at 10 %, sent for 700
    await scene.hold(scene.bowl, 2, variant=1)  # 2 x 2800 at 10 %
    quote = await scene.trade.checkout.quote(scene.buyer, [hold.id for hold in scene.holds], "東京都")
    assert [(line.quantity, line.amount, line.tax_rate) for line in quote.lines] == [
        (2, 2960, 8), (1, 3200, 10), (2, 5600, 10),
    ]  # fmt: skip
    # The dearest single fee, and 100 for each of the two bowls more; the food costs nothing more in the same parcel.
    assert (quote.totals.items, quote.totals.shipping, quote.totals.total) == (11_760, 900, 12_660)
    assert quote.totals.taxes == [TaxPart(rate=10, amount=9700 * 10 // 110), TaxPart(rate=8, amount=2960 * 8 // 108)]
    assert quote.totals.tax == 881 + 219
    purchase = await scene.buy()
    assert (purchase.state, purchase.total, purchase.reason, purchase.action) == ("paid", 12_660, None, None)
    assert await scene.states() == ["sold"] * 3
    assert await scene.trade.counts(scene.food) == (3, 0, 2)
    assert await scene.trade.counts(scene.bowl) == (4, 0, 1)
    assert purchase.order_id
    order = await scene.trade.orders.get(scene.buyer, purchase.order_id)
    assert (order.total, order.totals, order.state) == (12_660, quote.totals, "paid")
    assert [(line.title, line.variant_name, line.amount) for line in order.lines] == [
        ("湧き水", "", 2960), ("藍の鉢", "藍", 3200), ("藍の鉢", "白", 5600),
    ]  # fmt: skip
    (placed,) = [event for event in scene.trade.told if isinstance(event, OrdersPlaced)]
    assert [one.order_id for one in placed.orders] == [order.id]
    await scene.trade.orders.send_mails()
    assert [mail.to for mail in scene.trade.people.mails.mails()] == ["buyer@example.com"]
    told = [(event.hold.state, event.why) for event in scene.trade.told if isinstance(event, HoldChanged)]
    assert told[-6:] == [("confirming", "paying")] * 3 + [("sold", "sold")] * 3


async def test_shipping_is_as_far_as_it_goes(scene: Scene) -> None:
    await scene.hold(scene.bowl, 2)
    ids = [hold.id for hold in scene.holds]
    fees = {
        where: (await scene.trade.checkout.quote(scene.buyer, ids, where)).totals.shipping
        for where in (None, "東京都", "北海道", "沖縄県")
    }
    assert fees == {None: 800, "東京都": 800, "北海道": 1500, "沖縄県": 1500}
    far = replace(ADDRESS, prefecture="北海道", postal_code="0600001", city="札幌市中央区")
    near = await scene.wanted(await scene.by_card())
    with pytest.raises(TotalChanged) as caught:
        await scene.trade.checkout.buy(scene.buyer, replace_of(near, address=far), scene.trade.key())
    assert caught.value.params == {"total": 7900}
    assert await scene.states() == ["held"]
    purchase = await scene.trade.checkout.buy(scene.buyer, await scene.wanted(near.pay, far), scene.trade.key())
    assert purchase.total == 7900
    with pytest.raises(Invalid):
        await scene.trade.checkout.quote(scene.buyer, ids, "Tokyo")


async def test_free_over_an_amount_of_the_whole_basket(scene: Scene) -> None:
    await scene.hold(scene.bowl, 4)
    await scene.hold(scene.bowl, 2, variant=1)
    assert (await scene.wanted()).total == 18_400 + 700 + 500
    await scene.hold(scene.food, 2)
    # 21,360 of goods: the bowls are sent for nothing, the food for the store's fee.
    assert (await scene.wanted()).total == 18_400 + 2960 + 660


async def test_a_hold_alone_costs_what_it_says(scene: Scene) -> None:
    hold = await scene.hold(scene.bowl, 2)
    assert hold.totals.total == (await scene.wanted()).total == 7200


async def test_a_basket_is_what_is_held_at_the_store(scene: Scene) -> None:
    show = await scene.trade.shows.create(
        scene.keeper, scene.store.id, title="夜", cover_id=None, planned_at=None, listing_ids=[scene.bowl.id]
    )
    assert await scene.trade.checkout.basket(scene.buyer, show.id) is None
    first = await scene.hold(scene.food)
    scene.trade.people.clock.advance(30)
    await scene.hold(scene.bowl, show_id=show.id)
    basket = await scene.trade.checkout.basket(scene.buyer, show.id)
    assert basket
    assert basket.hold_ids == [hold.id for hold in scene.holds]
    assert (basket.expires_at, basket.store.id, basket.guest) == (first.expires_at, scene.store.id, False)
    assert (basket.address, basket.card, basket.methods) == (None, None, ["card", "konbini"])
    other = await scene.trade.people.person("Other")
    elsewhere = await scene.trade.listing(other, await scene.trade.stall(other, "elsewhere"))
    await scene.hold(elsewhere)
    assert (await scene.trade.checkout.basket(scene.buyer, show.id)) == basket
    assert await scene.trade.checkout.basket(other, show.id) is None
    with pytest.raises(MixedStores):
        await scene.wanted()
    ids = [hold.id for hold in scene.holds]
    with pytest.raises(MixedStores):
        await scene.trade.checkout.buy(scene.buyer, NewPurchase(hold_ids=ids, address=ADDRESS, total=1), "mixed")
    for nowhere in ("0" * 20, "\0"):
        with pytest.raises(ShowNotFound):
            await scene.trade.checkout.basket(scene.buyer, nowhere)
    scene.trade.people.clock.advance(271)
    later = await scene.trade.checkout.basket(scene.buyer, show.id)
    assert later
    assert later.hold_ids == [ids[1]]
    with pytest.raises(HoldExpired):
        await scene.trade.checkout.quote(scene.buyer, ids[:2], None)


async def test_saved_for_next_time(scene: Scene) -> None:
    await scene.hold(scene.food)
    await scene.buy(save=True)
    (card,) = await scene.trade.payments.my_cards(scene.buyer)
    assert (card.brand, card.last4) == ("visa", "4242")
    scene.holds.clear()
    hold = await scene.hold(scene.food)
    assert (hold.address, hold.card) == (ADDRESS, card)
    quote = await scene.trade.checkout.quote(scene.buyer, [hold.id], None)
    assert (quote.address, quote.card) == (ADDRESS, card)
    buy = scene.trade.checkout.buy
    left_out = NewPurchase(hold_ids=[hold.id], total=quote.totals.total)
    assert (await buy(scene.buyer, left_out, scene.trade.key())).state == "paid"
    again = await scene.hold(scene.food)
    named = NewPurchase(hold_ids=[again.id], pay=PayByCard(card_id=card.id), total=again.totals.total)
    assert (await buy(scene.buyer, named, scene.trade.key())).state == "paid"
    assert len(await scene.trade.payments.my_cards(scene.buyer)) == 1


async def test_what_is_missing(scene: Scene) -> None:
    hold = await scene.hold(scene.food)
    pay, total = await scene.by_card(), hold.totals.total
    for wanted, problem in [
        (NewPurchase(hold_ids=[hold.id], pay=pay, total=total), AddressMissing),
        (NewPurchase(hold_ids=[hold.id], address=ADDRESS, total=total), CardMissing),
        (NewPurchase(hold_ids=[hold.id], address=ADDRESS, pay=pay, total=total - 1), TotalChanged),
        (NewPurchase(hold_ids=[hold.id], address=ADDRESS, pay=PayByCard(token="no"), total=total), CardInvalid),
        (NewPurchase(hold_ids=[hold.id], address=ADDRESS, pay=PayByCard(card_id="0" * 20), total=total), CardNotFound),
        (NewPurchase(hold_ids=[hold.id, "0" * 20], address=ADDRESS, pay=pay, total=total), HoldNotFound),
        (NewPurchase(hold_ids=["\0"], address=ADDRESS, pay=pay, total=total), HoldNotFound),
        (
            NewPurchase(hold_ids=[hold.id], address=replace(ADDRESS, prefecture="東京"), pay=pay, total=total),
            Invalid,
        ),
    ]:
        # A request that fails leaves no key behind.
        with pytest.raises(problem):
            await scene.trade.checkout.buy(scene.buyer, wanted, "k")
    assert await scene.states() == ["held"]
    assert scene.trade.gateway.charges == 0
    assert (await scene.trade.checkout.buy(scene.buyer, await scene.wanted(pay), "k")).state == "paid"


async def test_declined_then_another_card(scene: Scene) -> None:
    await scene.hold(scene.food, 2)
    await scene.hold(scene.bowl)
    for number, reason in [(DECLINES, "card_declined"), (BROKE, "insufficient_funds")]:
        with pytest.raises(PaymentDeclined) as caught:
            await scene.buy(number, save=True)
        assert caught.value.params == {"reason": reason}
        assert await scene.states() == ["held", "held"]
    assert await scene.trade.counts(scene.food) == (3, 2, 0)
    assert await scene.trade.payments.my_cards(scene.buyer) == []
    assert await scene.number_of_orders() == 0
    purchase = await scene.buy()
    assert purchase.order_id
    assert (await scene.trade.orders.get(scene.buyer, purchase.order_id)).number == "EN-2611-0001"


async def test_the_same_key_gives_the_same_answer(scene: Scene) -> None:
    await scene.hold(scene.food)
    buy = scene.trade.checkout.buy
    declined = await scene.wanted(await scene.by_card(DECLINES))
    for _ in range(2):
        with pytest.raises(PaymentDeclined):
            await buy(scene.buyer, declined, "declined")
    wanted = await scene.wanted(await scene.by_card())
    answers = [await buy(scene.buyer, wanted, "k") for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert scene.trade.gateway.charges == 2
    with pytest.raises(KeyReused):
        await buy(scene.buyer, declined, "k")


async def test_many_at_once_pay_once(scene: Scene) -> None:
    await scene.hold(scene.food, 2)
    await scene.hold(scene.bowl)
    wanted = await scene.wanted(await scene.by_card(SLOW))
    buy = scene.trade.checkout.buy
    same = [buy(scene.buyer, wanted, "k") for _ in range(6)]
    others = [buy(scene.buyer, wanted, f"other-{n}") for n in range(4)]
    clash = buy(scene.buyer, replace_of(wanted, save=True), "k")
    *results, reused = await asyncio.gather(*same, *others, clash, return_exceptions=True)
    assert {result.id for result in results[:6] if not isinstance(result, BaseException)} == {results[0].id}  # type: ignore[union-attr]  # it is one
    assert [type(result) for result in results[6:]] == [WrongState] * 4
    assert isinstance(reused, KeyReused)
    assert scene.trade.gateway.charges == 1
    assert await scene.trade.counts(scene.food) == (3, 0, 2)
    assert await scene.number_of_orders() == 1


async def test_many_buyers_at_once_are_sold_to_together(scene: Scene) -> None:
    listing = await scene.trade.listing(scene.keeper, scene.store, stock=40)
    buyers = [await scene.trade.people.person(f"Buyer{n}") for n in range(30)]
    holds = [await scene.trade.hold(buyer, listing) for buyer in buyers]
    good, bad = await scene.trade.token(), await scene.trade.token(DECLINES)

    async def one(n: int) -> str:
        wanted = NewPurchase(
            hold_ids=[holds[n].id if n != 7 else holds[8].id],  # somebody else's
            address=ADDRESS,
            pay=PayByCard(token=bad if n % 10 == 3 else good),
            total=holds[n].totals.total - (n % 10 == 5),
        )
        return (await scene.trade.checkout.buy(buyers[n], wanted, "k")).state

    results = await asyncio.gather(*(one(n) for n in range(30)), return_exceptions=True)
    kinds = [type(result) for result in results]
    assert [kinds[n] for n in (3, 13, 23)] == [PaymentDeclined] * 3
    assert [kinds[n] for n in (5, 15, 25)] == [TotalChanged] * 3
    assert kinds[7] is HoldNotFound
    assert results.count("paid") == 23
    assert await scene.trade.counts(listing) == (10, 7, 23)
    orders = [order for buyer in buyers for order in await scene.trade.orders.mine(buyer)]
    assert sorted(order.number for order in orders) == [f"EN-2611-{n:04d}" for n in range(1, 24)]


async def test_what_is_being_paid_does_not_run_out(scene: Scene) -> None:
    hold = await scene.hold(scene.food, 2)
    scene.trade.people.clock.advance(299)
    paying = asyncio.create_task(scene.buy(SLOW))
    await scene.reached("confirming")
    scene.trade.people.clock.advance(60)
    assert await scene.trade.checkout.expire() == 0
    for call in (
        scene.trade.checkout.change(scene.buyer, hold.id, 1),
        scene.trade.checkout.release(scene.buyer, hold.id),
        scene.trade.hold(scene.buyer, scene.food, 1),
        scene.wanted(),
    ):
        with pytest.raises(WrongState):
            await call
    await paying
    assert await scene.trade.counts(scene.food) == (3, 0, 2)


async def test_a_buyer_who_hangs_up_has_bought(scene: Scene) -> None:
    await scene.hold(scene.food)
    paying = asyncio.create_task(scene.buy(SLOW))
    await scene.reached("confirming")
    paying.cancel()
    await scene.trade.checkout.stop()
    assert await scene.states() == ["sold"]


async def test_too_late_and_not_yours(scene: Scene) -> None:
    await scene.hold(scene.food)
    wanted = await scene.wanted(await scene.by_card())
    other = await scene.trade.people.person("Other")
    with pytest.raises(HoldNotFound):
        await scene.trade.checkout.buy(other, wanted, scene.trade.key())
    with pytest.raises(HoldNotFound):
        await scene.trade.checkout.quote(other, wanted.hold_ids, None)
    scene.trade.people.clock.advance(300)
    for _ in range(2):
        with pytest.raises(HoldExpired):
            await scene.trade.checkout.buy(scene.buyer, wanted, scene.trade.key())
        await scene.trade.checkout.expire()
    assert scene.trade.gateway.charges == 0


async def test_a_purchase_is_its_buyers(scene: Scene) -> None:
    await scene.hold(scene.food)
    purchase = await scene.buy()
    assert await scene.now(purchase) == purchase
    assert await scene.trade.checkout.go_on(scene.buyer, purchase.id) == purchase
    with pytest.raises(PurchaseWrongState) as caught:
        await scene.trade.checkout.give_up(scene.buyer, purchase.id)
    assert caught.value.params == {"state": "paid", "order_id": purchase.order_id}
    with pytest.raises(WrongState) as sold:
        await scene.buy()
    assert sold.value.params == {"state": "sold", "order_id": purchase.order_id}
    other = await scene.trade.people.person("Other")
    checkout = scene.trade.checkout
    for call in (checkout.purchase, checkout.go_on, checkout.give_up):
        for actor, purchase_id in [(other, purchase.id), (scene.buyer, "0" * 20), (scene.buyer, "\0")]:
            with pytest.raises(PurchaseNotFound):
                await call(actor, purchase_id)


def replace_of(wanted: NewPurchase, **changes: object) -> NewPurchase:
    """The same, but for these."""
    return replace(wanted, **changes)
