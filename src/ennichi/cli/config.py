"""`ennichi config`."""

import click


@click.command
def config() -> None:
    """Print every setting: its value now, the variable that sets it, and what it means."""
    from ennichi.cli.options import settings_from
    from ennichi.settings import describe

    settings = settings_from()
    for name, variable, meaning in describe():
        value = getattr(settings, name)
        shown = "***" if value and name in {"smtp_url", "database_url"} else "" if value is None else value
        click.echo(f"{name} = {shown}\n    {meaning}\n    {variable}\n")
