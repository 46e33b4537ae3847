"""Starts Postgres, watches it, starts it again when it dies, and stops it."""

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import sys
from collections import deque
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg
from structlog.typing import FilteringBoundLogger

from ennichi.kit.postgres import launch
from ennichi.kit.postgres.errors import PostgresProblem
from ennichi.kit.postgres.leftovers import stop_leftovers
from ennichi.kit.postgres.place import SOCKET_NAME, Place, prepare

NAME = "ennichi"
RESTARTS = 5
RESTARTS_WITHIN_S = 60.0
STOP_PATIENCE_S = 10.0
START_PATIENCE_S = 300.0
SETTINGS = """\
# Written anew at every start.
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 128MB
dynamic_shared_memory_type = {memory}
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
# What the server itself has to say; failed statements are reported where they were sent from.
log_min_messages = log
log_checkpoints = off
log_line_prefix = ''
"""
# What starting and stopping look like to those who come too early or stay too long.
ORDINARY = ("the database system is", "terminating connection due to administrator command")
THROW_AWAY = "fsync = off\nfull_page_writes = off\nsynchronous_commit = off\n"


class EmbeddedPostgres:
    """One Postgres in `<data_dir>/postgres`.

    With `durable=False` the data does not survive a crash of the machine (for tests and demos). `failed` is set when
    the server died and cannot be kept running; the program should stop then.
    """

    def __init__(self, data_dir: Path, *, log: FilteringBoundLogger, durable: bool = True) -> None:
        self.failed = asyncio.Event()
        self._home = data_dir.absolute() / "postgres"
        self._log = log
        self._durable = durable
        self._lock: IO[bytes] | None = None
        self._place: Place | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._watch: asyncio.Task[None] | None = None
        self._said: deque[str] = deque(maxlen=20)

    async def start(self) -> str:
        """Bring the server up, with its database; returns the address to connect to.

        Raises PostgresProblem when that cannot be done here.
        """
        self._home.mkdir(parents=True, exist_ok=True)
        self._lock = _hold(self._home / "lock")
        try:
            self._place = await asyncio.to_thread(prepare, self._home)
            await self._create()
            await self._bring_up()
            await self._create_database()
        except BaseException:
            await self.stop()
            raise
        self._watch = asyncio.create_task(self._keep_running())
        return self._address(NAME)

    async def stop(self) -> None:
        """Stop the server: what is committed is on disk when this returns. Harmless when it does not run."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        if self._process is not None and self._process.returncode is None:
            for number, patience in ((signal.SIGINT, STOP_PATIENCE_S), (signal.SIGQUIT, 3.0), (signal.SIGKILL, 3.0)):
                with contextlib.suppress(ProcessLookupError):
                    self._process.send_signal(number)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._process.wait(), patience)
                    break
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._place is not None:
            await asyncio.to_thread(self._place.close)
            self._place = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _address(self, database: str) -> str:
        return _address_at(self._at.socket, database)

    @property
    def _at(self) -> Place:
        if self._place is None:
            raise RuntimeError("start() first")
        return self._place

    async def _spawn(self, program: str, *arguments: str) -> asyncio.subprocess.Process:
        """Start a program of Postgres as its user, in a session of its own so that Ctrl-C is ours alone."""
        at = self._at
        command = [sys.executable, "-I", "-S", launch.__file__, str(at.uid), str(at.gid), str(os.getpid())]
        process = await asyncio.create_subprocess_exec(
            *command,
            str(at.programs / program),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            # The home of our user is no business of the server's, and PG* variables would change what it does.
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            cwd="/",
            start_new_session=True,
            pass_fds=[at.home_fd] if at.home_fd >= 0 else [],
        )
        task = asyncio.create_task(self._listen(process))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return process

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        """Pass on what the server says; must go on until its end, or the server would block."""
        stderr, rest = process.stderr, b""
        while stderr is not None and (chunk := await stderr.read(65536)):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                text = line.decode(errors="replace").strip()
                self._said.append(text)
                if text.startswith(("FATAL:", "PANIC:")) and not any(part in text for part in ORDINARY):
                    self._log.warning("postgres.says", text=text)
                else:
                    self._log.debug("postgres.says", text=text)

    async def _create(self) -> None:
        """Make the database cluster; a half-made one from a start that was killed is made anew."""
        data, half = self._home / "data", self._home / "new"
        if data.exists():
            return
        await asyncio.to_thread(shutil.rmtree, half, ignore_errors=True)
        options = ["--username", NAME, "--auth=trust", "--encoding=UTF8", "--no-instructions"]
        options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += [] if self._durable else ["--no-sync"]
        half.mkdir(mode=0o700)
        if self._at.uid >= 0:
            os.chown(half, self._at.uid, self._at.gid)
        process = await self._spawn("initdb", *options, "--pgdata", f"{self._at.server_home}/new")
        if await process.wait():
            raise self._could_not("could not make its database")
        half.rename(data)

    async def _bring_up(self) -> None:
        """Start the server and wait until it takes connections, also through a recovery."""
        data = self._home / "data"
        if left := await asyncio.to_thread(stop_leftovers, data):
            self._log.warning("postgres.leftovers_stopped", processes=left)
        relative = "../run" if self._at.socket == self._home / "run" else str(self._at.socket)
        settings = SETTINGS.format(socket=relative.replace("'", "''"), memory=self._at.shared_memory)
        (self._home / "postgresql.conf").write_text(settings + ("" if self._durable else THROW_AWAY))
        home = self._at.server_home
        self._process = await self._spawn("postgres", "-D", f"{home}/data", "-c", f"config_file={home}/postgresql.conf")
        loop = asyncio.get_running_loop()
        begun, told = loop.time(), 0
        while not await self._answers():
            if self._process.returncode is not None:
                raise self._could_not("stopped while starting")
            waited = int(loop.time() - begun)
            if waited > START_PATIENCE_S:
                raise self._could_not(f"was not ready after {waited} s")
            if waited // 10 > told:
                told = waited // 10
                self._log.info("postgres.recovering", seconds=waited)
            await asyncio.sleep(0.02)

    async def _answers(self) -> bool:
        try:
            async with await psycopg.AsyncConnection.connect(self._address("postgres"), connect_timeout=5):
                return True
        except psycopg.OperationalError:
            return False

    async def _create_database(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._address("postgres"), autocommit=True) as conn:
            found = await conn.execute("select 1 from pg_database where datname = %s", (NAME,))
            if await found.fetchone() is None:
                await conn.execute(f'create database "{NAME}"')

    async def _keep_running(self) -> None:
        """Start the server again when it dies, but not for ever."""
        loop = asyncio.get_running_loop()
        deaths: deque[float] = deque(maxlen=RESTARTS)
        while self._process is not None:
            code = await self._process.wait()
            self._log.error("postgres.died", code=code, said=list(self._said)[-3:])
            if len(deaths) == RESTARTS and loop.time() - deaths[0] < RESTARTS_WITHIN_S:
                self._log.error("postgres.given_up", restarts=RESTARTS)
                self.failed.set()
                return
            deaths.append(loop.time())
            try:
                await self._bring_up()
            except (PostgresProblem, OSError) as problem:
                self._log.error("postgres.given_up", problem=str(problem))
                self.failed.set()
                return
            self._log.info("postgres.restarted")

    def _could_not(self, what: str) -> PostgresProblem:
        said = "\n  ".join(list(self._said)[-8:])
        return PostgresProblem("postgres.did_not_start", f"Postgres {what} in {self._home}. It said:\n  {said}")


def running_on(data_dir: Path) -> str | None:
    """The address of the Postgres that another process of ours runs on this data folder; None when none does."""
    home = data_dir.absolute() / "postgres"
    if not (home / "run" / SOCKET_NAME).exists():
        return None
    with contextlib.suppress(PostgresProblem):
        _hold(home / "lock").close()
        return None
    return _address_at(home / "run", NAME)


def _address_at(socket: Path, database: str) -> str:
    return f"postgresql://{NAME}@/{database}?host={quote(str(socket), safe='')}"


def _hold(path: Path) -> IO[bytes]:
    """Take the lock of a data folder; it is released when this process ends, however it ends."""
    try:
        file = path.open("ab")
    except PermissionError:
        raise PostgresProblem(
            "postgres.foreign_data",
            f"{path.parent} belongs to another user: start as that user, or choose another --data.",
        ) from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise PostgresProblem(
            "postgres.in_use", f"Another Ennichi is running on {path.parent.parent}: stop it, or choose another --data."
        ) from None
    return file
