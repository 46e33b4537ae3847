"""Jobs look at the start, in time and when woken; a failure is tried again; the end waits for what is under way."""

import asyncio
import itertools
import math
from collections.abc import Callable

import pytest
from psycopg import OperationalError
from psycopg.errors import AdminShutdown, CannotConnectNow, DeadlockDetected, PipelineAborted
from psycopg_pool import PoolTimeout
from structlog.testing import capture_logs
from tests.support.people import EVENING

from ennichi.kit import jobs as kit_jobs
from ennichi.kit.clock import FixedClock
from ennichi.kit.jobs import Jobs
from ennichi.kit.outage import SAY_AGAIN_S, Outage
from ennichi.kit.outage import outage as shared


@pytest.fixture
def jobs() -> Jobs:
    return Jobs(FixedClock(EVENING))


@pytest.fixture(autouse=True)
def outage(monkeypatch: pytest.MonkeyPatch) -> Outage:
    """As in a process that has said nothing yet."""
    monkeypatch.setattr(shared, "_said", -math.inf)
    monkeypatch.setattr(shared, "_noticed", -math.inf)
    monkeypatch.setattr(shared, "_open", False)
    return shared


async def soon(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(2):
        while not true():  # noqa: ASYNC110 (the condition is of the test's own making)
            await asyncio.sleep(0.001)


async def test_a_job_looks_at_the_start_and_when_it_is_woken(jobs: Jobs) -> None:
    looks = 0

    async def work() -> None:
        nonlocal looks
        looks += 1

    jobs.add("one", work, every=3600)
    await jobs.start()
    await soon(lambda: looks == 1)
    await asyncio.sleep(0.01)
    assert looks == 1
    jobs.wake("one")
    await soon(lambda: looks == 2)
    await jobs.stop()
    jobs.wake("one")
    await asyncio.sleep(0.01)
    assert looks == 2


async def test_a_job_looks_again_after_its_time(jobs: Jobs) -> None:
    looks = 0

    async def work() -> None:
        nonlocal looks
        looks += 1

    jobs.add("one", work, every=0.005)
    await jobs.start()
    await soon(lambda: looks >= 3)
    await jobs.stop()


async def test_what_happens_while_it_looks_is_looked_at_afterwards_and_never_by_two_at_once(jobs: Jobs) -> None:
    go_on = asyncio.Event()
    at_once, most, looks = 0, 0, 0

    async def work() -> None:
        nonlocal at_once, most, looks
        looks += 1
        at_once += 1
        most = max(most, at_once)
        await go_on.wait()
        at_once -= 1

    jobs.add("one", work, every=3600)
    await jobs.start()
    await soon(lambda: looks == 1)
    jobs.wake("one")
    jobs.wake("one")
    go_on.set()
    await soon(lambda: looks == 2)
    await asyncio.sleep(0.01)
    await jobs.stop()
    assert (looks, most) == (2, 1)


async def test_a_failure_is_tried_again_with_growing_pauses_that_waking_does_not_shorten(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kit_jobs, "SHORTEST_PAUSE", 0.04)
    loop = asyncio.get_running_loop()
    looks: list[float] = []

    async def work() -> None:
        looks.append(loop.time())
        jobs.wake("one")
        if len(looks) < 4:
            raise OSError("away")
        await asyncio.sleep(0.01)

    others = 0

    async def other() -> None:
        nonlocal others
        others += 1

    jobs.add("one", work, every=3600)
    jobs.add("other", other, every=0.005)
    await jobs.start()
    await soon(lambda: len(looks) >= 5)
    await jobs.stop()
    pauses = [after - before for before, after in itertools.pairwise(looks)]
    assert pauses[0] >= 0.04
    assert pauses[1] >= 0.08
    assert pauses[2] >= 0.16
    assert others > 5


@pytest.mark.parametrize(
    "problem",
    [
        PoolTimeout("couldn't get a connection after 5.00 sec"),
        OperationalError("the connection is closed"),
        AdminShutdown(),
        CannotConnectNow(),
    ],
)
async def test_a_database_that_is_away_is_said_once_for_all_jobs_and_they_go_on_by_themselves(
    jobs: Jobs, outage: Outage, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    monkeypatch.setattr(kit_jobs, "SHORTEST_PAUSE", 0.001)
    away, looks, done = True, 0, set()

    def work_of(name: str) -> kit_jobs.Work:
        async def work() -> None:
            nonlocal looks
            looks += 1
            if away:
                raise problem
            done.add(name)

        return work

    names = {"one", "two", "three"}
    for name in names:
        jobs.add(name, work_of(name), every=3600)
    with capture_logs() as said:
        await jobs.start()
        await soon(lambda: looks >= 30)
        assert said == [{"event": "the database does not answer", "problem": str(problem), "log_level": "error"}]
        outage._said -= SAY_AGAIN_S
        await soon(lambda: len(said) == 2)
        away = False
        await soon(lambda: done == names)
        await jobs.stop()
    assert said[1] == said[0]
    assert said[2:] == [{"event": "the database answers again", "log_level": "info"}]


async def test_what_requests_noticed_is_over_when_a_job_that_began_later_is_done(jobs: Jobs, outage: Outage) -> None:
    go_on, looks = asyncio.Event(), 0

    async def work() -> None:
        nonlocal looks
        looks += 1
        await go_on.wait()

    jobs.add("one", work, every=3600)
    with capture_logs() as said:
        await jobs.start()
        await soon(lambda: looks == 1)
        assert outage.noticed(PoolTimeout())  # to somebody else, while the job waits for its answer
        jobs.wake("one")
        go_on.set()
        await soon(lambda: looks == 2)
        jobs.wake("one")
        await soon(lambda: looks == 3)
        await jobs.stop()
    assert [one["event"] for one in said] == ["the database does not answer", "the database answers again"]


@pytest.mark.parametrize("problem", [ValueError("ours"), DeadlockDetected(), PipelineAborted()])
async def test_a_mistake_of_ours_is_said_whole_each_time(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    monkeypatch.setattr(kit_jobs, "SHORTEST_PAUSE", 0.001)
    looks = 0

    async def work() -> None:
        nonlocal looks
        looks += 1
        if looks < 3:
            raise problem

    jobs.add("one", work, every=3600)
    with capture_logs() as said:
        await jobs.start()
        await soon(lambda: looks == 3)
        await jobs.stop()
    kinds = [(one["event"], one.get("exc_info", False), one["failures"]) for one in said]
    assert kinds == [("a job failed", True, 1), ("a job failed", True, 2), ("a job is well again", False, 2)]


async def test_the_end_waits_for_what_is_under_way_but_not_for_ever(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kit_jobs, "GRACE", 0.05)
    ended: list[str] = []

    async def short() -> None:
        await asyncio.sleep(0.02)
        ended.append("short")

    async def hangs() -> None:
        await asyncio.sleep(3600)
        ended.append("hangs")

    jobs.add("short", short, every=3600)
    jobs.add("hangs", hangs, every=3600)
    await jobs.start()
    await asyncio.sleep(0.005)
    async with asyncio.timeout(1):
        await jobs.stop()
    assert ended == ["short"]


def test_two_jobs_have_two_names(jobs: Jobs) -> None:
    async def work() -> None:
        return None

    jobs.add("one", work, every=1)
    with pytest.raises(ValueError, match="one"):
        jobs.add("one", work, every=1)
