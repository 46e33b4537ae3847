"""Work that happens later than the request that made it necessary, again and again, whatever was killed in between.

The row is the job: what is to be done stands in the tables, written in the transaction of the use case that wants it,
and a job's work reads what is due (`for update skip locked`), does it and writes down that it is done. So work may be
cut off anywhere and begun anew anywhere, by several processes at once, and nothing has to be remembered here. Waking a
job only makes it look sooner.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from ennichi.kit.clock import Clock
from ennichi.kit.outage import outage

log = structlog.get_logger(__name__)

Work = Callable[[], Awaitable[None]]

SHORTEST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
GRACE = 10.0
"""What is under way when the jobs are stopped may take so many seconds to come to its end."""


class _Job:
    def __init__(self, name: str, work: Work, every: float) -> None:
        self.name = name
        self.work = work
        self.every = every
        self.woken = asyncio.Event()
        self.failures = 0
        self.failing_since: datetime | None = None
        self.away = False

    def pause(self) -> float:
        """Seconds until it is tried again, after so many failures in a row or while the database is away."""
        if self.away:
            return SHORTEST_PAUSE  # waiting for a connection takes its time by itself
        return min(LONGEST_PAUSE, SHORTEST_PAUSE * 2.0 ** min(self.failures - 1, 16))


class Jobs:
    """Named pieces of work, each in a task of its own: at the start, every so many seconds, and when it is woken.

    One job never runs twice at a time in one process. Work that raises is logged and tried again after a pause that
    grows from one second to a minute; waking does not shorten it. While the database is away that is said once a
    minute for all of them together, and each is tried again every few seconds: it is nobody's failure.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jobs: dict[str, _Job] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()

    def add(self, name: str, work: Work, *, every: float) -> None:
        """Have `work` done every `every` seconds from the start on. It must be safe to repeat and to cut off."""
        if name in self._jobs:
            raise ValueError(f"there is a job named {name} already")
        self._jobs[name] = _Job(name, work, every)

    def wake(self, name: str) -> None:
        """Have the job look now, and once more when it is looking already. Call it after the commit, not before."""
        self._jobs[name].woken.set()

    async def start(self) -> None:
        """Begin with all of them, each with a first look at what an earlier process left."""
        self._stopping.clear()
        self._tasks = [asyncio.create_task(self._go_on(job), name=job.name) for job in self._jobs.values()]

    async def stop(self) -> None:
        """End all of them; what is under way may come to its end within ten seconds, then it is cut off."""
        self._stopping.set()
        for job in self._jobs.values():
            job.woken.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=GRACE)
            for task in late:
                log.warning("a job was cut off", job=task.get_name())
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._tasks = []

    async def _go_on(self, job: _Job) -> None:
        while not self._stopping.is_set():
            job.woken.clear()
            await self._try(job)
            if job.away or job.failures:
                await _until(self._stopping, job.pause())
            else:
                await _until(job.woken, job.every)

    async def _try(self, job: _Job) -> None:
        begun = time.monotonic()
        try:
            await job.work()
        except Exception as problem:  # whatever it is must not end the job
            if outage.noticed(problem):
                job.away = True
                return
            job.away = False
            job.failures += 1
            job.failing_since = job.failing_since or self._clock.now()
            log.exception("a job failed", job=job.name, failures=job.failures, again_in=job.pause())
            return
        outage.answered(begun)
        if job.failing_since is not None:
            log.info("a job is well again", job=job.name, failures=job.failures, failed_since=job.failing_since)
        job.failures, job.failing_since, job.away = 0, None, False


async def _until(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
