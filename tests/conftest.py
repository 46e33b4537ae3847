"""A real Postgres for the tests: one server for the session, a fresh migrated database for each test that asks."""

import asyncio
import contextlib
import itertools
import queue
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import structlog

from ennichi.kit.migrate import migrate
from ennichi.kit.postgres import EmbeddedPostgres, PostgresProblem

TEMPLATE = "migrated"
ROOM_NEEDED = 2 * 1024**3


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Coroutine tests run on the loop that the program runs on."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Dozens of programs are started: where Python is told to keep no compiled modules, each would compile them all."""
    if not sys.dont_write_bytecode:
        yield
        return
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setenv("PYTHONPYCACHEPREFIX", folder)
        yield


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Postgres for the whole session, with an empty database, in a thread of its own with its own loop."""
    ready: Future[str] = Future()
    enough = threading.Event()

    async def run(folder: Path) -> None:
        postgres = EmbeddedPostgres(folder, log=structlog.get_logger(), durable=False)
        try:
            ready.set_result(await postgres.start())
        except (PostgresProblem, OSError, psycopg.Error) as problem:
            ready.set_exception(problem)
            return
        await asyncio.to_thread(enough.wait)
        await postgres.stop()

    with tempfile.TemporaryDirectory(dir=in_memory() or tmp_path_factory.mktemp("postgres")) as folder:
        thread = threading.Thread(target=lambda: asyncio.run(run(Path(folder))), name="postgres")
        thread.start()
        try:
            yield ready.result(timeout=60)
        finally:
            enough.set()
            thread.join()


@pytest.fixture(scope="session")
def migrated(postgres_url: str) -> str:
    """The name of a database with every migration, to copy from."""
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        conn.execute(f"create database {TEMPLATE}")
    asyncio.run(migrate(_database(postgres_url, TEMPLATE)))
    return TEMPLATE


@pytest.fixture(scope="session")
def made_ahead(postgres_url: str, migrated: str) -> Iterator["queue.Queue[str | psycopg.Error]"]:
    """Names of fresh databases. The next is made while a test runs: it takes longer than most of the tests."""
    made: queue.Queue[str | psycopg.Error] = queue.Queue(maxsize=1)
    enough = threading.Event()

    def make() -> None:
        try:
            with psycopg.connect(postgres_url, autocommit=True) as conn:
                for name in map("test_{}".format, itertools.count(1)):
                    if enough.is_set():
                        return
                    conn.execute(f"create database {name} template {migrated}".encode())
                    made.put(name)
        except psycopg.Error as problem:
            made.put(problem)

    thread = threading.Thread(target=make, name="databases")
    thread.start()
    try:
        yield made
    finally:
        enough.set()
        while thread.is_alive():
            with contextlib.suppress(queue.Empty):
                made.get(timeout=0.01)


@pytest.fixture
def db_url(postgres_url: str, made_ahead: "queue.Queue[str | psycopg.Error]") -> Iterator[str]:
    """The address of a fresh database with the whole schema; it is gone after the test."""
    name = made_ahead.get(timeout=60)
    if isinstance(name, psycopg.Error):
        made_ahead.put(name)
        raise name
    try:
        yield _database(postgres_url, name)
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as conn:
            conn.execute(f"drop database {name} with (force)".encode())


def in_memory() -> Path | None:
    """A folder in memory with room for the databases of tests: each is a thousand files, made and removed at once."""
    folder = Path("/dev/shm")
    return folder if folder.is_dir() and shutil.disk_usage(folder).free > ROOM_NEEDED else None


def _database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
