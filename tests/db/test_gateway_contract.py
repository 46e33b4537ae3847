"""What every gateway has to keep to, tried on each of them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.houses import HOUSES, House

from ennichi.kit.ids import RandomIds
from ennichi.payments import (
    ActionRequired,
    Answer,
    Arrived,
    Ask,
    Authorised,
    Awaiting,
    BankAccount,
    Captured,
    Declined,
    Failed,
    GatewayCard,
    Means,
    Sent,
    Sought,
    Transfer,
    WebhookInvalid,
)

BANK = BankAccount(
    bank_code="0143",
    bank_name="八十二",
    branch_code="410",
    branch_name="安曇野",
    kind="ordinary",
    number="1234567",
    holder="ﾐｽﾞﾉ ﾜｶ",
)


@pytest.fixture(params=HOUSES)
async def house(request: pytest.FixtureRequest, db_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with HOUSES[request.param](db_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def charge_id(house: House) -> str:
    return RandomIds(house.clock).new()


async def ask(
    house: House, charge_id: str, kind: str = "good", *, card: GatewayCard | None = None, **more: Any
) -> Answer:
    means = Means(method="konbini") if kind == "konbini" else Means(method="card", card=card or await house.card(kind))
    return await house.gateway.authorise(
        Ask(
            charge_id=charge_id,
            account_id=house.account_id,
            amount=1480,
            currency="JPY",
            means=means,
            return_url="http://localhost/shows/1",
            payer_name="山本 みお",
            payer_email="mio@example.com",
            **more,
        )
    )


def sought(house: House, charge_id: str, reference: str | None = None) -> Sought:
    return Sought(charge_id=charge_id, account_id=house.account_id, reference=reference, created_at=house.clock.now())


async def authorised(house: House, charge_id: str, kind: str = "good") -> str:
    answer = await ask(house, charge_id, kind)
    assert isinstance(answer, Authorised)
    return answer.reference


async def test_a_card_is_authorised_and_then_captured(house: House, charge_id: str) -> None:
    assert await house.gateway.find(sought(house, charge_id)) is None
    reference = await authorised(house, charge_id)
    assert await house.gateway.find(sought(house, charge_id)) == Authorised(reference)
    assert await house.gateway.capture(reference, 1480, "k") == Captured(reference)
    assert await house.gateway.find(sought(house, charge_id)) == Captured(reference)
    assert await house.gateway.find(sought(house, charge_id, reference)) == Captured(reference)


async def test_a_key_is_authorised_and_captured_once(house: House, charge_id: str) -> None:
    answers = await asyncio.gather(*[ask(house, charge_id) for _ in range(4)])
    assert len(set(answers)) == 1
    assert isinstance(answers[0], Authorised)
    reference = answers[0].reference
    taken = await asyncio.gather(*[house.gateway.capture(reference, 1480, "k") for _ in range(4)])
    assert set(taken) == {Captured(reference)}
    assert await ask(house, charge_id) == Captured(reference)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("declined", "card_declined"), ("broke", "insufficient_funds"), ("breaks", "processing_error")],
)
async def test_what_a_bank_refuses(house: House, charge_id: str, kind: str, reason: Any) -> None:
    assert await ask(house, charge_id, kind) == Declined(reason)
    assert await house.gateway.find(sought(house, charge_id)) == Declined(reason)


async def test_what_cannot_be_asked_for_is_declined_at_once(house: House, charge_id: str) -> None:
    gone = GatewayCard(ref="card_gone", brand="visa", last4="4242", exp_month=12, exp_year=2030)
    for _ in range(2):
        assert await ask(house, charge_id, card=gone) == Declined("card_declined")
    assert await house.gateway.find(sought(house, charge_id)) in (None, Declined("card_declined"))


async def test_a_buyer_proves_who_they_are(house: House, charge_id: str) -> None:
    answer = await ask(house, charge_id, "wants_proof")
    assert isinstance(answer, ActionRequired)
    assert answer.expires_at > house.clock.now()
    assert answer.action.url or answer.action.client_secret
    await house.act(answer.reference, "approve")
    assert await house.gateway.find(sought(house, charge_id)) == Authorised(answer.reference)
    assert await house.gateway.capture(answer.reference, 1480, "k") == Captured(answer.reference)


async def test_a_buyer_who_does_not_prove_it(house: House, charge_id: str) -> None:
    answer = await ask(house, charge_id, "wants_proof")
    assert isinstance(answer, ActionRequired)
    await house.act(answer.reference, "fail")
    assert await house.gateway.find(sought(house, charge_id)) == Declined("authentication_failed")
    assert isinstance(await house.gateway.capture(answer.reference, 1480, "k"), Declined)


@pytest.mark.parametrize("kind", ["good", "wants_proof", "konbini"])
async def test_what_is_cancelled_is_gone(house: House, charge_id: str, kind: str) -> None:
    answer = await ask(house, charge_id, kind)
    assert isinstance(answer, Authorised | ActionRequired | Awaiting)
    assert await house.gateway.cancel(answer.reference, "k") is None
    assert await house.gateway.cancel(answer.reference, "k") is None
    assert await house.gateway.find(sought(house, charge_id)) is None
    assert isinstance(await house.gateway.capture(answer.reference, 1480, "k2"), Declined)


async def test_what_is_captured_cannot_be_cancelled(house: House, charge_id: str) -> None:
    reference = await authorised(house, charge_id)
    await house.gateway.capture(reference, 1480, "k")
    assert await house.gateway.cancel(reference, "k2") == Captured(reference)


async def test_konbini_is_paid_later(house: House, charge_id: str) -> None:
    answer = await ask(house, charge_id, "konbini")
    assert isinstance(answer, Awaiting)
    assert answer.instructions.pay_by > house.clock.now()
    assert answer.instructions.url
    assert await house.gateway.find(sought(house, charge_id)) == answer
    await house.act(answer.reference, "pay")
    assert await house.gateway.find(sought(house, charge_id)) == Captured(answer.reference)


async def test_konbini_that_nobody_pays(house: House, charge_id: str) -> None:
    answer = await ask(house, charge_id, "konbini")
    assert isinstance(answer, Awaiting)
    await house.act(answer.reference, "expire")
    assert await house.gateway.find(sought(house, charge_id)) == Declined("expired")


async def test_money_goes_back_in_parts_and_never_more_than_came(house: House, charge_id: str) -> None:
    reference = await authorised(house, charge_id)
    assert isinstance(await house.gateway.refund(reference, 1, "early"), Failed)
    await house.gateway.capture(reference, 1480, "k")
    assert await house.gateway.find_refund(reference, "r1") is None
    first = await house.gateway.refund(reference, 480, "r1")
    assert isinstance(first, Arrived | Sent)
    assert await house.gateway.refund(reference, 480, "r1") == first
    assert await house.gateway.find_refund(reference, "r1") == first
    assert isinstance(await house.gateway.refund(reference, 1001, "r2"), Failed)
    assert isinstance(await house.gateway.refund(reference, 1000, "r3"), Arrived | Sent)


async def test_an_unknown_card(house: House) -> None:
    assert await house.gateway.card("card_nobody_has") is None
    assert await house.gateway.card("カード\x00") is None


async def test_a_message_is_believed_for_its_signature(house: House, charge_id: str) -> None:
    body, headers = await house.message(charge_id, "evt_1")
    hint = await house.gateway.webhook(body, headers)
    assert (hint.event_id, hint.charge_id) == ("evt_1", charge_id)
    for bad_body, bad_headers in (
        (body + b" ", headers),
        (body, {}),
        (body, dict.fromkeys(headers, "t=1,v1=00")),
        (body, dict.fromkeys(headers, "é")),
        (b"\xff", headers),
    ):
        with pytest.raises(WebhookInvalid):
            await house.gateway.webhook(bad_body, bad_headers)


async def test_a_transfer_is_made_once_and_comes_to_an_end(house: House) -> None:
    transfer = Transfer(
        id=RandomIds(house.clock).new(), store_id="s", amount=5000, bank=BANK, destination=house.destination
    )
    assert await house.gateway.find_payout(transfer) is None
    first = await house.gateway.payout(transfer)
    assert not isinstance(first, Failed)
    assert await house.gateway.payout(transfer) == first
    house.clock.advance(60)
    found = await house.gateway.find_payout(transfer)
    assert isinstance(found, Arrived)
