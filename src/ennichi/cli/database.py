"""The database that a command works on, and what a person is told when there is none."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import click
import psycopg
import structlog

from ennichi.cli.network import PortTaken
from ennichi.demo import NotEmpty
from ennichi.kit.postgres import EmbeddedPostgres, PostgresProblem
from ennichi.settings import Settings


@dataclass(frozen=True)
class RunningDatabase:
    """A database that answers; `failed` is set when it cannot be kept running."""

    conninfo: str
    failed: asyncio.Event


@contextlib.asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[RunningDatabase]:
    """The database of these settings: the one given, or our own in the data folder."""
    if settings.database_url:
        yield RunningDatabase(settings.database_url, asyncio.Event())
        return
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    postgres = EmbeddedPostgres(settings.data, log=structlog.get_logger(), durable=not settings.demo)
    conninfo = await postgres.start()
    try:
        yield RunningDatabase(conninfo, postgres.failed)
    finally:
        await postgres.stop()


@contextlib.contextmanager
def fail_clearly() -> Iterator[None]:
    """Turn what a person can mend into one line and exit code 1."""
    try:
        yield
    except (PortTaken, PostgresProblem, NotEmpty) as problem:
        raise click.ClickException(str(problem)) from None
    except psycopg.OperationalError as problem:
        raise click.ClickException(f"The database does not answer: {problem}") from None
