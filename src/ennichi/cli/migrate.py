"""`ennichi migrate`."""

import asyncio
from typing import Any

import click

from ennichi.cli.options import data as data_option
from ennichi.cli.options import database_url as database_url_option
from ennichi.cli.options import settings_from


@click.command
@data_option
@database_url_option
def migrate(**given: Any) -> None:
    """Bring the database to the newest schema (`up` does so by itself)."""
    from ennichi.cli.database import database, fail_clearly
    from ennichi.cli.logs import set_up_logs
    from ennichi.kit import migrate as migrations

    settings = settings_from(**given)
    set_up_logs(as_json=settings.log_json)

    async def run() -> list[str]:
        async with database(settings) as running:
            return await migrations.migrate(running.conninfo)

    with fail_clearly():
        ran = asyncio.run(run())
    click.echo("\n".join(ran) if ran else "The schema is the newest already.")
