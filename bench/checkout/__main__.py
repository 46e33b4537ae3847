"""How many holds a second, and how fair a rush is: the service beside pgbench, then the program through HTTP.

The database is durable, as the program's own; everything is on one machine, so the clients' share of it is part of
every figure.

    python -m bench.checkout [core] [http]    (both when none is named)
"""

import asyncio
import sys
from pathlib import Path

import uvloop
from bench.checkout import core, http
from bench.checkout.stage import Stage, database, folder, program, quiet, set_up
from tests.support.running import running

from ennichi.cli.network import allow_many_sockets

PARTS = ("core", "http")
VARIANTS = 500


async def measure(where: Path, parts: list[str]) -> bool:
    """Set the stage and measure; True when every bound is held."""
    held = []
    async with database(where) as url:
        async with program(where, url) as app:
            stage = await set_up(app, url, VARIANTS)
            if "core" in parts:
                held.append(await core.beside(app, stage, where))
        if "http" in parts:
            held.append(await asyncio.to_thread(through_http, stage, where))
    return all(held)


def through_http(stage: Stage, where: Path) -> bool:
    """The same database behind a program of its own."""
    environ = {"DATABASE_URL": stage.url, "ENNICHI_DATA": str(where / "served")}
    with running("up", environ=environ) as served:
        first = http.thousand(stage, served.port)
        return http.throughput(stage, where, served.port) and first


def main() -> int:
    """Measure and print; 1 when a bound is broken."""
    parts = sys.argv[1:] or list(PARTS)
    if unknown := set(parts) - set(PARTS):
        print(f"There is no {', '.join(sorted(unknown))} here; there are {', '.join(PARTS)}.")
        return 2
    allow_many_sockets()
    quiet()
    with folder() as where:
        return 0 if uvloop.run(measure(where, parts)) else 1


if __name__ == "__main__":
    sys.exit(main())
