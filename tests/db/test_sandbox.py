"""The sandbox's counter for cards, and what is its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from tests.support.houses import NUMBERS
from tests.support.people import People, people_on

from ennichi.kit.ids import RandomIds
from ennichi.payments import (
    Answer,
    Ask,
    BankAccount,
    CardInvalid,
    Declined,
    Failed,
    Means,
    SandboxGateway,
    Transfer,
)

GOOD = NUMBERS["good"]


class Sandbox:
    """The gateway, and how long it slept."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.slept: list[float] = []
        self.gateway = SandboxGateway(people.db, people.clock, RandomIds(people.clock), sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def charge(self, token: str, key: str) -> Answer:
        card = await self.gateway.card(token)
        means = Means(method="card", card=card)
        return await self.gateway.authorise(Ask(charge_id=key, account_id="a", amount=100, currency="JPY", means=means))


@pytest.fixture
async def sandbox(db_url: str, tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with people_on(db_url, tmp_path) as people:
        yield Sandbox(people)


async def test_the_slow_card_takes_five_seconds(sandbox: Sandbox) -> None:
    card = await sandbox.gateway.issue(number=NUMBERS["slow"], exp_month=12, exp_year=2030, cvc="123")
    first = await sandbox.charge(card.token, "k")
    assert await sandbox.charge(card.token, "k") == first
    assert sandbox.slept == [5.0]


async def test_a_card_that_ends(sandbox: Sandbox) -> None:
    card = await sandbox.gateway.issue(number=GOOD, exp_month=11, exp_year=26, cvc="123")
    assert not isinstance(await sandbox.charge(card.token, "now"), Declined)
    sandbox.people.clock.advance(9 * 86_400)
    assert await sandbox.charge(card.token, "later") == Declined("expired_card")


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
async def test_what_is_no_card(sandbox: Sandbox, number: str, expiry: tuple[int, int], cvc: str, path: str) -> None:
    with pytest.raises(CardInvalid) as caught:
        await sandbox.gateway.issue(number=number, exp_month=expiry[0], exp_year=expiry[1], cvc=cvc)
    assert [field["path"] for field in caught.value.params["fields"]] == [path]


async def test_however_it_is_typed(sandbox: Sandbox) -> None:
    for number in ("4242-4242-4242-4242", "４２４２　４２４２　４２４２　４２４２"):
        card = await sandbox.gateway.issue(number=number, exp_month=1, exp_year=27, cvc="123")
        assert (card.brand, card.last4) == ("visa", "4242")


async def test_the_number_is_nowhere(sandbox: Sandbox, db_url: str) -> None:
    card = await sandbox.gateway.issue(number=GOOD, exp_month=12, exp_year=2030, cvc="123")
    await sandbox.charge(card.token, "k")
    with psycopg.connect(db_url) as conn:
        tables = conn.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        for (table,) in tables:
            rows = conn.execute(f'select "{table}"::text from "{table}"').fetchall()
            assert GOOD not in str(rows)


async def test_a_bank_account_that_takes_nothing(sandbox: Sandbox) -> None:
    bank = BankAccount(
        bank_code="0143",
        bank_name="八十二",
        branch_code="410",
        branch_name="安曇野",
        kind="ordinary",
        number="0000000",
        holder="ﾐｽﾞﾉ ﾜｶ",
    )
    transfer = Transfer(id="t", store_id="s", amount=5000, bank=bank)
    await sandbox.gateway.payout(transfer)
    sandbox.people.clock.advance(4)
    assert await sandbox.gateway.find_payout(transfer) == Failed("no_such_account")
