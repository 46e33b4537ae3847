"""Transactions in few round trips: what is only sent is carried out in its order, or not at all."""

from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg.errors import UniqueViolation

from ennichi.kit.db import Command, Database, Query, open_database, together

ADD = Command("insert into notes (n) values (%(n)s)")
NOTES = Query(int, "select n from notes order by n")


@pytest.fixture
async def db(db_url: str) -> AsyncIterator[Database]:
    with psycopg.connect(db_url, autocommit=True) as conn:
        conn.execute("create table notes (n integer primary key)")
    async with open_database(db_url) as opened:
        yield opened


async def notes(db: Database) -> list[int]:
    async with db.read() as conn:
        return await NOTES.all(conn)


async def test_statements_sent_together_are_carried_out_in_their_order(db: Database) -> None:
    async with db.swift_transaction() as tx:
        async with together(tx):
            await ADD.run(tx, n=1)
            after_one = await NOTES.later(tx, list)
            await ADD.run(tx, n=2)
            after_two = await NOTES.later(tx, sum)
        assert await after_one == [1]
        await ADD.run(tx, n=3)
        last = await NOTES.later(tx, list)
    assert await after_two == 3
    assert await last == [1, 2, 3]
    assert await notes(db) == [1, 2, 3]


async def test_outside_of_a_swift_transaction_too(db: Database) -> None:
    async with db.transaction() as tx, together(tx):
        await ADD.run(tx, n=1)
        later = await NOTES.later(tx, list)
    assert await later == [1]


async def add(db: Database, *numbers: int, then: Exception | None = None) -> None:
    async with db.swift_transaction() as tx:
        for n in numbers:
            await ADD.run(tx, n=n)
        if then:
            raise then


async def test_what_was_only_sent_and_failed_stops_the_commit(db: Database) -> None:
    with pytest.raises(UniqueViolation):
        await add(db, 1, 1, 2)
    assert await notes(db) == []


async def test_whoever_raises_takes_everything_back(db: Database) -> None:
    for numbers in ([1], [1, 1]):
        with pytest.raises(KeyError):
            await add(db, *numbers, then=KeyError())
    assert await notes(db) == []


async def test_after_a_failure_the_same_connections_go_on(db: Database) -> None:
    for n in range(8):
        with pytest.raises(UniqueViolation):
            await add(db, n, n)
        await add(db, n)
    assert await notes(db) == list(range(8))
