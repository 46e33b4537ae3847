"""`ennichi publish`, and the sending behind it for programs."""

import asyncio
import json
import re
import signal
import ssl
import sys
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import msgspec

from ennichi.media import FootageUnusable, Ticket, publish_file

__all__ = ["TicketDenied", "publish", "publish_file", "ticket_source"]

_SHOW = re.compile(r"/shows/([0-9a-hjkmnp-tv-z]{20})(/|$)")
_TIMEOUT = 10
_RETRY = 2


class TicketDenied(Exception):
    """The server gives no ticket; the text is its reason."""


def ticket_source(show_url: str, token: str | None, *, insecure: bool = False) -> Callable[[], Awaitable[Ticket]]:
    """Asks the server of a show's page for publishing tickets.

    `show_url` is the address of the page, `token` that of a session (`POST /api/v1/auth/...`). A server that cannot be
    reached is asked again every two seconds; one that refuses raises `TicketDenied`. `insecure` accepts any
    certificate.
    """
    parts = urlsplit(show_url)
    found = _SHOW.search(parts.path)
    if parts.scheme not in ("http", "https") or found is None:
        raise TicketDenied(f"{show_url} is not the address of a show, like https://example.org/shows/06bqs…")
    address = f"{parts.scheme}://{parts.netloc}/api/v1/shows/{found[1]}/tickets"
    context = ssl.create_default_context()
    if insecure:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    async def source() -> Ticket:
        while True:
            try:
                return await asyncio.to_thread(_fetch, address, token, context)
            except OSError as problem:
                click.echo(f"{parts.netloc} cannot be reached ({problem}); trying again.", err=True)
                await asyncio.sleep(_RETRY)

    return source


def _fetch(address: str, token: str | None, context: ssl.SSLContext) -> Ticket:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(address, json.dumps({"role": "publish"}).encode(), headers)  # noqa: S310 (http(s) only, checked by ticket_source)
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT, context=context) as answer:  # noqa: S310 (as above)
            return msgspec.json.decode(answer.read(), type=Ticket)
    except urllib.error.HTTPError as refusal:
        if refusal.code >= 500 or refusal.code == 429:
            raise OSError(f"it answers {refusal.code}") from refusal
        raise TicketDenied(_reason(refusal)) from refusal


def _reason(refusal: urllib.error.HTTPError) -> str:
    try:
        error: dict[str, Any] = json.loads(refusal.read())["error"]
        return f"{error['message']} ({error['code']})"
    except (ValueError, KeyError, TypeError):
        return f"the server answers {refusal.code}"


@click.command
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--show", required=True, metavar="URL", help="Address of the show's page; it must be live.")
@click.option("--token", envvar="ENNICHI_TOKEN", help="Session token of a member of the store (or ENNICHI_TOKEN).")
@click.option("--loop", is_flag=True, help="Begin again at the end, until stopped.")
@click.option("--tone", is_flag=True, help="Add a quiet sound track when the file has no Opus sound.")
@click.option("--insecure", is_flag=True, help="Accept any certificate of the web server, as for --lan.")
def publish(file: Path, show: str, token: str | None, *, loop: bool, tone: bool, insecure: bool) -> None:
    """Send an H.264 FILE into a live show, at its own pace and without re-encoding."""
    try:
        source = ticket_source(show, token, insecure=insecure)
        asyncio.run(_publish(file, source, loop=loop, tone=tone))
    except (FootageUnusable, TicketDenied) as problem:
        raise click.ClickException(str(problem)) from None


async def _publish(file: Path, source: Callable[[], Awaitable[Ticket]], *, loop: bool, tone: bool) -> None:
    stop = asyncio.Event()
    if sys.platform != "win32":
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    click.echo(f"Sending {file.name}; stop with Ctrl-C.")
    await publish_file(file, source, loop=loop, stop=stop, tone=tone)
