"""What gateways tell, and money that goes back."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.cashbox import CashBox, cashbox_on

from ennichi.kit.errors import NotFound
from ennichi.payments import Failed, GatewayUnknown, Outflow, PaymentMoved, RefundTooLarge, WebhookInvalid
from ennichi.payments.adapters.sandbox import Message


@pytest.fixture
async def till(db_url: str, tmp_path: Path) -> AsyncIterator[CashBox]:
    async with cashbox_on(db_url, tmp_path) as opened:
        yield opened


def message(till: CashBox, charge_id: str | None, event_id: str = "evt_1", kind: str = "payment.captured") -> Message:
    return Message(id=event_id, type=kind, created=till.people.clock.now(), charge_id=charge_id)


async def test_a_message_is_kept_once_and_worked_once(till: CashBox) -> None:
    charge = await till.pay("konbini")
    assert charge.reference
    await till.gateway.step(charge.reference, "pay")
    body, headers = await till.gateway.sign(message(till, charge.id))
    await asyncio.gather(*[till.receive(body, headers) for _ in range(5)])
    assert await till.count("webhooks") == 1
    await till.payments.work_webhooks()
    assert (await till.now(charge)).state == "succeeded"
    await till.receive(body, headers)
    await till.payments.work_webhooks()
    assert await till.count("webhooks where worked_at is not null and attempts = 1") == 1
    assert len(till.settled) == 2


async def test_a_message_says_where_to_look_and_not_what_is_true(till: CashBox) -> None:
    charge = await till.pay("konbini")
    await till.receive(*await till.gateway.sign(message(till, charge.id)))
    await till.payments.work_webhooks()
    assert (await till.now(charge)).state == "awaiting"


async def test_who_is_not_the_gateway_is_not_heard(till: CashBox) -> None:
    charge = await till.pay("konbini")
    body, headers = await till.gateway.sign(message(till, charge.id))
    with pytest.raises(GatewayUnknown):
        await till.payments.receive("another", body, headers)
    for bad_body, bad_headers in ((body, {}), (body.replace(b"captured", b"declined"), headers), (b"", headers)):
        with pytest.raises(WebhookInvalid):
            await till.receive(bad_body, bad_headers)
    till.people.clock.advance(301)
    with pytest.raises(WebhookInvalid) as caught:
        await till.receive(body, headers)
    assert caught.value.params == {"problem": "too_old"}
    assert await till.count("webhooks") == 0


async def test_messages_that_come_twice_and_in_the_wrong_order(till: CashBox) -> None:
    charge = await till.pay("noisy")
    heard: list[str] = []

    async def listen(gateway: str, body: bytes, headers: Any) -> None:
        heard.append((await till.gateway.webhook(body, headers)).type)
        await till.payments.receive(gateway, body, headers)

    till.gateway.deliver_to(listen)
    await till.after(0)
    await till.after(3)
    assert heard == ["payment.captured"] * 2 + ["payment.authorised"] * 2
    assert await till.count("webhooks where worked_at is not null") == 2
    assert len(till.settled) == 1
    assert await till.books(charge) == (1480, 0)


async def test_messages_are_sent_again_until_they_arrive(till: CashBox) -> None:
    async def away(*_: Any) -> None:
        raise ConnectionError

    till.gateway.deliver_to(away)
    charge = await till.pay("konbini")
    assert charge.reference
    await till.gateway.step(charge.reference, "pay")
    await till.gateway.send_messages()
    assert await till.count("sandbox_events where due_at is not null") == 2
    till.gateway.deliver_to(till.payments.receive)
    await till.after(31)
    assert (await till.now(charge)).state == "succeeded"
    assert await till.count("sandbox_events where due_at is not null") == 0


async def test_a_message_that_cannot_be_worked_now_is_worked_later(till: CashBox) -> None:
    charge = await till.pay("konbini")
    assert charge.reference
    await till.gateway.step(charge.reference, "pay")
    till.gateway.silent = {"find"}
    await till.after(0)
    assert await till.count("webhooks where worked_at is null and problem like 'GatewaySilent%'") == 2
    till.gateway.silent = set()
    await till.after(31)
    assert await till.count("webhooks where worked_at is not null") == 2
    assert (await till.now(charge)).state == "succeeded"


async def test_messages_about_what_is_not_ours(till: CashBox) -> None:
    for number, charge_id in enumerate((None, "0" * 20)):
        await till.receive(*await till.gateway.sign(message(till, charge_id, f"evt_{number}")))
    await till.payments.work_webhooks()
    assert await till.count("webhooks where worked_at is not null") == 2


async def test_old_messages_go(till: CashBox) -> None:
    await till.receive(*await till.gateway.sign(message(till, None)))
    await till.payments.work_webhooks()
    await till.after(timedelta(days=31).total_seconds())
    assert await till.count("webhooks") == 0


async def test_money_goes_back_in_parts(till: CashBox) -> None:
    charge = await till.pay()
    first = await till.give_back(charge, 480, "r1")
    assert (first.state, first.amount) == ("pending", 480)
    assert await till.give_back(charge, 480, "r1") == first
    with pytest.raises(RefundTooLarge) as caught:
        await till.give_back(charge, 1001, "r2")
    assert caught.value.params == {"left": 1000}
    await till.payments.work_refunds()
    await till.give_back(charge, 1000, "r3")
    await till.after(1)
    assert [(one.id, one.state) for one in till.refunded] == [("r1", "succeeded"), ("r3", "succeeded")]
    assert await till.books(charge) == (1480, 1480)
    with pytest.raises(RefundTooLarge):
        await till.give_back(charge, 1, "r4")


async def test_two_refunds_at_once_never_exceed_what_came(till: CashBox) -> None:
    charge = await till.pay()
    answers = await asyncio.gather(
        *[till.give_back(charge, 500, f"r{number}") for number in range(5)], return_exceptions=True
    )
    assert sum(not isinstance(answer, Exception) for answer in answers) == 2


@pytest.mark.parametrize("kind", ["declined", "konbini", "wants_proof"])
async def test_nothing_goes_back_of_what_did_not_come(till: CashBox, kind: str) -> None:
    charge = await till.pay(kind)
    for amount in (1, 0, -1):
        with pytest.raises(RefundTooLarge):
            await till.give_back(charge, amount, "r")


@pytest.mark.parametrize("point", ["before refund", "after refund"])
async def test_a_refund_that_is_cut_off_is_made_once(till: CashBox, point: str) -> None:
    charge = await till.pay()
    await till.give_back(charge, 480, "r1")
    till.gateway.silent = {point}
    await till.payments.work_refunds()
    assert [one.state for one in await till.refunds(charge)] == ["pending"]
    till.gateway.silent = set()
    till.people.clock.advance(29)
    await till.payments.work_refunds()
    assert till.refunded == []
    await till.after(3)
    assert [one.state for one in till.refunded] == ["succeeded"]
    await till.after(86_400)
    assert await till.books(charge) == (1480, 480)


async def test_what_was_paid_in_cash_takes_its_time_to_go_back(till: CashBox) -> None:
    charge = await till.pay("konbini")
    assert charge.reference
    await till.gateway.step(charge.reference, "pay")
    await till.after(0)
    await till.give_back(charge, 1480, "r1")
    await till.payments.work_refunds()
    assert [one.state for one in await till.refunds(charge)] == ["sent"]
    assert till.refunded == []
    await till.after(4)  # it is the gateway's message that brings it up
    assert [one.state for one in till.refunded] == ["succeeded"]


async def test_a_refund_the_gateway_refuses(till: CashBox) -> None:
    charge = await till.pay()
    assert charge.reference
    await till.gateway.refund(charge.reference, 1000, "by hand, at the gateway's own desk")
    await till.give_back(charge, 1480, "r1")
    await till.after(0)
    (ended,) = till.refunded
    assert (ended.state, ended.reason) == ("failed", "too_large")
    assert (await till.give_back(charge, 480, "r2")).state == "pending"


async def test_money_that_came_back_after_it_had_arrived_is_not_forgotten(
    till: CashBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    charge = await till.pay()
    await till.give_back(charge, 480, "r1")
    await till.after(1)
    assert [one.state for one in till.refunded] == ["succeeded"]
    assert await till.count("webhooks where worked_at is null") == 0

    async def find_refund(reference: str, key: str) -> Outflow:
        assert (reference, key) == (charge.reference, "r1")
        return Failed("account_closed")

    monkeypatch.setattr(till.gateway, "find_refund", find_refund)
    came_back = Message(id="evt_back", type="refund.failed", created=till.people.clock.now(), refund_id="r1")
    await till.receive(*await till.gateway.sign(came_back))
    await till.after(86_400)
    assert await till.count("webhooks where worked_at is null and problem like 'CameBack%account_closed%'") == 1


async def test_a_step_that_is_not_waited_for(till: CashBox) -> None:
    charge = await till.pay("wants_proof")
    assert charge.reference
    with pytest.raises(PaymentMoved):
        await till.gateway.step(charge.reference, "pay")
    await till.gateway.step(charge.reference, "approve")
    with pytest.raises(PaymentMoved) as caught:
        await till.gateway.step(charge.reference, "fail")
    assert caught.value.params == {"state": "authorised"}
    with pytest.raises(NotFound):
        await till.gateway.step("sandbox_of_nobody", "approve")
