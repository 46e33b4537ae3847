"""Every statement of the program is prepared on the migrated schema, and its columns compared with what they fill."""

import importlib
import pkgutil
import re
import types
import typing
from collections.abc import Iterator
from datetime import date, datetime
from types import ModuleType
from typing import Any, Literal, get_args, get_origin

import msgspec
import psycopg
import pytest
from tests.support.running import fresh_database

import ennichi
from ennichi.kit.db import Command, Query

Statement = Query[Any] | Command

FITS: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "character varying": (str,),
    "smallint": (int,),
    "integer": (int,),
    "bigint": (int,),
    "boolean": (bool,),
    "double precision": (float,),
    "bytea": (bytes,),
    "timestamp with time zone": (datetime,),
    "date": (date,),
    "jsonb": (dict, list),
    "text[]": (list,),
}
"""What psycopg makes of each type of column that the program reads."""


def queries_modules() -> list[ModuleType]:
    names = [found.name for found in pkgutil.walk_packages(ennichi.__path__, "ennichi.")]
    return [importlib.import_module(name) for name in names if name.endswith(".queries")]


def statements() -> Iterator[tuple[str, Statement]]:
    for module in queries_modules():
        for name, value in vars(module).items():
            if isinstance(value, Query | Command):
                yield f"{module.__name__.removeprefix('ennichi.')}.{name}", value


@pytest.fixture(scope="module")
def schema(postgres_url: str, migrated: str) -> Iterator["psycopg.Connection[Any]"]:
    """A connection to the migrated schema."""
    with fresh_database(postgres_url, migrated, "statements") as url, psycopg.connect(url, autocommit=True) as conn:
        conn.prepare_threshold = None
        yield conn


@pytest.mark.parametrize(("name", "statement"), [pytest.param(n, s, id=n) for n, s in statements()])
def test_a_statement_fits_the_schema_and_its_type(
    schema: "psycopg.Connection[Any]", name: str, statement: Statement
) -> None:
    schema.execute("deallocate all")
    schema.execute(f"prepare checked as {_numbered(statement.sql)}".encode())
    columns = _columns(schema)
    if isinstance(statement, Command):
        assert columns == [], f"{name} returns rows, but is a Command"
    elif issubclass(statement.row, msgspec.Struct):
        _compare(name, columns, _fields(statement.row))
    else:
        assert len(columns) == 1, f"{name} should return one column"
        assert statement.row in FITS[columns[0][1]], f"{name}: {columns[0]} is not a {statement.row}"


def test_there_are_statements_in_every_domain() -> None:
    assert len(queries_modules()) >= 8
    assert sum(1 for _ in statements()) > 60


def _numbered(sql: str) -> str:
    """The statement with `$1`, `$2`, ... for its named parameters, as psycopg sends it."""
    names: dict[str, int] = {}
    numbered = re.sub(r"%\((\w+)\)s", lambda m: f"${names.setdefault(m[1], len(names) + 1)}", sql)
    return numbered.replace("%%", "%")


def _columns(conn: "psycopg.Connection[Any]") -> list[tuple[str, str]]:
    """Name and type of each column that the prepared statement returns."""
    described = conn.pgconn.describe_prepared(b"checked")
    oids = [(described.fname(n), described.ftype(n)) for n in range(described.nfields)]
    rows = conn.execute("select oid, format_type(oid, null) from pg_type where oid = any(%s)", [[o for _, o in oids]])
    names = dict(rows.fetchall())
    return [((name or b"").decode(), names[oid]) for name, oid in oids]


def _fields(row: type[msgspec.Struct]) -> dict[str, Any]:
    hints = typing.get_type_hints(row)
    return {field.name: hints[field.name] for field in msgspec.structs.fields(row)}


def _compare(name: str, columns: list[tuple[str, str]], fields: dict[str, Any]) -> None:
    assert [column for column, _ in columns if column not in fields] == [], f"{name}: no field takes these"
    assert sorted(column for column, _ in columns) == sorted(fields), f"{name}: fields without a column"
    for column, kind in columns:
        assert kind in FITS, f"{name}: {column} is of a type nobody reads: {kind}"
        for wanted in _plain(fields[column]):
            assert wanted in FITS[kind], f"{name}: {column} is {kind}, the field says {wanted}"


def _plain(hint: Any) -> set[type]:
    """The runtime types behind a hint, None left out."""
    origin = get_origin(hint)
    if origin is Literal:
        return {type(value) for value in get_args(hint)}
    if origin in (typing.Union, types.UnionType):
        return {plain for part in get_args(hint) if part is not type(None) for plain in _plain(part)}
    return {origin or hint}
