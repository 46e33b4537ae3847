"""A rush in whose middle something is killed, ten times over: what was answered stays, and everything goes on."""

import contextlib
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest
from tests.support.books import wrongs
from tests.support.fair import Fair, address_in, fair_in, fair_on
from tests.support.running import Program, fresh_database, spare_port, started
from tests.support.rush import Crowd
from tests.support.waiting import until

from ennichi.kit.postgres.supervisor import RESTARTS

pytestmark = pytest.mark.faults

KILLS = 10


async def test_the_program_is_killed(tmp_path: Path) -> None:
    """With the database it brings along: both are gone at once."""
    fair, port = await fair_in(tmp_path), spare_port()
    async with crowd_of(fair, [port]) as crowd:
        for _ in range(KILLS):
            with started("up", port, "--data", str(tmp_path)) as program:
                await all_is_well(crowd, address_in(tmp_path))
                await crowd.rush(program.process.kill)
                program.process.wait()
        with started("up", port, "--data", str(tmp_path)):
            await it_ends_well(crowd, address_in(tmp_path))


async def test_its_postgres_is_killed(tmp_path: Path) -> None:
    """As often as one program bears it within a minute, and then with the next program on the same data."""
    fair, port = await fair_in(tmp_path), spare_port()
    async with crowd_of(fair, [port]) as crowd:
        for _ in range(KILLS // RESTARTS):
            with started("up", port, "--data", str(tmp_path)):
                for _ in range(RESTARTS):
                    await all_is_well(crowd, address_in(tmp_path))
                    await crowd.rush(lambda: os.kill(head(tmp_path), signal.SIGKILL), after=0.3)
                    await until(lambda: answers(address_in(tmp_path)))
                await it_ends_well(crowd, address_in(tmp_path))


async def test_one_of_two_programs_on_one_database_is_killed(postgres_url: str, migrated: str, tmp_path: Path) -> None:
    """Whoever was there goes on at the other one, in the middle of the rush."""
    with fresh_database(postgres_url, migrated, "two_programs") as url:
        fair, ports = await fair_on(url, tmp_path), [spare_port(), spare_port()]
        environ = {"DATABASE_URL": url}
        async with crowd_of(fair, ports) as crowd:
            with contextlib.ExitStack() as stack:

                def start(number: int) -> Program:
                    return stack.enter_context(started("up", ports[number], "--data", str(tmp_path), environ=environ))

                programs = [start(0), start(1)]
                for kill in range(KILLS):
                    await all_is_well(crowd, url)
                    victim = kill % 2
                    await crowd.rush(programs[victim].process.kill, after=0.4)
                    programs[victim].process.wait()
                    programs[victim] = start(victim)
                await it_ends_well(crowd, url)


async def all_is_well(crowd: Crowd, url: str) -> None:
    """What anybody was told is so, and is told again; nothing is wrong in the books."""
    crowd.check(url)
    assert await wrongs(url, quiet=False) == []
    await crowd.repeat()


async def it_ends_well(crowd: Crowd, url: str) -> None:
    """What was under way comes to its end, nothing is wrong anywhere, and trade goes on."""
    await crowd.repeat()
    await crowd.come_to_an_end(url)
    crowd.check(url)
    assert await wrongs(url) == []
    told = crowd.told
    assert told["nobody there"] + sum(n for what, n in told.items() if what.endswith(("500", "503"))) > 0, (
        "never in its middle"
    )
    await crowd.one_more_sale()
    assert await wrongs(url) == []


@asynccontextmanager
async def crowd_of(fair: Fair, ports: list[int]) -> AsyncIterator[Crowd]:
    """Everybody, until the end of the block."""
    crowd = Crowd(fair, [f"http://127.0.0.1:{port}" for port in ports])
    try:
        yield crowd
    finally:
        await crowd.leave()


def answers(url: str) -> bool:
    """Whether a database is there."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def head(folder: Path) -> int:
    """The process of a running Postgres that all its others follow."""
    return int((folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
