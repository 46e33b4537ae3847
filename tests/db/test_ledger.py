"""The ledger on a real Postgres: what the database refuses, what repeating does, and where the money is."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from tests.support.purse import ENTRIES, Purse, purse_on

from ennichi.kit.errors import Forbidden
from ennichi.ledger import MoreThanTaken, Owed


@pytest.fixture
async def purse(db_url: str, tmp_path: Path) -> AsyncIterator[Purse]:
    async with purse_on(db_url, tmp_path) as opened:
        yield opened


async def test_money_waits_then_is_the_stores_less_fee_tax_and_reserve(purse: Purse) -> None:
    order = await purse.sale(1999)
    assert await purse.parts() == (1999, 0, 0, 0)
    assert await purse.settle(order) == [order]
    assert await purse.parts() == (0, 1682, 99, 0)
    assert (await purse.account("fees"), await purse.account("fee_tax")) == (-199, -19)
    assert await purse.account("gateway") == 1999


async def test_everything_may_be_said_twice(purse: Purse) -> None:
    order = await purse.sale(2000)
    await purse.sale(2000, order)
    refund = await purse.owe(order, 500)
    await purse.owe(order, 500, refund)
    await purse.end(refund)
    await purse.end(refund)
    await purse.end(refund, failed=True)
    assert await purse.settle(order, order) == [order]
    assert await purse.settle(order) == []
    async with purse.people.db.read() as conn:
        assert await ENTRIES.one(conn) == 4
    assert await purse.parts() == (0, 1260, 75, 0)
    assert await purse.account("gateway") == 1500


async def test_a_refund_before_settlement_comes_from_what_waits_and_pays_no_fee(purse: Purse) -> None:
    order = await purse.sale(3000)
    refund = await purse.owe(order, 1000)
    assert await purse.parts() == (2000, 0, 0, 0)
    assert await purse.account(f"refunds:{purse.store.id}") == -1000
    await purse.end(refund)
    assert (await purse.account(f"refunds:{purse.store.id}"), await purse.account("gateway")) == (0, 2000)
    await purse.owe(order, 2000)
    assert await purse.settle(order) == [order]
    assert await purse.parts() == (0, 0, 0, 0)
    assert await purse.account("fees") == 0


async def test_a_refund_after_settlement_comes_from_the_store_and_brings_its_fee_back(purse: Purse) -> None:
    order = await purse.sale(10_000)
    await purse.settle(order)
    assert await purse.parts() == (0, 8400, 500, 0)
    await purse.end(await purse.owe(order, 2500))
    assert await purse.parts() == (0, 6300, 375, 0)
    assert (await purse.account("fees"), await purse.account("fee_tax")) == (-750, -75)
    await purse.end(await purse.owe(order, 7500))
    assert await purse.parts() == (0, 0, 0, 0)
    assert (await purse.account("fees"), await purse.account("gateway")) == (0, 0)


async def test_never_more_back_than_was_taken(purse: Purse) -> None:
    order = await purse.sale(3000)
    await purse.owe(order, 2900)
    with pytest.raises(MoreThanTaken) as refused:
        await purse.owe(order, 101)
    assert refused.value.params == {"left": 100}
    await purse.settle(order)
    with pytest.raises(MoreThanTaken):
        await purse.owe(order, 101)
    with pytest.raises(MoreThanTaken):
        await purse.owe(purse.ids.new(), 1)


async def test_two_refunds_at_once_are_not_both_the_last(purse: Purse) -> None:
    order = await purse.sale(1000)
    done = await asyncio.gather(*[purse.owe(order, 300) for _ in range(8)], return_exceptions=True)
    assert sum(isinstance(one, str) for one in done) == 3
    assert await purse.parts() == (100, 0, 0, 0)


async def test_a_refund_that_fails_after_the_order_was_settled_is_the_stores(purse: Purse) -> None:
    order = await purse.sale(10_000)
    refund = await purse.owe(order, 4000)
    await purse.settle(order)
    assert await purse.parts() == (0, 5040, 300, 0)
    await purse.end(refund, failed=True)
    assert await purse.parts() == (0, 8400, 500, 0)
    await purse.end(refund)
    assert await purse.account("gateway") == 10_000


async def test_the_reserve_is_released_after_thirty_days_once(purse: Purse) -> None:
    first, second = await purse.sale(10_000), await purse.sale(20_000)
    await purse.settle(first, second)
    await purse.owe(second, 10_000)
    await purse.ledger.release_reserves()
    assert (await purse.parts())[2] == 1000
    purse.people.clock.advance(30 * 86_400)
    await asyncio.gather(*[purse.ledger.release_reserves() for _ in range(3)])
    await purse.ledger.release_reserves()
    assert await purse.parts() == (0, 17_800, 0, 0)
    await purse.owe(first, 10_000)
    assert await purse.parts() == (0, 8900, 0, 0)


async def test_many_are_booked_in_one_statement(purse: Purse) -> None:
    ids = [purse.ids.new() for _ in range(300)]
    await asyncio.gather(*[purse.sale(100, order) for order in ids])
    assert sorted(await purse.settle(*ids, purse.ids.new())) == sorted(ids)
    assert await purse.parts() == (0, 300 * 84, 300 * 5, 0)


async def test_the_history_says_what_changed_the_latest_first(purse: Purse) -> None:
    order = await purse.sale(10_000)
    await purse.settle(order)
    await purse.end(await purse.owe(order, 2500))
    lines = await purse.ledger.my_lines(purse.keeper, purse.store.id)
    assert [(line.kind, line.waiting, line.available, line.reserved, line.fees) for line in lines] == [
        ("refund", 0, -2100, -125, -275),
        ("settle", -10_000, 8400, 500, 1100),
        ("sale", 10_000, 0, 0, 0),
    ]
    assert {(line.order_id, line.order_number) for line in lines} == {(order, "EN-2611-0001")}
    older = await purse.ledger.my_lines(purse.keeper, purse.store.id, before=lines[0].id)
    assert older == lines[1:]
    with pytest.raises(Forbidden):
        await purse.ledger.my_lines(await purse.people.person("Stranger"), purse.store.id)


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
        "insert into postings values (77, 'fees', 5), (77, 'fee_tax', -5)",
        "insert into entries (kind, ref, at) values ('sale', 'x', now())",
        """with e as (insert into entries (kind, ref, at) values ('sale', 'x', now()) returning id)
        insert into postings select id, a, n from e, (values ('fees', 5), ('fee_tax', -4)) v (a, n)""",
        """with e as (insert into entries (kind, ref, at) values ('sale', 'x', now()) returning id)
        insert into postings select id, a, n from e, (values ('fees', 5), ('petty_cash', -5)) v (a, n)""",
    ],
)
async def test_the_database_itself_keeps_the_book(purse: Purse, statement: str) -> None:
    await purse.sale(1000)
    async with purse.people.db.read() as conn:
        with pytest.raises(psycopg.Error) as refused:
            await conn.execute(statement.encode())
    assert isinstance(refused.value, psycopg.errors.CheckViolation | psycopg.errors.RestrictViolation)
    assert await purse.parts() == (1000, 0, 0, 0)


async def test_what_is_rolled_back_was_never_booked(purse: Purse) -> None:
    order = await purse.sale(1000)
    owed = Owed(
        refund_id=purse.ids.new(), order_id=order, store_id=purse.store.id, amount=400, at=purse.people.clock.now()
    )

    async def interrupted() -> None:
        async with purse.people.db.transaction() as tx:
            await purse.ledger.refund_owed(tx, owed)
            raise LookupError

    with pytest.raises(LookupError):
        await interrupted()
    assert await purse.parts() == (1000, 0, 0, 0)
