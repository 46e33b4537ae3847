"""Everything the gateway can do wrong, to the whole program: never charged twice, never shipped unpaid, never paid and
forgotten. At the end the gateway's books are laid beside ours."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.support.books import rows, wrongs
from tests.support.fair import address_in, fair_in
from tests.support.festival import Festival, festival_on
from tests.support.houses import NUMBERS
from tests.support.running import spare_port, started
from tests.support.rush import Crowd
from tests.support.waiting import until

from ennichi.accounts import Account
from ennichi.checkout import Hold, NewHold, NewPurchase, PaymentDeclined, PaymentUnsettled, Purchase
from ennichi.kit.errors import Problem
from ennichi.orders import Refunding, Shipping
from ennichi.payments import PayByCard, PayByKonbini, SandboxGateway
from ennichi.payments.adapters.sandbox import Message, gateway
from ennichi.payments.service import charging

pytestmark = pytest.mark.faults

STOCK = 5
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
KINDS = ["payment.authorised", "payment.captured", "payment.declined", "payment.cancelled", "refund.succeeded", "new"]


@dataclass
class Market:
    """The whole program, a thing of which there are five, and a buyer."""

    festival: Festival
    url: str
    variant_id: str
    keys: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def buyer(self) -> Account:
        """Who buys."""
        return self.festival.buyers[0]

    @property
    def house(self) -> SandboxGateway:
        """The gateway."""
        assert self.festival.app.sandbox is not None
        return self.festival.app.sandbox

    async def hold(self, quantity: int = 2) -> Hold:
        """Something for the basket."""
        wanted = NewHold(variant_id=self.variant_id, quantity=quantity)
        return await self.festival.app.checkout.take(self.buyer, wanted, f"hold-{next(self.keys)}")

    async def wanted(self, hold: Hold, kind: str) -> NewPurchase:
        """A hold, to be paid by a card of that kind, or at a konbini."""
        quote = await self.festival.app.checkout.quote(self.buyer, [hold.id], None)
        pay: PayByCard | PayByKonbini = PayByKonbini()
        if kind != "konbini":
            card = await self.house.issue(number=NUMBERS[kind], exp_month=12, exp_year=2039, cvc="123")
            pay = PayByCard(token=card.token)
        return NewPurchase(hold_ids=[hold.id], pay=pay, total=quote.totals.total)

    async def buy(self, kind: str) -> Purchase:
        """Hold and pay."""
        return await self.pay(await self.wanted(await self.hold(), kind), "the-purchase")

    async def pay(self, wanted: NewPurchase, key: str) -> Purchase:
        """Pay."""
        return await self.festival.app.checkout.buy(self.buyer, wanted, key)

    async def later(self, seconds: float = 0.0) -> None:
        """So much later every job has its turn, twice over."""
        self.festival.clock.advance(seconds)
        app = self.festival.app
        for _ in range(2):
            await self.house.send_messages()
            await app.payments.work_webhooks()
            await app.payments.reconcile()
            await app.payments.work_refunds()
            await app.orders.settle_due()
            await app.checkout.expire()
            # The program's own jobs may have been a step ahead, and are at it still.
            await until(lambda: not rows(self.url, "select 1 from webhooks where worked_at is null"))

    async def at_the_end(self) -> None:
        """Days later, with every chance to go wrong taken, nothing is."""
        for seconds in (31, 16 * MINUTE, HOUR, 4 * DAY, HOUR, DAY):
            await self.later(seconds)
        assert await wrongs(self.url, clock=self.festival.clock) == []

    def counts(self) -> tuple[int, int, int]:
        """Available, held and sold."""
        ((available, held, sold),) = rows(self.url, "select available, held, sold from variants")
        return available, held, sold

    def taken(self) -> list[int]:
        """What the gateway took, and kept."""
        return [
            row[0]
            for row in rows(
                self.url,
                "select amount - (select coalesce(sum(r.amount), 0) from sandbox_refunds r"
                " where r.payment = p.reference) from sandbox_payments p where state = 'captured'",
            )
        ]

    def orders(self) -> list[str]:
        """The states of all orders."""
        return [row[0] for row in rows(self.url, "select state from orders order by id")]

    def reference(self) -> str:
        """The gateway's name for the only payment."""
        ((reference,),) = rows(self.url, "select reference from sandbox_payments")
        return str(reference)

    def charge(self) -> str:
        """The only charge."""
        ((charge,),) = rows(self.url, "select id from charges")
        return str(charge)

    async def says(self, kind: str, event_id: str, charge_id: str) -> None:
        """The gateway says something, whether it is so or not."""
        message = Message(id=event_id, type=kind, created=self.festival.clock.now(), charge_id=charge_id)
        await self.festival.app.payments.receive("sandbox", *await self.house.sign(message))

    async def cannot_be_sent(self, order_id: str) -> None:
        """What is not paid for is not shipped."""
        with pytest.raises(Problem) as refused:
            await self.festival.app.orders.ship(self.festival.keeper, order_id, Shipping(carrier="yamato"))
        assert refused.value.code == "order.wrong_state"


@pytest.fixture
async def market(db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Market]:
    monkeypatch.setattr(gateway, "SLOW_SECONDS", 0.4)
    async with festival_on(db_url, tmp_path) as festival:
        await festival.listing("湧き水", {"": STOCK})
        ((variant_id,),) = rows(db_url, "select id from variants")
        yield Market(festival, db_url, str(variant_id))


@pytest.mark.parametrize("kind", ["good", "noisy", "loses_its_answer", "slow"])
async def test_paid_whatever_the_gateway_does_meanwhile(market: Market, kind: str) -> None:
    """Asked five times at once and again later, it is one order and one charge."""
    wanted = await market.wanted(await market.hold(), kind)
    asked = await asyncio.gather(*(market.pay(wanted, "k") for _ in range(5)), return_exceptions=True)
    assert all(isinstance(one, Purchase | PaymentUnsettled) for one in asked)
    await market.later(31)
    purchase = await market.pay(wanted, "k")
    assert purchase.state == "paid"
    assert {one for one in asked if isinstance(one, Purchase)} <= {purchase}
    assert (market.taken(), market.orders(), market.counts()) == ([wanted.total], ["paid"], (STOCK - 2, 0, 2))
    await market.at_the_end()
    assert (market.taken(), market.orders()) == ([wanted.total], ["paid"])


@pytest.mark.parametrize("kind", ["declined", "broke", "breaks", "wants_proof", "never_proves"])
async def test_not_paid_and_then_with_another_card(market: Market, kind: str) -> None:
    hold = await market.hold()
    wanted = await market.wanted(hold, kind)
    if kind in ("wants_proof", "never_proves"):
        assert (await market.pay(wanted, "k")).state == "action_required"
        await market.house.step(market.reference(), "fail" if kind == "wants_proof" else "approve")
        await market.later()
    reasons = []
    for _ in range(2):
        with pytest.raises(PaymentDeclined) as refused:
            await market.pay(wanted, "k")
        reasons.append(refused.value.params["reason"])
    assert reasons[0] == reasons[1]
    assert (market.taken(), market.orders(), market.counts()) == ([], [], (STOCK - 2, 2, 0))
    assert (await market.pay(await market.wanted(hold, "good"), "k2")).state == "paid"
    await market.at_the_end()
    assert (market.taken(), market.orders(), market.counts()) == ([wanted.total], ["paid"], (STOCK - 2, 0, 2))


async def test_nobody_comes_back_from_three_d_secure(market: Market) -> None:
    purchase = await market.buy("wants_proof")
    await market.later(14 * MINUTE)
    assert market.counts() == (STOCK - 2, 2, 0)
    await market.later(2 * MINUTE)
    assert (await market.festival.app.checkout.purchase(market.buyer, purchase.id)).reason == "expired"
    assert market.counts() == (STOCK, 0, 0)
    with pytest.raises(Problem):
        await market.house.step(market.reference(), "approve")
    await market.at_the_end()
    assert (market.taken(), market.orders()) == ([], [])


async def test_proved_while_it_is_given_up(market: Market) -> None:
    """Whichever comes first, the money and the goods go the same way."""
    purchase = await market.buy("wants_proof")
    app = market.festival.app
    await asyncio.gather(
        market.house.step(market.reference(), "approve"),
        app.checkout.give_up(market.buyer, purchase.id),
        app.checkout.go_on(market.buyer, purchase.id),
        return_exceptions=True,
    )
    await market.at_the_end()
    paid = (await app.checkout.purchase(market.buyer, purchase.id)).state == "paid"
    assert (market.orders(), len(market.taken())) == ((["paid"], 1) if paid else ([], 0))
    assert market.counts() == ((STOCK - 2, 0, 2) if paid else (STOCK, 0, 0))


async def test_a_gateway_that_takes_longer_than_one_waits(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    hold = await market.hold()
    wanted = await market.wanted(hold, "slow")
    with monkeypatch.context() as impatient:
        impatient.setattr(charging, "GATEWAY_SECONDS", 0.1)
        with pytest.raises(PaymentUnsettled):
            await market.pay(wanted, "k")
    with pytest.raises(Problem) as refused:
        await market.pay(wanted, "k2")
    assert refused.value.code == "hold.wrong_state"
    await market.later(31)
    assert (market.taken(), market.orders(), market.counts()) == ([], [], (STOCK - 2, 2, 0))
    paid = await asyncio.gather(*(market.pay(wanted, "k") for _ in range(3)))
    assert (paid[0].state, len({one.id for one in paid})) == ("paid", 1)
    await market.at_the_end()
    assert (market.taken(), market.orders()) == ([wanted.total], ["paid"])


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_messages_in_any_order_and_any_number_and_untrue(market: Market, order: tuple[int, ...]) -> None:
    kinds = [KINDS[place] for place in order] + KINDS[3:]
    purchase = await market.buy("wants_proof")
    charge = market.charge()
    for kind in kinds:
        for _ in range(3):
            await market.says(kind, f"untrue-{kind}", charge)
        await market.later()
    assert (await market.festival.app.checkout.purchase(market.buyer, purchase.id)).state == "action_required"
    assert (market.taken(), market.orders()) == ([], [])
    await market.house.step(market.reference(), "approve")
    for kind in kinds:
        await asyncio.gather(*(market.says(kind, f"late-{kind}", charge) for _ in range(3)))
        await market.later()
    await market.says("payment.captured", "of nobody", "0" * 20)
    await market.at_the_end()
    assert (len(market.taken()), market.orders(), market.counts()) == (1, ["paid"], (STOCK - 2, 0, 2))


async def test_konbini_is_not_shipped_before_it_is_paid(market: Market) -> None:
    purchase = await market.buy("konbini")
    order_id = purchase.order_id or ""
    await market.says("payment.captured", "too early", market.charge())
    await market.later(HOUR)
    assert market.orders() == ["placed"]
    await market.cannot_be_sent(order_id)
    await market.house.step(market.reference(), "pay")
    await market.later()
    assert market.orders() == ["paid"]
    await market.festival.app.orders.ship(market.festival.keeper, order_id, Shipping(carrier="yamato"))
    await market.at_the_end()
    assert len(market.taken()) == 1


@pytest.mark.parametrize("way", ["expired", "cancelled"])
async def test_konbini_money_that_comes_after_the_end_goes_back(market: Market, way: str) -> None:
    """The counter took it although it should not have: the goods may be somebody else's by now."""
    purchase = await market.buy("konbini")
    order_id = purchase.order_id or ""
    if way == "expired":
        await market.later(5 * DAY)
    else:
        await market.festival.app.orders.cancel(market.buyer, order_id)
    assert (market.orders(), market.counts()) == (["cancelled"], (STOCK, 0, 0))
    with pytest.raises(Problem):
        await market.house.step(market.reference(), "pay")
    rows(market.url, "update sandbox_payments set state = 'captured', reason = null returning 1")
    await market.says("payment.captured", "late", market.charge())
    await market.later(MINUTE)
    await market.cannot_be_sent(order_id)
    await market.at_the_end()
    assert (market.taken(), market.orders(), market.counts()) == ([0], ["cancelled"], (STOCK, 0, 0))


async def test_money_that_is_given_back_while_the_gateway_repeats_itself(market: Market) -> None:
    purchase = await market.buy("noisy")
    app, order_id = market.festival.app, purchase.order_id or ""
    await market.later(3)
    await app.orders.refund(market.festival.keeper, order_id, Refunding(amount=300))
    for _ in range(3):
        await asyncio.gather(*(app.payments.work_refunds() for _ in range(3)))
        await market.says("refund.succeeded", "again", market.charge())
    await app.orders.cancel(market.festival.keeper, order_id)
    await market.cannot_be_sent(order_id)
    await market.at_the_end()
    assert (market.taken(), market.orders(), market.counts()) == ([0], ["cancelled"], (STOCK, 0, 0))


async def test_the_program_is_killed_while_the_gateway_takes_its_time(tmp_path: Path) -> None:
    """What had not arrived at the gateway is not charged; the same request, sent again, is paid once."""
    fair, port = await fair_in(tmp_path, buyers=4), spare_port()
    crowd = Crowd(fair, [f"http://127.0.0.1:{port}"])
    bodies: list[dict[str, Any]] = []
    try:
        with started("up", port, "--data", str(tmp_path)) as program:
            bodies += [await buyer.basket("slow") for buyer in crowd.buyers]
            asking = [
                asyncio.create_task(buyer.ask("POST", "/purchases", body, "slow"))
                for buyer, body in zip(crowd.buyers, bodies, strict=True)
            ]
            url = address_in(tmp_path)
            await until(lambda: len(rows(url, "select 1 from charges where state = 'pending'")) == len(bodies))
            program.process.kill()
            program.process.wait()
            assert set(await asyncio.gather(*asking)) == {None}
        with started("up", port, "--data", str(tmp_path)):
            await crowd.come_to_an_end(url)
            assert rows(url, "select 1 from sandbox_payments") == rows(url, "select 1 from orders") == []
            again = [(buyer, body) for buyer, body in zip(crowd.buyers, bodies, strict=True) for _ in range(2)]
            paid = await asyncio.gather(*(buyer.sure("POST", "/purchases", body, "slow") for buyer, body in again))
            assert len({one["order_id"] for one in paid}) == len(bodies)
            assert len(rows(url, "select 1 from sandbox_payments where state = 'captured'")) == len(bodies)
            assert await wrongs(url) == []
    finally:
        await crowd.leave()
