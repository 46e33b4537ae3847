"""While the database is away everybody is told to come back in a moment, and then goes on where they were."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import structlog
from psycopg import OperationalError
from psycopg.errors import AdminShutdown, DeadlockDetected, PipelineAborted, TooManyConnections
from structlog.testing import capture_logs
from tests.support.festival import Festival, festival_on

from ennichi.kit.outage import outage
from ennichi.kit.postgres import EmbeddedPostgres
from ennichi.web.app import build

pytestmark = pytest.mark.faults


@pytest.fixture(autouse=True)
def nothing_said_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage, "_said", -math.inf)
    monkeypatch.setattr(outage, "_noticed", -math.inf)
    monkeypatch.setattr(outage, "_open", False)


@asynccontextmanager
async def client_of(festival: Festival) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at the program, who is signed in."""
    session = await festival.app.accounts.create_ready_made("Sumi", "sumi@example.com")
    transport = httpx.ASGITransport(build(festival.app))  # type: ignore[arg-type]  # the framework's own type of scope
    who = {"authorization": f"Bearer {session.token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://festival/api/v1", headers=who) as client:
        yield client


async def test_who_asks_while_it_is_away_is_told_when_to_come_back(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path, log=structlog.get_logger(), durable=False)
    url = await postgres.start()
    try:
        async with festival_on(url, tmp_path / "data") as festival, client_of(festival) as client:
            variant_id = (await festival.app.catalog.get(await festival.listing("湧き水", {"": 3}))).variants[0].id
            wanted = {"variant_id": variant_id, "quantity": 1}

            async def everything() -> list[httpx.Response]:
                """By the framework, and past it."""
                headers = {"idempotency-key": "one"}
                held = client.post("/holds", json=wanted, headers=headers)
                return list(await asyncio.gather(client.get("/me"), client.get("/health"), held))

            festival.app.db._pool.timeout = 0.5
            await postgres.stop()
            with capture_logs() as said:
                refused = [*await everything(), *await everything()]
            assert {one.status_code for one in refused} == {503}
            assert {one.json()["error"]["code"] for one in refused} == {"server.away"}
            assert {one.headers["retry-after"] for one in refused} == {"5"}
            # One line for requests and jobs together.
            assert [one["event"] for one in said] == ["the database does not answer"]
            assert "exc_info" not in said[0]

            await postgres.start()
            festival.app.db._pool.timeout = 30
            assert [one.status_code for one in await everything()] == [200, 200, 201]
    finally:
        await postgres.stop()


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (OperationalError("the connection is closed"), 503),
        (AdminShutdown(), 503),
        (TooManyConnections(), 503),
        (DeadlockDetected(), 500),
        (PipelineAborted(), 500),
    ],
)
async def test_a_statement_that_fails_is_a_mistake_of_ours(
    tmp_path: Path, db_url: str, monkeypatch: pytest.MonkeyPatch, problem: Exception, status: int
) -> None:
    async with festival_on(db_url, tmp_path) as festival, client_of(festival) as client:

        async def fails() -> None:
            raise problem

        monkeypatch.setattr(festival.app.db, "check", fails)
        assert (await client.get("/health")).status_code == status
