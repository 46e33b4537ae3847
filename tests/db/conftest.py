"""A festival with quick ticks, and a live show in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.festival import Festival, festival_on

from ennichi.room import actor


@pytest.fixture
async def festival(db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Festival]:
    monkeypatch.setattr(actor, "TICK", 0.002)
    async with festival_on(db_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def show_id(festival: Festival) -> str:
    return await festival.live_show([await festival.listing("湧き水", {"": 3})])
