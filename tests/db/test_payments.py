"""Charges: every outcome, and what becomes of them when somebody falls over."""

import asyncio
import math
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from psycopg_pool import PoolTimeout
from structlog.testing import capture_logs
from tests.support.cashbox import CashBox, cashbox_on, outcomes

from ennichi.kit.errors import NotFound
from ennichi.kit.outage import outage
from ennichi.payments import (
    ActionRequired,
    Awaiting,
    Captured,
    CardInvalid,
    CardNotFound,
    Charge,
    Declined,
    GatewaySilent,
    Means,
    NewCharge,
    PayByCard,
    PayByKonbini,
    PaymentsSettled,
    Sought,
)


@pytest.fixture
async def till(db_url: str, tmp_path: Path) -> AsyncIterator[CashBox]:
    async with cashbox_on(db_url, tmp_path) as opened:
        yield opened


def state(charge: Charge) -> tuple[str, str | None]:
    return charge.state, charge.reason


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("good", ("succeeded", None)),
        ("slow", ("succeeded", None)),
        ("noisy", ("succeeded", None)),
        ("declined", ("declined", "card_declined")),
        ("broke", ("declined", "insufficient_funds")),
        ("breaks", ("declined", "processing_error")),
        ("wants_proof", ("action_required", None)),
        ("konbini", ("awaiting", None)),
    ],
)
async def test_outcomes(till: CashBox, kind: str, outcome: tuple[str, str | None]) -> None:
    charge = await till.pay(kind)
    assert state(charge) == outcome
    assert await till.now(charge) == charge
    (told,) = till.settled
    assert (told.before, told.charge) == ("pending", charge)
    assert await till.books(charge) == (1480 if outcome[0] == "succeeded" else 0, 0)


async def test_many_are_settled_in_one_commit_and_once(till: CashBox) -> None:
    means = await till.means()
    new = [NewCharge(account_id=till.buyer.id, amount=100 + n, means=means) for n in range(40)]
    async with till.people.db.transaction() as tx:
        charges = await till.payments.begin(tx, new)
    assert [charge.amount for charge in charges] == [one.amount for one in new]
    asked = [(charge, await till.payments.ask(charge)) for charge in charges]
    settled = await asyncio.gather(*[till.payments.settle(charge.id, said) for charge, said in [*asked, *asked]])
    assert {charge.state for charge in settled} == {"succeeded"}
    assert len(till.settled) == 40
    with pytest.raises(NotFound):
        await till.payments.settle("0" * 20, None)


async def test_what_is_settled_stays_so(till: CashBox) -> None:
    charge = await till.pay()
    for said in (Declined("card_declined"), None, Captured("another")):
        assert await till.payments.settle(charge.id, said) == charge
    assert len(till.settled) == 1
    assert await till.refunds(charge) == []


async def test_a_listener_that_raises_stops_the_settlement(till: CashBox) -> None:
    async def refuse(*_: Any) -> None:
        raise RuntimeError("no")

    till.people.db.events.on(PaymentsSettled, refuse)
    charge = await till.begin()
    with pytest.raises(RuntimeError):
        await till.payments.settle(charge.id, await till.payments.ask(charge))
    assert (await till.now(charge)).state == "pending"


@pytest.mark.parametrize("step", ["approve", "fail"])
async def test_three_d_secure(till: CashBox, step: Any) -> None:
    charge = await till.pay("wants_proof")
    assert charge.reference
    assert charge.action
    assert charge.action.url == f"/sandbox/payments/{charge.reference}"
    await till.gateway.step(charge.reference, step)
    ended = await till.payments.look(charge.id)
    expected = ("succeeded", None) if step == "approve" else ("declined", "authentication_failed")
    assert state(ended) == expected
    assert [one.before for one in till.settled] == ["pending", "action_required"]
    assert (await till.books(charge))[0] == (1480 if step == "approve" else 0)


async def test_three_d_secure_that_fails_whatever_the_buyer_does(till: CashBox) -> None:
    charge = await till.pay("never_proves")
    assert charge.reference
    await till.gateway.step(charge.reference, "approve")
    await till.after(1)
    assert state(await till.now(charge)) == ("declined", "authentication_failed")


async def test_a_message_alone_finishes_three_d_secure(till: CashBox) -> None:
    charge = await till.pay("wants_proof")
    assert charge.reference
    await till.gateway.step(charge.reference, "approve")
    await till.after(1)
    assert (await till.now(charge)).state == "succeeded"


async def test_nobody_proves_anything_in_time(till: CashBox) -> None:
    charge = await till.pay("wants_proof")
    await till.after(14 * 60)
    assert (await till.now(charge)).state == "action_required"
    await till.after(61)
    assert state(await till.now(charge)) == ("declined", "expired")


@pytest.mark.parametrize(("step", "outcome"), [("pay", "succeeded"), ("expire", "declined")])
async def test_konbini(till: CashBox, step: Any, outcome: str) -> None:
    charge = await till.pay("konbini")
    assert charge.reference
    assert charge.instructions
    assert charge.paid_with().method == "konbini"
    await till.gateway.step(charge.reference, step)
    await till.after(1)
    ended = await till.now(charge)
    assert ended.state == outcome
    assert [one.before for one in till.settled] == ["pending", "awaiting"]


async def test_konbini_that_nobody_pays_ends_by_itself(till: CashBox) -> None:
    charge = await till.pay("konbini")
    assert charge.instructions
    await till.after(3 * 86_400)
    assert (await till.now(charge)).state == "awaiting"
    await till.after(86_400)
    assert state(await till.now(charge)) == ("declined", "expired")


@pytest.mark.parametrize(("kind", "outcome"), [("wants_proof", ("void", None)), ("konbini", ("declined", "cancelled"))])
async def test_giving_up(till: CashBox, kind: str, outcome: tuple[str, str | None]) -> None:
    charge = await till.pay(kind)
    assert state(await till.payments.give_up(charge.id)) == outcome
    assert state(await till.payments.give_up(charge.id)) == outcome
    await till.after(2 * 86_400)
    assert state(await till.now(charge)) == outcome
    assert await till.books(charge) == (0, 0)


async def test_giving_up_too_late(till: CashBox) -> None:
    charge = await till.pay("konbini")
    assert charge.reference
    await till.gateway.step(charge.reference, "pay")
    assert (await till.payments.give_up(charge.id)).state == "succeeded"
    assert await till.books(charge) == (1480, 0)


async def test_giving_up_what_may_still_be_on_its_way(till: CashBox) -> None:
    charge = await till.begin()
    assert (await till.payments.give_up(charge.id)).state == "pending"
    till.people.clock.advance(31)
    assert (await till.payments.give_up(charge.id)).state == "void"


@pytest.mark.parametrize(
    ("point", "outcome"),
    [
        ("before authorise", "void"),
        ("after authorise", "succeeded"),
        ("before capture", "succeeded"),
        ("after capture", "succeeded"),
    ],
)
async def test_a_crash_at_any_point_is_found_and_finished(till: CashBox, point: str, outcome: str) -> None:
    charge = await till.begin()
    till.gateway.silent = {point}
    with pytest.raises(GatewaySilent):
        await till.payments.ask(charge)
    till.gateway.silent = {"find"}  # and it is away for a while
    await till.after(40)
    assert (await till.now(charge)).state == "pending"
    till.gateway.silent = set()
    await till.after(31)
    assert (await till.now(charge)).state == outcome
    assert await till.books(charge) == (1480 if outcome == "succeeded" else 0, 0)
    await till.after(2 * 86_400)
    assert len(till.settled) == 1
    assert await till.books(charge) == (1480 if outcome == "succeeded" else 0, 0)


async def test_the_card_whose_answer_is_lost(till: CashBox) -> None:
    charge = await till.begin("loses_its_answer")
    with pytest.raises(GatewaySilent):
        await till.payments.ask(charge)
    assert (await till.payments.look(charge.id)).state == "succeeded"
    assert await till.books(charge) == (1480, 0)


async def test_a_young_charge_is_not_taken_for_one_that_never_was(till: CashBox) -> None:
    charge = await till.begin()
    assert (await till.payments.look(charge.id)).state == "pending"
    await till.after(29)
    assert (await till.now(charge)).state == "pending"
    await till.after(2)
    assert (await till.now(charge)).state == "void"


@pytest.mark.parametrize("kind", ["good", "konbini"])
async def test_money_that_comes_for_a_charge_that_is_over_goes_back(till: CashBox, kind: str) -> None:
    charge = await till.begin(kind)
    till.people.clock.advance(31)
    await till.payments.reconcile()
    assert (await till.now(charge)).state == "void"
    said = await till.payments.ask(charge)  # the request was on its way longer than anybody thought
    if isinstance(said, Awaiting):
        await till.gateway.step(said.reference, "pay")
    else:
        await till.payments.settle(charge.id, said)
    await till.after(61)
    await till.after(31)
    assert (await till.now(charge)).state == "void"
    assert await till.books(charge) == (1480, 1480)
    assert [refund.state for refund in await till.refunds(charge)] == ["succeeded"]
    assert till.refunded == []  # no order knows of it
    assert outcomes(till.settled) == [None]


async def test_what_is_only_set_aside_for_a_charge_that_is_over_is_let_go(till: CashBox) -> None:
    charge = await till.begin()
    till.people.clock.advance(31)
    await till.payments.reconcile()
    till.gateway.silent = {"before capture"}
    with pytest.raises(GatewaySilent):
        await till.payments.ask(charge)
    till.gateway.silent = set()
    await till.after(61)
    assert await till.books(charge) == (0, 0)
    assert await till.gateway.find(_sought(charge)) is None


async def test_two_processes_look_at_the_same_charge(till: CashBox) -> None:
    charge = await till.begin()
    till.gateway.silent = {"after authorise"}
    with pytest.raises(GatewaySilent):
        await till.payments.ask(charge)
    till.gateway.silent = set()
    await asyncio.gather(*[till.payments.look(charge.id) for _ in range(6)])
    assert await till.books(charge) == (1480, 0)
    assert len(till.settled) == 1


@pytest.mark.parametrize(
    ("problem", "event"),
    [
        (PoolTimeout(), "the database does not answer"),
        (ValueError(), "a charge could not be looked at"),
    ],
)
async def test_a_charge_that_cannot_be_looked_at_now_is_told_from_a_database_that_is_away(
    till: CashBox, monkeypatch: pytest.MonkeyPatch, problem: Exception, event: str
) -> None:
    monkeypatch.setattr(outage, "_said", -math.inf)
    monkeypatch.setattr(outage, "_noticed", -math.inf)
    monkeypatch.setattr(outage, "_open", False)
    for _ in range(3):
        charge = await till.begin()
        till.gateway.silent = {"before authorise"}
        with pytest.raises(GatewaySilent):
            await till.payments.ask(charge)

    async def fails(_: object) -> None:
        raise problem

    monkeypatch.setattr(till.gateway, "find", fails)
    till.people.clock.advance(40)
    with capture_logs() as said:
        await till.payments.reconcile()
    ours = not isinstance(problem, PoolTimeout)
    assert [(one["event"], "exc_info" in one) for one in said] == [(event, ours)] * (3 if ours else 1)


async def test_choosing(till: CashBox) -> None:
    buyer = till.buyer.id
    assert await till.payments.choose(buyer, None) is None
    assert await till.payments.choose(buyer, PayByKonbini()) == Means(method="konbini")
    with pytest.raises(CardInvalid):
        await till.payments.choose(buyer, PayByCard(token="card_of_nobody"))
    with pytest.raises(CardNotFound):
        await till.payments.choose(buyer, PayByCard(card_id="0" * 20))
    charge = await till.pay(save=True)
    (saved,) = await till.payments.my_cards(till.buyer)
    assert await till.payments.choose(buyer, None) == Means(method="card", card=charge.card)
    assert await till.payments.choose(buyer, PayByCard(card_id=saved.id)) == Means(method="card", card=charge.card)


async def test_a_card_is_kept_when_its_money_is_taken_and_not_before(till: CashBox) -> None:
    await till.pay("declined", save=True)
    waiting = await till.pay("wants_proof", save=True)
    assert await till.payments.my_cards(till.buyer) == []
    assert waiting.reference
    await till.gateway.step(waiting.reference, "approve")
    await till.payments.look(waiting.id)
    assert [card.last4 for card in await till.payments.my_cards(till.buyer)] == ["3184"]
    till.people.clock.advance(1)
    await till.pay(save=True)
    await till.pay(save=True)
    assert [card.last4 for card in await till.payments.my_cards(till.buyer)] == ["4242", "3184"]


async def test_an_action_carries_what_it_takes(till: CashBox) -> None:
    charge = await till.pay("wants_proof")
    (told,) = till.settled
    assert isinstance(told.outcome, ActionRequired)
    assert told.outcome.action == charge.action
    assert told.outcome.expires_at == charge.expires_at


def _sought(charge: Charge) -> Sought:
    return Sought(
        charge_id=charge.id, account_id=charge.account_id, reference=charge.reference, created_at=charge.created_at
    )
