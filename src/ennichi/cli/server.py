"""Serves pages, feeds and video on a running database; imported late, because it needs nearly everything.

Life cycle: App -> demo people -> server listening -> greeted -> a signal, or the database gone -> streams ended ->
server stopped -> App closed. The streams have to end first: the server waits for open responses.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import embed

from ennichi.app import App, open_app
from ennichi.cli.database import RunningDatabase
from ennichi.cli.greeting import address, greet
from ennichi.cli.http1 import Http1Server
from ennichi.cli.network import allow_many_sockets, own_names
from ennichi.demo.market import demo_market
from ennichi.kit.collector import collect_seldom
from ennichi.kit.postgres import PostgresProblem
from ennichi.kit.tls import CertificateFiles, own_certificate
from ennichi.settings import Settings
from ennichi.web.app import build

LISTENING_PATIENCE_S = 10.0
STOP_PATIENCE_S = 2.0
# Granian writes into our log, and only what has gone wrong.
SERVER_LOG: dict[str, Any] = {"handlers": {}, "formatters": {}, "loggers": {"_granian": {"handlers": []}}}


async def serve(settings: Settings, running: RunningDatabase, stop: asyncio.Event, begun: float) -> None:
    """Open the program on a database and serve until `stop`; `begun` is when it was started (time.monotonic)."""
    allow_many_sockets()
    async with open_app(settings, running.conninfo) as app, _demo(app):
        certificate = _certificate(settings)
        server = _server(app, settings, certificate)
        serving = asyncio.create_task(server.serve())
        try:
            await _listening(settings, serving)
            collect_seldom()
            greet(settings, address(settings, secure=certificate is not None), seconds=time.monotonic() - begun)
            await _first(stop.wait(), running.failed.wait(), _outcome(serving))
        finally:
            await app.close_streams()
            server.stop()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(serving, STOP_PATIENCE_S)
    if running.failed.is_set():
        raise PostgresProblem("postgres.died", "The database could not be kept running; see the log.")


@contextlib.asynccontextmanager
async def _demo(app: App) -> AsyncIterator[None]:
    """The demo's people and robots, in demo mode."""
    if not app.settings.demo:
        yield
        return
    async with demo_market(app, lang=app.settings.demo_lang, robots=app.settings.robots, crowd=app.settings.crowd):
        yield


def _server(app: App, settings: Settings, certificate: CertificateFiles | None) -> Http1Server | embed.Server:
    """HTTP/1 in this loop; HTTP/2 where there is TLS, for which browsers ask it (see ADR 0019)."""
    if certificate is None:
        return Http1Server(build(app), host=settings.host, port=settings.port)
    return embed.Server(
        build(app),
        # The App is open already: the server has no life cycle to run.
        interface=Interfaces.ASGINL,
        address=settings.host,
        port=settings.port,
        backlog=4096,
        backpressure=16_000,
        websockets=False,
        log_level=LogLevels.error,
        log_dictconfig=SERVER_LOG,
        ssl_cert=certificate.certificate,
        ssl_key=certificate.key,
    )


def _certificate(settings: Settings) -> CertificateFiles | None:
    if settings.tls_cert and settings.tls_key:
        return CertificateFiles(settings.tls_cert, settings.tls_key)
    if settings.lan:
        return own_certificate(settings.data / "tls", own_names(), datetime.now(UTC))
    return None


async def _listening(settings: Settings, serving: "asyncio.Task[None]") -> None:
    """Wait until the server takes connections."""
    host = "127.0.0.1" if settings.host == "0.0.0.0" else settings.host  # noqa: S104 (compared with, not bound to)
    async with asyncio.timeout(LISTENING_PATIENCE_S):
        while not serving.done():
            try:
                _, writer = await asyncio.open_connection(host, settings.port)
            except OSError:
                await asyncio.sleep(0.01)
            else:
                writer.close()
                return


async def _first(*waits: Any) -> None:
    """Return as soon as one of them is done, and raise what it raised."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    for task in done:
        task.result()


async def _outcome(task: "asyncio.Task[None]") -> None:
    await asyncio.shield(task)
