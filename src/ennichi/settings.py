"""Every setting of the program in one typed tree, read once at the start.

Each field can be set by an environment variable named `ENNICHI_` and the field's name in capitals; the command line
comes before the environment. `ennichi config` prints this tree with the values in force.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import Meta


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How this installation runs."""

    data: Annotated[Path, Meta(description="Folder of everything that is kept: database, photos, keys.")] = Path(
        "ennichi-data"
    )
    database_url: Annotated[str | None, Meta(description="A Postgres to use instead of the embedded one.")] = None
    host: Annotated[str, Meta(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535, description="TCP port of the pages, and UDP port of the video.")] = 8000
    lan: Annotated[bool, Meta(description="Serve the local network over HTTPS with an own certificate.")] = False
    tls_cert: Annotated[Path | None, Meta(description="Certificate chain (PEM) of a real domain.")] = None
    tls_key: Annotated[Path | None, Meta(description="Private key (PEM) of that certificate.")] = None
    demo: Annotated[bool, Meta(description="Demo mode: ready-made people, mail shown in a page.")] = False
    robots: Annotated[bool, Meta(description="Robot seller and viewers in demo mode.")] = True
    crowd: Annotated[int, Meta(ge=0, le=500, description="How many robot viewers.")] = 8
    demo_lang: Annotated[Literal["ja", "en"], Meta(description="Language of the demo's stalls and robots.")] = "ja"
    smtp_url: Annotated[
        str | None, Meta(description="Mail server, smtp://user:password@host:587; without it mail goes to the log.")
    ] = None
    mail_from: Annotated[str, Meta(description="Sender of the mail.")] = "Ennichi <ennichi@localhost>"
    fee_bps: Annotated[
        int, Meta(ge=0, le=10_000, description="What the market keeps of a sale, in hundredths of a percent.")
    ] = 0
    market_name: Annotated[str | None, Meta(description="Who runs this market, on invoices it issues.")] = None
    market_address: Annotated[str | None, Meta(description="Where they are, on invoices they issue.")] = None
    market_invoice_number: Annotated[
        Annotated[str, Meta(pattern=r"^T[0-9]{13}$")] | None,
        Meta(description="Their number as issuer of invoices, T and 13 digits."),
    ] = None
    public_url: Annotated[
        str | None,
        Meta(description="Address people reach the pages under, for links in mail; else made of host and port."),
    ] = None
    max_viewers: Annotated[
        int, Meta(ge=1, description="Viewers the relay admits (about 400 per core at 1.5 Mbit/s).")
    ] = 400
    reserve_bps: Annotated[
        int, Meta(ge=0, le=5000, description="Share of each order kept for refunds for 30 days, in basis points.")
    ] = 0
    payout_sender: Annotated[
        str | None,
        Meta(
            description="Account that transfers to stores are made from, for 全銀 files: code:name:bank code:bank:"
            "branch code:branch:ordinary|current:number, names in kana."
        ),
    ] = None
    stripe_secret_key: Annotated[
        str | None, Meta(description="Secret key of an account at Stripe; with it Stripe takes the money.")
    ] = None
    stripe_publishable_key: Annotated[
        str | None, Meta(description="Publishable key of the same account, for Stripe's program in the page.")
    ] = None
    stripe_webhook_secret: Annotated[
        str | None, Meta(description="Signing secret (whsec_…) of Stripe's messages to /api/v1/webhooks/stripe.")
    ] = None
    stripe_api_base: Annotated[
        str | None, Meta(description="Another house that speaks like Stripe, such as stripe-mock; for trying things.")
    ] = None
    log_json: Annotated[bool, Meta(description="Log lines as JSON instead of for reading.")] = False

    @property
    def secure(self) -> bool:
        """Whether the program itself speaks TLS."""
        return self.lan or self.tls_cert is not None

    @property
    def site(self) -> str:
        """Where people reach the pages, without a slash at the end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        scheme = "https" if self.secure else "http"
        host = "localhost" if self.host in ("127.0.0.1", "0.0.0.0", "::") else self.host  # noqa: S104 (it is compared)
        return f"{scheme}://{host}:{self.port}"


def read_settings(environ: Mapping[str, str] = os.environ, **given: Any) -> Settings:
    """Settings from `given` (None means not given), then the environment, then the defaults.

    Raises msgspec.ValidationError naming the field when a value does not fit.
    """
    values: dict[str, Any] = {}
    for name in Settings.__struct_fields__:
        variable = _variable(name)
        if given.get(name) is not None:
            values[name] = given[name]
        elif environ.get(variable):
            values[name] = environ[variable]
    return msgspec.convert(values, Settings, strict=False, dec_hook=_decode)


def describe() -> list[tuple[str, str, str]]:
    """Name, environment variable and description of every setting, in order."""
    rows = []
    for name, hint in get_type_hints(Settings, include_extras=True).items():
        meta = next(m for m in hint.__metadata__ if isinstance(m, Meta) and m.description)
        rows.append((name, _variable(name), str(meta.description)))
    return rows


def _variable(name: str) -> str:
    """Hosts hand the database over as DATABASE_URL; everything else has our prefix."""
    return "DATABASE_URL" if name == "database_url" else f"ENNICHI_{name.upper()}"


def _decode(kind: type, value: Any) -> Any:
    """Paths are the one type of a setting that msgspec does not know."""
    return kind(value)
