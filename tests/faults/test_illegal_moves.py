"""Every way that is not drawn: holds, purchases, charges, orders and withdrawals refuse it with their code, or, where a
gateway speaks, stay as they are."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, get_args

import pytest
from tests.support.cashbox import CashBox, cashbox_on
from tests.support.counter import API, Counter, code_of, counter_on, key
from tests.support.pages import Browser
from tests.support.people import EVENING
from tests.support.purse import BANK, Purse, purse_on
from tests.support.running import ADDRESS, CARD

from ennichi.checkout import model, purchases
from ennichi.checkout.model import HoldState
from ennichi.checkout.purchases import PurchaseState
from ennichi.kit.errors import Problem
from ennichi.ledger import NewPayout
from ennichi.orders import OrderState
from ennichi.orders import model as orders
from ennichi.payments import (
    Action,
    ActionRequired,
    Awaiting,
    Captured,
    Charge,
    ChargeState,
    Declined,
    Instructions,
    Outcome,
)
from ennichi.payments.model import CHARGE_TRANSITIONS

pytestmark = pytest.mark.faults

OUTCOMES: dict[ChargeState, Outcome | None] = {
    "succeeded": Captured("house-1"),
    "action_required": ActionRequired("house-1", Action(kind="page", url="/x"), EVENING),
    "awaiting": Awaiting("house-1", Instructions(number="1", confirmation="2", url="/x", pay_by=EVENING)),
    "declined": Declined("card_declined"),
    "void": None,
}
HOLD_STATES: tuple[HoldState, ...] = get_args(HoldState)
HOLD_CODES: dict[HoldState, tuple[int, str]] = {
    "confirming": (409, "hold.wrong_state"),
    "sold": (409, "hold.wrong_state"),
    "released": (409, "hold.wrong_state"),
    "expired": (409, "hold.expired"),
    "returned": (409, "hold.wrong_state"),
}
ORDER_STATES: tuple[OrderState, ...] = get_args(OrderState)
DEEDS: dict[str, tuple[str, dict[str, Any], set[OrderState]]] = {
    "ship": ("seller", {"carrier": "yamato", "tracking": "1"}, {"paid", "shipped"}),
    "receive": ("buyer", {}, {"shipped"}),
    "cancel": ("seller", {}, {"placed", "paid"}),
    "refund": ("seller", {"amount": 1}, {"paid", "shipped", "received", "settled"}),
}
"""Who does it, how, and in which states it may be done (a parcel's number may be corrected)."""


def drawn(model_: Any, states: tuple[str, ...]) -> set[tuple[str, str]]:
    """Every way a model allows."""
    return {(one, other) for one, other in itertools.product(states, repeat=2) if model_.may_become(one, other)}


def test_nothing_is_drawn_but_this() -> None:
    assert drawn(model, HOLD_STATES) == {
        ("held", "confirming"), ("held", "released"), ("held", "expired"), ("confirming", "sold"),
        ("confirming", "held"), ("sold", "returned"),
    }  # fmt: skip
    ends = {"awaiting", "paid", "declined", "given_up"}
    assert drawn(purchases, get_args(PurchaseState)) == {
        *(("paying", end) for end in ends | {"action_required"}), *(("action_required", end) for end in ends),
        ("awaiting", "paid"), ("awaiting", "declined"),
    }  # fmt: skip
    assert drawn(orders, ORDER_STATES) == {
        ("placed", "paid"), ("placed", "cancelled"), ("paid", "shipped"), ("paid", "cancelled"), ("paid", "refunded"),
        ("shipped", "received"), ("shipped", "refunded"), ("received", "settled"), ("received", "refunded"),
        ("settled", "refunded"),
    }  # fmt: skip


# --- charges: the gateway may say anything


@pytest.fixture
async def till(db_url: str, tmp_path: Path) -> AsyncIterator[CashBox]:
    async with cashbox_on(db_url, tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("state", get_args(ChargeState))
async def test_a_charge_goes_only_where_it_may(till: CashBox, state: ChargeState) -> None:
    for said, outcome in OUTCOMES.items():
        if said in CHARGE_TRANSITIONS[state]:
            continue
        charge = await charge_in(till, state)
        assert charge.state == state
        told = len(till.settled)
        after = await till.payments.settle(charge.id, outcome)
        assert (after, len(till.settled)) == (charge, told)
        late = said == "succeeded" and state in ("declined", "void")
        assert len(await till.refunds(charge)) == late, "money that is not ours goes back, and only that"


async def charge_in(till: CashBox, state: ChargeState) -> Charge:
    """A charge that came to be in a state."""
    charge = await till.begin()
    if state != "pending":
        charge = await till.payments.settle(charge.id, OUTCOMES[state])
    return charge


# --- holds and purchases, over HTTP


class Scene:
    """A stall's keeper and a buyer in their browsers."""

    def __init__(self, counter: Counter, seller: Browser, buyer: Browser, variant_id: str) -> None:
        self.counter, self.seller, self.buyer, self.variant_id = counter, seller, buyer, variant_id
        self._keys = itertools.count()

    def key(self) -> dict[str, str]:
        """A key nobody used."""
        return key(f"k{next(self._keys)}")

    async def hold(self) -> str:
        """A new hold."""
        answer = await self.buyer.post(f"{API}/holds", json={"variant_id": self.variant_id}, headers=self.key())
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def buy(self, hold_id: str, how: str = "4242424242424242") -> Any:
        """Ask for a hold to be paid."""
        pay: dict[str, Any] = {"type": "konbini"}
        if how != "konbini":
            token = (await self.buyer.post(f"{API}/sandbox/cards", json=CARD | {"number": how})).json()["token"]
            pay = {"type": "card", "token": token}
        body = {"hold_ids": [hold_id], "address": ADDRESS, "pay": pay, "total": 1480 + 660}
        return await self.buyer.post(f"{API}/purchases", json=body, headers=self.key())

    async def hold_in(self, state: HoldState) -> str:
        """A hold that came to be in a state."""
        hold_id = await self.hold()
        if state == "confirming":
            await self.buy(hold_id, "4000002760003184")
        elif state in ("sold", "returned"):
            order_id = (await self.buy(hold_id)).json()["order_id"]
            if state == "returned":
                await self.seller.post(f"{API}/orders/{order_id}/cancel", json={})
        elif state == "released":
            await self.buyer.delete(f"{API}/holds/{hold_id}")
        elif state == "expired":
            self.counter.trade.people.clock.advance(301)
            await self.counter.trade.checkout.expire()
        assert (await self.buyer.get(f"{API}/holds/{hold_id}")).json()["state"] == state
        return hold_id

    async def order_in(self, state: OrderState) -> str:
        """An order that came to be in a state."""
        how = "konbini" if state == "placed" else "4242424242424242"
        order_id = str((await self.buy(await self.hold(), how)).json()["order_id"])
        path = f"{API}/orders/{order_id}"
        if state == "cancelled":
            await self.seller.post(f"{path}/cancel", json={})
        elif state == "refunded":
            await self.seller.post(f"{path}/refund", json={})
            await self.counter.trade.payments.work_refunds()
        if state in ("shipped", "received", "settled"):
            await self.seller.post(f"{path}/ship", json={"carrier": "yamato"})
        if state in ("received", "settled"):
            await self.buyer.post(f"{path}/receive", json={})
        if state == "settled":
            await self.counter.trade.orders.settle_due()
        assert (await self.buyer.get(path)).json()["state"] == state
        return order_id


@pytest.fixture
async def scene(db_url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    async with counter_on(db_url, tmp_path) as counter:
        trade = counter.trade
        session = await trade.people.accounts.create_ready_made("Keeper", "keeper@example.com")
        listing = await trade.listing(session.account, await trade.stall(session.account), stock=9)
        seller, buyer = await counter.browser("Keeper"), await counter.browser("Buyer")
        yield Scene(counter, seller, buyer, listing.variants[0].id)


@pytest.mark.parametrize("state", [state for state in HOLD_STATES if state != "held"])
async def test_a_hold_that_is_not_held_is_not_moved(scene: Scene, state: HoldState) -> None:
    hold_id = await scene.hold_in(state)
    path, code = f"{API}/holds/{hold_id}", HOLD_CODES[state]
    before = (await scene.buyer.get(path)).json()
    assert code_of(await scene.buyer.patch(path, json={"quantity": 2})) == code
    assert code_of(await scene.buyer.post(f"{API}/quotes", json={"hold_ids": [hold_id]})) == code
    assert code_of(await scene.buy(hold_id)) == code
    released = await scene.buyer.delete(path)
    assert released.is_success if state == "released" else code_of(released) == code
    after = (await scene.buyer.get(path)).json()
    assert {**after, "max_quantity": 0, "server_time": ""} == {**before, "max_quantity": 0, "server_time": ""}


@pytest.mark.parametrize(
    ("how", "state", "refused"),
    [("4242424242424242", "paid", True), ("konbini", "awaiting", True), ("4000002760003184", "given_up", False)],
)
async def test_a_purchase_is_given_up_while_it_wants_something_alone(
    scene: Scene, how: str, state: PurchaseState, refused: bool
) -> None:
    purchase_id = (await scene.buy(await scene.hold(), how)).json()["id"]
    for _ in range(2):
        answer = await scene.buyer.delete(f"{API}/purchases/{purchase_id}")
        if refused:
            assert code_of(answer) == (409, "purchase.wrong_state")
            assert answer.json()["error"]["params"]["state"] == state
        else:
            assert answer.json()["state"] == state
    assert (await scene.buyer.post(f"{API}/purchases/{purchase_id}/continue")).json()["state"] == state


@pytest.mark.parametrize("state", ORDER_STATES)
async def test_an_order_goes_only_where_it_may(scene: Scene, state: OrderState) -> None:
    order_id = await scene.order_in(state)
    path = f"{API}/orders/{order_id}"
    before = (await scene.seller.get(path)).json()
    for deed, (who, body, allowed) in DEEDS.items():
        if state in allowed:
            continue
        browser = scene.seller if who == "seller" else scene.buyer
        answer = await browser.post(f"{path}/{deed}", json=body)
        assert code_of(answer) == (409, "order.wrong_state"), f"{deed} in {state}"
        assert answer.json()["error"]["params"] == {"state": state}
    assert (await scene.seller.get(path)).json() == before


# --- withdrawals


@pytest.fixture
async def purse(db_url: str, tmp_path: Path) -> AsyncIterator[Purse]:
    async with purse_on(db_url, tmp_path) as opened:
        await opened.settle(await opened.sale(10_000), fee_bps=0, reserve_bps=0)
        await opened.payouts.keep_bank_account(opened.keeper, opened.store.id, BANK)
        yield opened


@pytest.mark.parametrize("end", ["settled", "failed"])
async def test_a_withdrawal_that_ended_stays_so(purse: Purse, end: str) -> None:
    payout = await purse.payouts.withdraw(purse.keeper, purse.store.id, NewPayout(amount=6000), "k")
    with pytest.raises(Problem) as refused:
        await purse.payouts.withdraw(purse.keeper, purse.store.id, NewPayout(amount=6000), "k2")
    assert (refused.value.status, refused.value.code) == (409, "payout.too_large")
    with pytest.raises(Problem) as refused:
        await purse.payouts.withdraw(purse.keeper, purse.store.id, NewPayout(amount=1), "k")
    assert refused.value.code == "idempotency.reused"
    (purse.bank.settle if end == "settled" else purse.bank.fail)(payout.id)
    for _ in range(2):
        purse.people.clock.advance(7200)
        await purse.payouts.work()
        assert (await purse.payouts.money(purse.keeper, purse.store.id)).payouts[0].state == end
        assert await purse.parts() == ((0, 4000, 0, 0) if end == "settled" else (0, 10_000, 0, 0))
        (purse.bank.fail if end == "settled" else purse.bank.settle)(payout.id)
