"""What a person reads in the terminal once the program is open."""

import io
import sys

import segno

from ennichi.cli.network import lan_addresses
from ennichi.settings import Settings


def address(settings: Settings, *, secure: bool) -> str:
    """The address to type into a browser: for a phone where the local network is served."""
    scheme = "https" if secure else "http"
    host = settings.host
    if host in {"0.0.0.0", "::"}:  # noqa: S104 (compared with, not bound to)
        host = next(iter(lan_addresses()), "localhost")
    elif host in {"127.0.0.1", "::1"}:
        host = "localhost"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{settings.port}"


def greet(settings: Settings, url: str, *, seconds: float) -> None:
    """Print the address, its QR code, where things are and how to stop."""
    qr = io.StringIO()
    segno.make(url, error="l").terminal(out=qr, border=2, compact=True)
    database = "DATABASE_URL" if settings.database_url else "Postgres inside, in the data folder"
    lines = [
        "",
        f"  Ennichi is open after {seconds:.1f} s:  {url}",
        "",
        qr.getvalue(),
        f"  data      {'thrown away at the end: ' if settings.demo else ''}{settings.data}",
        f"  database  {database}",
        f"  video     UDP port {settings.port}",
    ]
    if settings.lan:
        lines.append("  phones    open the address, accept the certificate of this machine once")
    elif settings.tls_cert is None:
        lines.append("  phones    start with --lan to sell from a phone's camera (make run LAN=1)")
    lines += ["  stop      Ctrl-C", ""]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
