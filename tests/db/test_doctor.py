"""The doctor finds each kind of violation; to make them, the database's own guards are taken away first."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
import structlog.testing
from click.testing import CliRunner
from psycopg import AsyncConnection, sql
from tests.support.people import EVENING

from ennichi.cli import main
from ennichi.doctor import INVARIANTS, Doctor, examination
from ennichi.kit.clock import FixedClock
from ennichi.kit.db import Database, open_database

Row = tuple[str, Mapping[str, Any]]

A, B, STORE = "a" * 20, "b" * 20, "s" * 20
FITTING: dict[str, Any] = {
    "text": "x",
    "bigint": 1,
    "integer": 1,
    "smallint": 1,
    "boolean": False,
    "jsonb": json.dumps({}),
    "bytea": b"x",
    "date": EVENING.date(),
    "timestamp with time zone": EVENING,
    "ARRAY": [],
}
NEEDED = """select column_name, data_type from information_schema.columns where table_schema = 'public'
    and table_name = %s and is_nullable = 'NO' and column_default is null and is_identity = 'NO'"""
UNGUARDED = """do $$ declare guard record; begin
    for guard in select conrelid::regclass as held, conname from pg_constraint
        where contype = 'c' and connamespace = 'public'::regnamespace
    loop execute format('alter table %s drop constraint %I', guard.held, guard.conname); end loop;
end $$"""


def ago(seconds: float) -> datetime:
    return EVENING - timedelta(seconds=seconds)


def entry(n: int, kind: str, ref: str, postings: Mapping[str, int], **more: Any) -> list[Row]:
    head: Row = ("entries", {"id": n, "kind": kind, "ref": ref, "store_id": STORE, "at": EVENING, **more})
    return [head, *[("postings", {"entry_id": n, "account": a, "amount": p}) for a, p in postings.items()]]


def charge(**more: Any) -> Row:
    return ("charges", {"id": A, "amount": 500, "state": "succeeded", "settled_at": ago(1000), **more})


def order(**more: Any) -> Row:
    return ("orders", {"id": A, "charge_id": A, "state": "paid", "total": 500, "paid_at": EVENING, **more})


def sale(amount: int = 500) -> list[Row]:
    return entry(1, "sale", A, {"gateway": amount, f"clearing:{STORE}": -amount}, order_id=A)


def variant(**more: Any) -> Row:
    return ("variants", {"id": A, "stocked": 3, "available": 3, "held": 0, "sold": 0, **more})


def hold(**more: Any) -> Row:
    return ("holds", {"id": A, "variant_id": A, "quantity": 2, "state": "held", "expires_at": EVENING, **more})


def payout(**more: Any) -> Row:
    return ("payouts", {"id": A, "store_id": STORE, "amount": 700, "state": "pending", "asked_at": EVENING, **more})


BROKEN: dict[str, list[list[Row]]] = {
    "stock.adds_up": [
        [variant(stocked=5)],
        [variant(stocked=2, available=-1, sold=3)],
    ],
    "stock.held": [
        [variant(stocked=4, held=1)],
        [variant(), hold()],
        [variant(), hold(state="confirming")],
    ],
    "holds.end_in_time": [[variant(available=1, held=2), hold(expires_at=ago(61))]],
    "holds.sold_have_an_order": [[hold(state="sold", order_id=B)]],
    "ledger.sums_to_zero": [
        entry(1, "sale", A, {"fees": -1, "gateway": 2}),
        entry(1, "sale", A, {}),
    ],
    "ledger.nothing_overdrawn": [
        entry(1, "settle", A, {f"clearing:{STORE}": 5, f"store:{STORE}": -5}),
        entry(1, "refunded", A, {f"refunds:{STORE}": 5, f"store:{STORE}": -5}),
    ],
    "orders.paid_have_their_money": [
        [charge(), order()],
        [charge(amount=400), order(), *sale()],
        [charge(), order(), *sale(499)],
        [charge(state="declined"), order(), *sale()],
        [order(charge_id=B), *sale()],
    ],
    "orders.never_shipped_unpaid": [[charge(state="awaiting"), order(paid_at=None, state="shipped")]],
    "orders.refunds_are_booked": [
        [charge(), order(refunding=100), *sale()],
        [
            charge(),
            order(refunded=100),
            *sale(),
            *entry(2, "refund", B, {f"clearing:{STORE}": 99, f"refunds:{STORE}": -99}, order_id=A),
        ],
    ],
    "orders.settled_are_settled": [
        [charge(), order(state="settled"), *sale()],
        [charge(), order(state="settled"), *sale(), ("settlements", {"order_id": A, "store_id": STORE})],
    ],
    "payments.money_has_an_order": [
        [charge()],
        [charge(), ("refunds", {"id": B, "charge_id": A, "amount": 500, "state": "failed"})],
    ],
    "payments.not_more_back_than_taken": [
        [
            charge(),
            ("refunds", {"id": A, "charge_id": A, "amount": 300, "state": "succeeded"}),
            ("refunds", {"id": B, "charge_id": A, "amount": 201, "state": "sent"}),
        ]
    ],
    "payments.are_settled": [[charge(state="pending", created_at=ago(601))]],
    "refunds.go_on": [
        [charge(), ("refunds", {"id": A, "charge_id": A, "amount": 3, "state": "pending", "created_at": ago(3601)})]
    ],
    "refunds.strays_go_back": [
        [
            charge(state="void"),
            ("refunds", {"id": A, "charge_id": A, "amount": 500, "stray": True, "state": "failed"}),
        ]
    ],
    "payouts.are_booked": [
        [payout()],
        [payout(), *entry(1, "payout", A, {f"store:{STORE}": 699, f"payout:{STORE}": -699})],
        entry(1, "payout", A, {f"store:{STORE}": 700, f"payout:{STORE}": -700}),
    ],
    "payouts.go_on": [
        [
            payout(asked_at=ago(3601)),
            *entry(1, "payout", A, {f"store:{STORE}": 700, f"payout:{STORE}": -700}),
        ]
    ],
    "webhooks.are_worked": [[("webhooks", {"gateway": "g", "event_id": A, "received_at": ago(301)})]],
}
WELL: list[Row] = [
    variant(stocked=6, available=1, held=3, sold=2),
    hold(id="c" * 20, quantity=3, expires_at=ago(59)),
    hold(state="sold", order_id=A, expires_at=ago(9999)),
    ("order_lines", {"order_id": A, "hold_id": A}),
    charge(),
    order(state="settled", refunded=100),
    *sale(),
    *entry(2, "refund", B, {f"clearing:{STORE}": 100, f"refunds:{STORE}": -100}, order_id=A),
    *entry(3, "refunded", B, {f"refunds:{STORE}": 100, "gateway": -100}, order_id=A),
    *entry(4, "settle", A, {f"clearing:{STORE}": 400, f"store:{STORE}": -400}, order_id=A),
    ("settlements", {"order_id": A, "store_id": STORE}),
    ("refunds", {"id": B, "charge_id": A, "amount": 100, "state": "succeeded", "created_at": ago(9999)}),
    ("refunds", {"id": "d" * 20, "charge_id": B, "amount": 9, "stray": True, "state": "succeeded"}),
    payout(amount=300, asked_at=ago(3599)),
    *entry(5, "payout", A, {f"store:{STORE}": 300, f"payout:{STORE}": -300}),
    ("webhooks", {"gateway": "g", "event_id": A, "received_at": ago(9999), "worked_at": EVENING}),
    ("webhooks", {"gateway": "g", "event_id": B, "received_at": ago(299)}),
    ("charges", {"id": B, "amount": 9, "state": "pending", "created_at": ago(599)}),
]


@pytest.fixture
async def db(db_url: str) -> AsyncIterator[Database]:
    async with await AsyncConnection.connect(db_url, autocommit=True) as conn:
        await conn.execute(UNGUARDED)
    async with open_database(db_url, size=2) as opened:
        yield opened


async def put(db: Database, rows: list[Row]) -> None:
    """Rows with what is given, and something that fits wherever there must be something."""
    async with db.read() as conn:
        await conn.execute("set session_replication_role = replica")  # no triggers, no references
        for table, given in rows:
            needed = await (await conn.execute(NEEDED, [table])).fetchall()
            row = {name: FITTING[kind] for name, kind in needed if name not in given} | dict(given)
            for unique in {"hold_id", "number", "charge_id", "reference", "key"} & row.keys() - given.keys():
                row[unique] = f"{row.get('id', '')}{unique}"
            statement = sql.SQL("insert into {} ({}) overriding system value values ({})").format(
                sql.Identifier(table),
                sql.SQL(",").join(map(sql.Identifier, row)),
                sql.SQL(",").join(map(sql.Placeholder, row)),
            )
            await conn.execute(statement, row)
        await conn.execute("reset session_replication_role")


async def names(db: Database) -> set[str]:
    return {one.invariant for one in await Doctor(db, FixedClock(EVENING)).examine()}


@pytest.mark.parametrize(
    ("name", "rows"),
    [pytest.param(name, rows, id=f"{name}-{n}") for name in BROKEN for n, rows in enumerate(BROKEN[name])],
)
async def test_the_doctor_finds_what_is_broken_and_nothing_else(db: Database, name: str, rows: list[Row]) -> None:
    await put(db, rows)
    assert await names(db) == {name}


async def test_all_is_well_with_what_is_as_it_should_be(db: Database) -> None:
    assert await names(db) == set()
    await put(db, WELL)
    assert await Doctor(db, FixedClock(EVENING)).examine() == []


def test_every_invariant_is_broken_by_a_test() -> None:
    assert set(BROKEN) == set(INVARIANTS)


async def test_rounds_log_what_they_find(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    log = structlog.testing.CapturingLogger()
    monkeypatch.setattr(examination, "log", log)
    await put(db, BROKEN["stock.adds_up"][0])
    await Doctor(db, FixedClock(EVENING)).make_rounds()
    (said,) = log.calls
    assert (said.method_name, said.args) == ("error", ("an invariant is broken",))
    assert said.kwargs["invariant"] == "stock.adds_up"
    assert said.kwargs["subject"] == A


def test_the_command_says_it_all_and_exits_with_one(db_url: str) -> None:
    well = CliRunner().invoke(main, ["doctor", "--database-url", db_url])
    assert (well.exit_code, "All is well." in well.output) == (0, True), well.output
    with psycopg.connect(db_url, autocommit=True) as conn:
        conn.execute("set session_replication_role = replica")
        conn.execute("insert into entries (kind, ref, at) values ('sale', 'nothing', now())")
    broken = CliRunner().invoke(main, ["doctor", "--database-url", db_url])
    assert broken.exit_code == 1, broken.output
    assert "broken: 1" in broken.output
    assert "sale of nothing sums to 0" in broken.output
    assert all(name in broken.output for name in INVARIANTS)


def test_the_command_needs_a_market(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    asked = CliRunner().invoke(main, ["doctor", "--data", str(tmp_path)])
    assert (asked.exit_code, "no market" in asked.output) == (1, True)
    assert list(tmp_path.iterdir()) == []
