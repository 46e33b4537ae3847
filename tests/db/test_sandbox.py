"""The sandbox gateway behaves like a gateway."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from tests.support.trade import BROKE, DECLINES, GOOD, SLOW, Trade, trade_on

from ennichi.payments import Approved, CardInvalid, Declined

slept: list[float] = []


async def sleep(seconds: float) -> None:
    slept.append(seconds)


@pytest.fixture
async def trade(db_url: str, tmp_path: Path) -> AsyncIterator[Trade]:
    slept.clear()
    async with trade_on(db_url, tmp_path, sleep=sleep) as built:
        yield built


async def charge(trade: Trade, token: str, key: str, amount: int = 100) -> Approved | Declined:
    return await trade.gateway.charge(amount=amount, currency="JPY", card_ref=token, idempotency_key=key)


@pytest.mark.parametrize(
    ("number", "reason"), [(GOOD, None), (DECLINES, "card_declined"), (BROKE, "insufficient_funds"), (SLOW, None)]
)
async def test_cards(trade: Trade, number: str, reason: str | None) -> None:
    token = await trade.token(number)
    assert await trade.gateway.find("k") is None
    outcome = await charge(trade, token, "k")
    assert isinstance(outcome, Approved) if reason is None else outcome == Declined(reason)  # type: ignore[arg-type]
    assert await trade.gateway.find("k") == outcome
    assert slept == ([5.0] if number == SLOW else [])


async def test_a_key_is_charged_once(trade: Trade) -> None:
    token = await trade.token()
    outcomes = await asyncio.gather(*[charge(trade, token, "k") for _ in range(8)])
    assert len(set(outcomes)) == 1
    assert await charge(trade, await trade.token(DECLINES), "k") == outcomes[0]


async def test_a_card_that_ends(trade: Trade) -> None:
    card = await trade.gateway.issue(number=GOOD, exp_month=11, exp_year=26, cvc="123")
    assert isinstance(await charge(trade, card.token, "now"), Approved)
    trade.people.clock.advance(9 * 86_400)
    assert await charge(trade, card.token, "later") == Declined("expired_card")


@pytest.mark.parametrize(
    ("number", "expiry", "cvc", "path"),
    [
        ("4242 4242 4242 4241", (12, 2030), "123", "number"),
        ("4012 8888 8888 1881", (12, 2030), "123", "number"),  # a good check digit, and no test card
        ("hello", (12, 2030), "123", "number"),
        ("", (12, 2030), "123", "number"),
        (GOOD, (13, 2030), "123", "exp_month"),
        (GOOD, (0, 2030), "123", "exp_month"),
        (GOOD, (10, 2026), "123", "exp_year"),
        (GOOD, (10, 9999), "123", "exp_year"),
        (GOOD, (12, 2030), "12", "cvc"),
        (GOOD, (12, 2030), "１２３", "cvc"),
        ("378282246310005", (12, 2030), "123", "cvc"),
    ],
)
async def test_what_is_no_card(trade: Trade, number: str, expiry: tuple[int, int], cvc: str, path: str) -> None:
    with pytest.raises(CardInvalid) as caught:
        await trade.gateway.issue(number=number, exp_month=expiry[0], exp_year=expiry[1], cvc=cvc)
    assert [field["path"] for field in caught.value.params["fields"]] == [path]


async def test_however_it_is_typed(trade: Trade) -> None:
    for number in ("4242-4242-4242-4242", "４２４２　４２４２　４２４２　４２４２"):
        card = await trade.gateway.issue(number=number, exp_month=1, exp_year=27, cvc="123")
        assert (card.brand, card.last4) == ("visa", "4242")


async def test_the_number_is_nowhere(trade: Trade, db_url: str) -> None:
    await trade.token()
    with psycopg.connect(db_url) as conn:
        tables = conn.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        for (table,) in tables:
            rows = conn.execute(f'select "{table}"::text from "{table}"').fetchall()
            assert GOOD not in str(rows)
