"""`ennichi version`."""

import click

from ennichi import __version__


@click.command
def version() -> None:
    """Print the version."""
    click.echo(__version__)
