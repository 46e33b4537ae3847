"""`ennichi doctor`."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import click

from ennichi.cli.options import data as data_option
from ennichi.cli.options import database_url as database_url_option
from ennichi.cli.options import settings_from

if TYPE_CHECKING:
    from ennichi.doctor import Finding
    from ennichi.settings import Settings


@click.command
@data_option
@database_url_option
def doctor(**given: Any) -> None:
    """Look whether stock, money and orders are as they must always be; exits with 1 when something is not.

    Reads only, and may be run beside a running market.
    """
    from ennichi.cli.database import fail_clearly
    from ennichi.cli.logs import set_up_logs

    settings = settings_from(**given)
    set_up_logs(as_json=settings.log_json)
    with fail_clearly():
        found = asyncio.run(_examine(settings))
    _print(found)
    if found:
        raise click.exceptions.Exit(1)


async def _examine(settings: "Settings") -> "list[Finding]":
    import psycopg

    from ennichi.doctor import Doctor
    from ennichi.kit.clock import SystemClock
    from ennichi.kit.db import open_database

    async with _where(settings) as conninfo, open_database(conninfo, size=2) as db:
        try:
            return await Doctor(db, SystemClock()).examine()
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
            raise click.ClickException("The schema is not that of this version: run `ennichi migrate` first.") from None


@contextlib.asynccontextmanager
async def _where(settings: "Settings") -> AsyncIterator[str]:
    """The database, whether a market is running on it or not."""
    from ennichi.cli.database import database
    from ennichi.kit.postgres import running_on

    address = settings.database_url or running_on(settings.data)
    if address:
        yield address
        return
    if not (settings.data / "postgres").exists():
        raise click.ClickException(f"There is no market in {settings.data}.")
    async with database(settings) as started:
        yield started.conninfo


def _print(found: "list[Finding]") -> None:
    from ennichi.doctor import INVARIANTS

    width = max(len(name) for name in INVARIANTS)
    for name in INVARIANTS:
        broken = [one for one in found if one.invariant == name]
        verdict = (
            click.style(f"broken: {len(broken)}", fg="red", bold=True) if broken else click.style("ok", fg="green")
        )
        click.echo(f"  {name:<{width}}  {verdict}")
        for one in broken:
            click.echo(f"      {one.subject}  {one.detail}")
    click.echo(f"\n  {len(found)} violations." if found else "\n  All is well.")
