"""`ennichi config`."""

import click

SECRET = {"smtp_url", "database_url", "stripe_secret_key", "stripe_webhook_secret"}
"""Settings that hold a password, or are one."""


@click.command
def config() -> None:
    """Print every setting: its value now, the variable that sets it, and what it means."""
    from ennichi.cli.options import settings_from
    from ennichi.settings import describe

    settings = settings_from()
    for name, variable, meaning in describe():
        value = getattr(settings, name)
        shown = "***" if value and name in SECRET else "" if value is None else value
        click.echo(f"{name} = {shown}\n    {meaning}\n    {variable}\n")
