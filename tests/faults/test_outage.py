"""A database that was away for a while is used again as soon as it is there."""

import asyncio
import time
from pathlib import Path

import psycopg
import pytest
import structlog

from ennichi.kit import db as kit_db
from ennichi.kit.db import open_database
from ennichi.kit.postgres import EmbeddedPostgres

pytestmark = pytest.mark.faults
AWAY_FOR_S = 4.0
"""The pool by itself tries after 1, 3 and 7 seconds, then ever less often."""


async def test_nobody_waits_for_the_next_try(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kit_db, "AWAY_S", 0.5)
    tmp_path.chmod(0o755)

    def postgres() -> EmbeddedPostgres:
        return EmbeddedPostgres(tmp_path, log=structlog.get_logger(), durable=False)

    first = postgres()
    async with open_database(await first.start()) as db:
        await first.stop()
        end = time.monotonic() + AWAY_FOR_S
        while time.monotonic() < end:
            with pytest.raises(psycopg.OperationalError):
                await db.check()
            await asyncio.sleep(0.2)
        again = postgres()
        try:
            await again.start()
            await db.check()
        finally:
            await again.stop()
