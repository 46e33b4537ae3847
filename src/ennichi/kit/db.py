"""Postgres: a pool, transactions that carry domain events, and typed statements.

Invariants: a use case runs in one transaction. What it recorded with `Transaction.record` is handed first to the
handlers inside that transaction (they may write, and may stop it by raising), and after the commit, in the same
order, to the handlers that only tell others. A rolled-back transaction tells nobody.
"""

import contextlib
import select
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable, Mapping
from typing import Any, Generic, LiteralString, TypeVar

import msgspec
import structlog
from psycopg import AsyncConnection, AsyncCursor, AsyncPipeline, Error
from psycopg.rows import kwargs_row, scalar_row, tuple_row
from psycopg_pool import AsyncConnectionPool

from ennichi.kit.errors import NotFound
from ennichi.kit.outage import outage

log = structlog.get_logger(__name__)

AWAY_S = 5.0
"""Who asks while the database is away is told so after this long; a restart of it is over sooner."""

Row = TypeVar("Row")
Event = TypeVar("Event")
Value = TypeVar("Value")


class Transaction:
    """One open transaction: hand it to statements, and record what happened on it."""

    def __init__(self, conn: AsyncConnection[Any], events: "Events", pipeline: AsyncPipeline | None = None) -> None:
        self.conn = conn
        self.pipeline = pipeline
        self._events = events
        self.recorded: list[object] = []

    def record(self, event: object) -> None:
        """Remember a domain event; its listeners run before the commit and after it."""
        self.recorded.append(event)

    async def settle(self) -> None:
        """Run the listeners inside the transaction, also for what they record themselves."""
        done = 0
        while done < len(self.recorded):
            await self._events.inside(self, self.recorded[done])
            done += 1


Connection = AsyncConnection[Any] | Transaction


class Events:
    """Who listens to which domain event. Filled by the composition root, once, before the first transaction."""

    def __init__(self) -> None:
        self._inside: dict[type, list[Callable[[Transaction, Any], Awaitable[None]]]] = defaultdict(list)
        self._after: dict[type, list[Callable[[Any], Awaitable[None]]]] = defaultdict(list)

    def on(self, kind: type[Event], handler: Callable[[Transaction, Event], Awaitable[None]]) -> None:
        """Call `handler(tx, event)` inside the transaction, before its commit."""
        self._inside[kind].append(handler)

    def after(self, kind: type[Event], handler: Callable[[Event], Awaitable[None]]) -> None:
        """Call `handler(event)` once the transaction is committed. What it raises is logged and goes no further."""
        self._after[kind].append(handler)

    async def inside(self, tx: Transaction, event: object) -> None:
        """Tell the listeners inside the transaction."""
        for handler in self._inside.get(type(event), ()):
            await handler(tx, event)

    async def announce(self, events: Iterable[object]) -> None:
        """Tell the listeners that wait for the commit."""
        for event in events:
            for handler in self._after.get(type(event), ()):
                try:
                    await handler(event)
                except Exception as problem:
                    if not outage.noticed(problem):
                        log.exception("an event's listener failed", domain_event=type(event).__name__)


class Database:
    """The pool and the listeners; services open their transactions here."""

    def __init__(
        self, pool: "AsyncConnectionPool[AsyncConnection[Any]]", swift: "AsyncConnectionPool[AsyncConnection[Any]]"
    ) -> None:
        self._pool = pool
        self._swift = swift
        self.events = Events()

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """One use case: commits at the end of the block, rolls back when it raises."""
        async with self._pool.connection() as conn, conn.transaction():
            tx = Transaction(conn, self.events)
            yield tx
            await tx.settle()
        await self.events.announce(tx.recorded)

    @contextlib.asynccontextmanager
    async def swift_transaction(self) -> AsyncIterator[Transaction]:
        """One use case in few round trips; the caller hands what was recorded to `events.announce`.

        Commands are only sent, and what went wrong with one is raised by the next statement that waits for an answer,
        or by the commit.
        """
        async with self._swift.connection() as conn, conn.pipeline() as pipeline:
            await conn.execute("begin")
            tx = Transaction(conn, self.events, pipeline)
            try:
                yield tx
                await tx.settle()
                await conn.commit()
            except BaseException:
                with contextlib.suppress(Error):  # what was only sent may have failed, too
                    await pipeline.sync()
                with contextlib.suppress(Error):
                    await conn.rollback()
                raise

    async def check(self) -> None:
        """Return when the database answers; raise when it does not."""
        async with self._pool.connection() as conn:
            await conn.execute("select 1")

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection[Any]]:
        """A connection for reading, in autocommit: each statement sees what is committed when it starts."""
        async with self._pool.connection() as conn:
            yield conn


@contextlib.asynccontextmanager
async def open_database(conninfo: str, *, size: int = 16) -> AsyncIterator[Database]:
    """Up to `size` autocommit connections to `conninfo`, closed at the end of the block.

    Swift transactions have connections of their own: always the same ones, which have planned their few statements.
    """
    async with _pool(conninfo, min(2, size), size) as pool, _pool(conninfo, 1, 2) as swift:
        await pool.wait(timeout=30)
        yield Database(pool, swift)


def _pool(conninfo: str, least: int, most: int) -> "AsyncConnectionPool[AsyncConnection[Any]]":
    return AsyncConnectionPool(
        conninfo,
        min_size=least,
        max_size=most,
        open=False,
        kwargs={"autocommit": True, "options": "-c timezone=UTC", "prepare_threshold": 0},
        check=_check,
        timeout=AWAY_S,
        # Else it waits ever longer before it tries again, and the database is back for minutes before anybody hears.
        reconnect_timeout=AWAY_S,
    )


async def _check(conn: AsyncConnection[Any]) -> None:
    """Raise when the server is gone. It has nothing to say to an idle connection unless it closes it."""
    idle = select.poll()
    idle.register(conn, select.POLLIN)
    if idle.poll(0):
        await AsyncConnectionPool.check_connection(conn)


def _conn(where: Connection) -> AsyncConnection[Any]:
    return where.conn if isinstance(where, Transaction) else where


def _cursor(where: Connection, row: Any) -> AsyncCursor[Any]:
    return _conn(where).cursor(row_factory=row or tuple_row)


@contextlib.asynccontextmanager
async def together(where: Connection) -> AsyncIterator[None]:
    """Send the statements of the block in one go; they are carried out in their order, and answered at its end.

    For `Query.later` and for commands. Raises what the first of them that fails raises.
    """
    if isinstance(where, Transaction) and where.pipeline:
        yield
        await where.pipeline.sync()
    else:
        async with _conn(where).pipeline():
            yield


class Later(Generic[Value]):
    """What a statement sent `together` with others comes to: await it when their block is over.

    One that is only sent in a swift transaction may be awaited after it.
    """

    def __init__(self, cursor: AsyncCursor[Any], made: Callable[[list[Any]], Value]) -> None:
        self._cursor = cursor
        self._made = made

    def __await__(self) -> Generator[Any, None, Value]:
        return self._get().__await__()

    async def _get(self) -> Value:
        async with self._cursor:
            return self._made(await self._cursor.fetchall())


def array(values: Iterable[str | int]) -> str:
    """Identifiers or numbers as the text of an array (`%(ids)s::text[]`): far less work for the driver than a list."""
    return "{" + ",".join(map(str, values)) + "}"


def texts(values: Iterable[str | None]) -> str:
    """Like `array`, for any text and for null."""
    quoted = ("null" if v is None else '"' + v.replace("\\", "\\\\").replace('"', '\\"') + '"' for v in values)
    return "{" + ",".join(quoted) + "}"


class Query(Generic[Row]):
    """A statement that returns rows of one type: a msgspec Struct (by column name) or a scalar."""

    def __init__(self, row: type[Row], sql: LiteralString) -> None:
        self.row = row
        self.sql: LiteralString = sql
        self._factory: Any = kwargs_row(row) if issubclass(row, msgspec.Struct) else scalar_row

    async def all(self, where: Connection, **params: Any) -> list[Row]:
        """Every row."""
        async with _cursor(where, self._factory) as cursor:
            await cursor.execute(self.sql, params)
            return await cursor.fetchall()

    async def later(self, where: Connection, made: Callable[[list[Row]], Value], **params: Any) -> Later[Value]:
        """Only sent, `together` with others; what `made` makes of the rows is to be awaited after their block."""
        cursor = _cursor(where, self._factory)
        await cursor.execute(self.sql, params)
        return Later(cursor, made)

    async def first(self, where: Connection, **params: Any) -> Row | None:
        """The first row, or None."""
        async with _cursor(where, self._factory) as cursor:
            await cursor.execute(self.sql, params)
            row: Row | None = await cursor.fetchone()
            return row

    async def one(self, where: Connection, **params: Any) -> Row:
        """The first row; NotFound when there is none."""
        row = await self.first(where, **params)
        if row is None:
            raise NotFound
        return row


class Command:
    """A statement that returns no rows."""

    def __init__(self, sql: LiteralString) -> None:
        self.sql: LiteralString = sql

    async def run(self, where: Connection, **params: Any) -> int:
        """Carry it out; returns how many rows it touched (-1 where it is only sent)."""
        async with _cursor(where, None) as cursor:
            await cursor.execute(self.sql, params)
            return cursor.rowcount

    async def many(self, where: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Carry it out once per mapping of parameters, in one round trip."""
        async with _cursor(where, None) as cursor:
            await cursor.executemany(self.sql, list(rows))
