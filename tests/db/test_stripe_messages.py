"""Stripe's messages as they were sent, byte for byte, with their signatures."""

import hmac
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.support.people import People, people_on
from tests.support.stripe_house import KEY

from ennichi.kit.ids import RandomIds
from ennichi.payments import PaymentService, StripeKeys, WebhookInvalid, stripe_gateway

VECTORS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parents[1] / "vectors" / "stripe").glob("*.json"))
}
PAID = VECTORS["payment_intent.succeeded"]


@pytest.fixture
async def people(db_url: str, tmp_path: Path) -> AsyncIterator[People]:
    async with people_on(db_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def payments(people: People) -> AsyncIterator[PaymentService]:
    gateway = stripe_gateway(
        people.db, people.clock, StripeKeys(secret=KEY, publishable="pk_test", webhook=PAID["secret"])
    )
    service = PaymentService(people.db, people.clock, RandomIds(people.clock), gateway)
    yield service
    await service.stop()


def at(people: People, vector: Mapping[str, Any], seconds: int = 0) -> None:
    """Our clock stands so long after the message was signed."""
    wanted = datetime.fromtimestamp(vector["sent_at"] + seconds, UTC)
    people.clock.advance((wanted - people.clock.now()).total_seconds())


async def receive(payments: PaymentService, vector: Mapping[str, Any], **other: str) -> None:
    said = {**vector, **other}
    await payments.receive("stripe", said["body"].encode(), {"stripe-signature": said["signature"]})


async def kept(people: People) -> list[tuple[Any, ...]]:
    async with people.db.read() as conn:
        cursor = await conn.execute("select event_id, type, charge_id, refund_id from webhooks order by event_id")
        return [tuple(row) for row in await cursor.fetchall()]


@pytest.mark.parametrize("name", VECTORS)
def test_the_signatures_are_real(name: str) -> None:
    vector = VECTORS[name]
    signed = f"{vector['sent_at']}.{vector['body']}".encode()
    assert f"v1={hmac.digest(vector['secret'].encode(), signed, 'sha256').hex()}" in vector["signature"]


@pytest.mark.parametrize("name", VECTORS)
async def test_a_message_is_kept_with_what_it_is_about(people: People, payments: PaymentService, name: str) -> None:
    vector = VECTORS[name]
    at(people, vector, 2)
    await receive(payments, vector)
    assert await kept(people) == [tuple(vector["hint"].values())]


async def test_the_same_message_again_is_kept_once(people: People, payments: PaymentService) -> None:
    at(people, PAID)
    for _ in range(3):
        await receive(payments, PAID)
    assert len(await kept(people)) == 1


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
async def test_a_message_of_another_time(people: People, payments: PaymentService, seconds: int) -> None:
    at(people, PAID, seconds)
    with pytest.raises(WebhookInvalid) as caught:
        await receive(payments, PAID)
    assert caught.value.params == {"problem": "too_old"}
    assert await kept(people) == []


@pytest.mark.parametrize("seconds", [-299, 299])
async def test_clocks_may_differ_a_little(people: People, payments: PaymentService, seconds: int) -> None:
    at(people, PAID, seconds)
    await receive(payments, PAID)
    assert len(await kept(people)) == 1


async def test_a_message_of_somebody_else(people: People, payments: PaymentService) -> None:
    at(people, PAID)
    stamp = PAID["sent_at"]
    foreign = hmac.digest(b"whsec_of_another", f"{stamp}.{PAID['body']}".encode(), "sha256").hex()
    for wrong in (
        {"signature": f"t={stamp},v1={foreign}"},
        {"signature": PAID["signature"].replace(f"t={stamp}", f"t={stamp + 1}")},
        {"signature": VECTORS["refund.updated"]["signature"]},
        {"body": PAID["body"].replace("2140", "1")},
    ):
        with pytest.raises(WebhookInvalid) as caught:
            await receive(payments, PAID, **wrong)
        assert caught.value.params == {"problem": "signature_wrong"}
    assert await kept(people) == []
