"""Whatever is killed, the next start finds a way, and what was committed is there."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
import structlog
from tests.support.waiting import until

from ennichi.kit.postgres import EmbeddedPostgres, PostgresProblem
from ennichi.kit.postgres.place import prepare

pytestmark = pytest.mark.faults

OWNER = """
import asyncio, sys, psycopg, structlog
from pathlib import Path
from ennichi.kit.postgres import EmbeddedPostgres

async def main():
    url = await EmbeddedPostgres(Path(sys.argv[1]), log=structlog.get_logger()).start()
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        await conn.execute("create table if not exists kept (n int)")
        await conn.execute("insert into kept values (1)")
    print("running", file=sys.stderr, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[str]:
    postgres = EmbeddedPostgres(folder, log=structlog.get_logger())
    url = await postgres.start()
    try:
        yield url
    finally:
        await postgres.stop()


async def rows(url: str) -> int:
    async with await psycopg.AsyncConnection.connect(url) as conn:
        row = await (await conn.execute("select count(*) from kept")).fetchone()
    assert row is not None
    return int(row[0])


async def keep_a_row(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        await conn.execute("create table if not exists kept (n int)")
        await conn.execute("insert into kept values (1)")


def head(folder: Path) -> int:
    return int((folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0])


async def test_killing_the_owner_stops_postgres_and_loses_nothing(tmp_path: Path) -> None:
    pipe = asyncio.subprocess.PIPE
    owner = await asyncio.create_subprocess_exec(sys.executable, "-c", OWNER, str(tmp_path), stderr=pipe)
    assert owner.stderr is not None
    assert await owner.stderr.readline() == b"running\n"
    server = head(tmp_path)
    owner.kill()
    await owner.wait()
    if sys.platform == "linux":
        await until(lambda: not psutil.pid_exists(server), within=10)
    async with running(tmp_path) as url:
        assert await rows(url) == 1


async def test_killing_postgres_brings_it_back_at_the_same_address(tmp_path: Path) -> None:
    async with running(tmp_path) as url:
        await keep_a_row(url)
        before = head(tmp_path)
        os.kill(before, signal.SIGKILL)
        async with asyncio.timeout(20):
            while True:
                try:
                    assert await rows(url) == 1
                except psycopg.OperationalError:
                    await asyncio.sleep(0.05)
                else:
                    break
        assert head(tmp_path) != before


async def test_a_server_left_behind_is_stopped_first(tmp_path: Path) -> None:
    async with running(tmp_path) as url:
        await keep_a_row(url)
    left = start_by_hand(tmp_path)
    try:
        await until((tmp_path / "postgres" / "data" / "postmaster.pid").exists, within=10)
        async with running(tmp_path) as url:
            assert left.poll() is not None
            assert await rows(url) == 1
    finally:
        left.kill()
        left.wait()


async def test_a_lock_file_with_the_number_of_another_program_does_not_stand_in_the_way(tmp_path: Path) -> None:
    async with running(tmp_path) as url:
        await keep_a_row(url)
    data = tmp_path / "postgres" / "data"
    other = start_as_owner_of(data, "sleep", "60")
    try:
        (data / "postmaster.pid").write_text(f"{other.pid}\n{data}\n1\n5432\n../run\n\n0 0\nready\n")
        async with running(tmp_path) as url:
            assert await rows(url) == 1
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


async def test_a_half_made_database_is_made_anew(tmp_path: Path) -> None:
    half = tmp_path / "postgres" / "new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    async with running(tmp_path) as url:
        await keep_a_row(url)


async def test_one_program_per_data_folder(tmp_path: Path) -> None:
    async with running(tmp_path):
        with pytest.raises(PostgresProblem) as told:
            await EmbeddedPostgres(tmp_path, log=structlog.get_logger()).start()
    assert told.value.code == "postgres.in_use"


async def test_a_path_too_long_for_a_socket(tmp_path: Path) -> None:
    folder = tmp_path / ("a-very-long-name" * 8)
    for _ in range(2):
        async with running(folder) as url:
            await keep_a_row(url)
        assert not (folder / "postgres" / "run").is_symlink()


async def test_a_database_that_cannot_be_kept_running_is_given_up(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path, log=structlog.get_logger())
    await postgres.start()
    try:
        (tmp_path / "postgres" / "data" / "global" / "pg_control").unlink()
        os.kill(head(tmp_path), signal.SIGKILL)
        async with asyncio.timeout(20):
            await postgres.failed.wait()
    finally:
        await postgres.stop()


def start_as_owner_of(path: Path, *command: str, handle: int | None = None) -> "subprocess.Popen[bytes]":
    info = path.stat()
    root = os.geteuid() == 0
    return subprocess.Popen(
        command,
        user=info.st_uid if root else None,
        group=info.st_gid if root else None,
        extra_groups=[] if root else None,
        pass_fds=[] if handle is None else [handle],
        cwd="/",
    )


def start_by_hand(folder: Path) -> "subprocess.Popen[bytes]":
    """The server of a stopped EmbeddedPostgres, with no one to stop it when we are gone."""
    home = folder / "postgres"
    # A checkout under /root is closed to the server's user: then these are copies it can reach.
    programs = prepare(home).programs
    (home / "run").mkdir(exist_ok=True)
    handle = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    at = f"/proc/self/fd/{handle}" if sys.platform == "linux" else str(home)
    command = [str(programs / "postgres"), "-D", f"{at}/data", "-c", f"config_file={at}/postgresql.conf"]
    try:
        return start_as_owner_of(home / "data", *command, handle=handle)
    finally:
        os.close(handle)
