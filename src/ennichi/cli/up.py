"""`ennichi up`."""

from typing import Any

import click

from ennichi.cli.options import data as data_option
from ennichi.cli.options import database_url as database_url_option
from ennichi.cli.options import serving, settings_from


@click.command
@data_option
@serving
@database_url_option
def up(**given: Any) -> None:
    """Run the market: pages, video, database, all in one."""
    from ennichi.cli.program import run

    run(settings_from(**given))
