"""Options that several commands share; what is not given comes from the environment, then from the defaults."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ennichi.settings import Settings, read_settings

F = TypeVar("F", bound=Callable[..., Any])

data = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of everything that is kept.  [default: ./ennichi-data]",
)
database_url = click.option(
    "--database-url", metavar="URL", help="A Postgres to use instead of the embedded one (or DATABASE_URL)."
)


def serving(command: F) -> F:
    """Where to listen."""
    file = click.Path(path_type=Path, exists=True, dir_okay=False)
    for option in (
        click.option("--tls-key", type=file, help="Private key (PEM) of that certificate."),
        click.option("--tls-cert", type=file, help="Certificate chain (PEM) of a real domain."),
        click.option("--lan", is_flag=True, default=None, help="Serve the local network over HTTPS, for phones."),
        click.option("--host", help="Address to listen on.  [default: 127.0.0.1]"),
        click.option("--port", type=click.IntRange(1, 65535), help="TCP and UDP port.  [default: 8000]"),
    ):
        command = option(command)
    return command


def settings_from(**given: Any) -> Settings:
    """The settings in force; ends with a usage error when a value does not fit."""
    import msgspec

    try:
        settings = read_settings(**given)
        unsaid = settings.host == Settings.__struct_defaults__[Settings.__struct_fields__.index("host")]
        if settings.secure and unsaid and not given.get("host"):
            settings = msgspec.structs.replace(settings, host="0.0.0.0")  # noqa: S104 (asked for by --lan or --tls-cert)
    except msgspec.ValidationError as error:
        raise click.UsageError(str(error)) from None
    _check_sender(settings.payout_sender)
    if (settings.tls_cert is None) != (settings.tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key go together.")
    if (
        len(
            {
                bool(settings.stripe_secret_key),
                bool(settings.stripe_publishable_key),
                bool(settings.stripe_webhook_secret),
            }
        )
        > 1
    ):
        raise click.UsageError(
            "ENNICHI_STRIPE_SECRET_KEY, ENNICHI_STRIPE_PUBLISHABLE_KEY and ENNICHI_STRIPE_WEBHOOK_SECRET go together."
        )
    return settings


def _check_sender(text: str | None) -> None:
    if text:
        from ennichi.ledger import sender_of

        try:
            sender_of(text)
        except ValueError as error:
            raise click.UsageError(f"ENNICHI_PAYOUT_SENDER: {error}.") from None
