"""The ledger on a real Postgres: what the database refuses, what repeating does, and where the money is."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from tests.support.till import ENTRIES, Till, till_on

from ennichi.kit.errors import Forbidden
from ennichi.ledger import MoreThanTaken, Owed


@pytest.fixture
async def till(db_url: str, tmp_path: Path) -> AsyncIterator[Till]:
    async with till_on(db_url, tmp_path) as opened:
        yield opened


async def test_money_waits_then_is_the_stores_less_fee_tax_and_reserve(till: Till) -> None:
    order = await till.sale(1999)
    assert await till.parts() == (1999, 0, 0, 0)
    assert await till.settle(order) == [order]
    assert await till.parts() == (0, 1682, 99, 0)
    assert (await till.account("fees"), await till.account("fee_tax")) == (-199, -19)
    assert await till.account("gateway") == 1999


async def test_everything_may_be_said_twice(till: Till) -> None:
    order = await till.sale(2000)
    await till.sale(2000, order)
    refund = await till.owe(order, 500)
    await till.owe(order, 500, refund)
    await till.end(refund)
    await till.end(refund)
    await till.end(refund, failed=True)
    assert await till.settle(order, order) == [order]
    assert await till.settle(order) == []
    async with till.people.db.read() as conn:
        assert await ENTRIES.one(conn) == 4
    assert await till.parts() == (0, 1260, 75, 0)
    assert await till.account("gateway") == 1500


async def test_a_refund_before_settlement_comes_from_what_waits_and_pays_no_fee(till: Till) -> None:
    order = await till.sale(3000)
    refund = await till.owe(order, 1000)
    assert await till.parts() == (2000, 0, 0, 0)
    assert await till.account(f"refunds:{till.store.id}") == -1000
    await till.end(refund)
    assert (await till.account(f"refunds:{till.store.id}"), await till.account("gateway")) == (0, 2000)
    await till.owe(order, 2000)
    assert await till.settle(order) == [order]
    assert await till.parts() == (0, 0, 0, 0)
    assert await till.account("fees") == 0


async def test_a_refund_after_settlement_comes_from_the_store_and_brings_its_fee_back(till: Till) -> None:
    order = await till.sale(10_000)
    await till.settle(order)
    assert await till.parts() == (0, 8400, 500, 0)
    await till.end(await till.owe(order, 2500))
    assert await till.parts() == (0, 6300, 375, 0)
    assert (await till.account("fees"), await till.account("fee_tax")) == (-750, -75)
    await till.end(await till.owe(order, 7500))
    assert await till.parts() == (0, 0, 0, 0)
    assert (await till.account("fees"), await till.account("gateway")) == (0, 0)


async def test_never_more_back_than_was_taken(till: Till) -> None:
    order = await till.sale(3000)
    await till.owe(order, 2900)
    with pytest.raises(MoreThanTaken) as refused:
        await till.owe(order, 101)
    assert refused.value.params == {"left": 100}
    await till.settle(order)
    with pytest.raises(MoreThanTaken):
        await till.owe(order, 101)
    with pytest.raises(MoreThanTaken):
        await till.owe(till.ids.new(), 1)


async def test_two_refunds_at_once_are_not_both_the_last(till: Till) -> None:
    order = await till.sale(1000)
    done = await asyncio.gather(*[till.owe(order, 300) for _ in range(8)], return_exceptions=True)
    assert sum(isinstance(one, str) for one in done) == 3
    assert await till.parts() == (100, 0, 0, 0)


async def test_a_refund_that_fails_after_the_order_was_settled_is_the_stores(till: Till) -> None:
    order = await till.sale(10_000)
    refund = await till.owe(order, 4000)
    await till.settle(order)
    assert await till.parts() == (0, 5040, 300, 0)
    await till.end(refund, failed=True)
    assert await till.parts() == (0, 8400, 500, 0)
    await till.end(refund)
    assert await till.account("gateway") == 10_000


async def test_the_reserve_is_released_after_thirty_days_once(till: Till) -> None:
    first, second = await till.sale(10_000), await till.sale(20_000)
    await till.settle(first, second)
    await till.owe(second, 10_000)
    await till.ledger.release_reserves()
    assert (await till.parts())[2] == 1000
    till.people.clock.advance(30 * 86_400)
    await asyncio.gather(*[till.ledger.release_reserves() for _ in range(3)])
    await till.ledger.release_reserves()
    assert await till.parts() == (0, 17_800, 0, 0)
    await till.owe(first, 10_000)
    assert await till.parts() == (0, 8900, 0, 0)


async def test_many_are_booked_in_one_statement(till: Till) -> None:
    ids = [till.ids.new() for _ in range(300)]
    await asyncio.gather(*[till.sale(100, order) for order in ids])
    assert sorted(await till.settle(*ids, till.ids.new())) == sorted(ids)
    assert await till.parts() == (0, 300 * 84, 300 * 5, 0)


async def test_the_history_says_what_changed_the_latest_first(till: Till) -> None:
    order = await till.sale(10_000)
    await till.settle(order)
    await till.end(await till.owe(order, 2500))
    lines = await till.ledger.my_lines(till.keeper, till.store.id)
    assert [(line.kind, line.waiting, line.available, line.reserved, line.fees) for line in lines] == [
        ("refund", 0, -2100, -125, -275),
        ("settle", -10_000, 8400, 500, 1100),
        ("sale", 10_000, 0, 0, 0),
    ]
    assert {(line.order_id, line.order_number) for line in lines} == {(order, "EN-2611-0001")}
    older = await till.ledger.my_lines(till.keeper, till.store.id, before=lines[0].id)
    assert older == lines[1:]
    with pytest.raises(Forbidden):
        await till.ledger.my_lines(await till.people.person("Stranger"), till.store.id)


@pytest.mark.parametrize(
    "statement",
    [
        "update entries set memo = 'x'",
        "delete from entries",
        "truncate entries cascade",
        "update postings set amount = amount + 1",
        "delete from postings where amount > 0",
        "truncate postings",
        "insert into postings select id, 'fees', 5 from entries",
        "insert into postings select id, a, n from entries, (values ('fees', 5), ('fee_tax', -5)) v (a, n)",
        "insert into entries (kind, ref, at) values ('sale', 'x', now())",
        """with e as (insert into entries (kind, ref, at) values ('sale', 'x', now()) returning id)
        insert into postings select id, a, n from e, (values ('fees', 5), ('fee_tax', -4)) v (a, n)""",
        """with e as (insert into entries (kind, ref, at) values ('sale', 'x', now()) returning id)
        insert into postings select id, a, n from e, (values ('fees', 5), ('petty_cash', -5)) v (a, n)""",
    ],
)
async def test_the_database_itself_keeps_the_book(till: Till, statement: str) -> None:
    await till.sale(1000)
    async with till.people.db.read() as conn:
        with pytest.raises(psycopg.Error) as refused:
            await conn.execute(statement.encode())
    assert isinstance(refused.value, psycopg.errors.CheckViolation | psycopg.errors.RestrictViolation)
    assert await till.parts() == (1000, 0, 0, 0)


async def test_what_is_rolled_back_was_never_booked(till: Till) -> None:
    order = await till.sale(1000)
    owed = Owed(
        refund_id=till.ids.new(), order_id=order, store_id=till.store.id, amount=400, at=till.people.clock.now()
    )

    async def interrupted() -> None:
        async with till.people.db.transaction() as tx:
            await till.ledger.refund_owed(tx, owed)
            raise LookupError

    with pytest.raises(LookupError):
        await interrupted()
    assert await till.parts() == (1000, 0, 0, 0)
