"""Runs the whole program in one process and one event loop, from the first check to the last.

Life cycle: ports checked -> database started, the rest imported meanwhile -> served (server.py) -> database stopped.
A second Ctrl-C ends the process at once; the database then stops by itself.
"""

import asyncio
import os
import signal
import sys
import time
from types import ModuleType

from ennichi.cli.database import database, fail_clearly
from ennichi.cli.logs import set_up_logs
from ennichi.cli.network import check_ports
from ennichi.settings import Settings

# One Ctrl-C may arrive twice: from the terminal, and passed on by what started us.
ONE_WISH_S = 0.3


def run(settings: Settings) -> None:
    """Run until a signal; exits with 1 and a clear line when that cannot be."""
    set_up_logs(as_json=settings.log_json)
    begun = time.monotonic()
    with fail_clearly(), asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(_run(settings, begun))


async def _run(settings: Settings, begun: float) -> None:
    check_ports(settings.host, settings.port)
    stop = _stop_on_signals()
    # The database takes a while to start, and the imports do: side by side.
    importing = asyncio.create_task(asyncio.to_thread(_import_server))
    async with database(settings) as running:
        server = await importing
        await server.serve(settings, running, stop, begun)


def _import_server() -> ModuleType:
    from ennichi.cli import server

    return server


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    first = 0.0

    def asked(number: signal.Signals) -> None:
        nonlocal first
        if not stop.is_set():
            first = loop.time()
            sys.stdout.write("\n  Closing ...\n")
            sys.stdout.flush()
            stop.set()
        elif number == signal.SIGINT and loop.time() - first > ONE_WISH_S:
            os._exit(130)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked, number)
    return stop


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:  # Windows
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
