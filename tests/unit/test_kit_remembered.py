"""What is kept in memory: how long it is believed, and when it is forgotten."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from ennichi.kit.clock import FixedClock
from ennichi.kit.remembered import Remembered

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LIFE = timedelta(seconds=10)


class Source:
    """Something that is read slowly; counts how often."""

    def __init__(self) -> None:
        self.value = "old"
        self.reads = 0
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def read(self) -> str:
        """The value as it was when reading began."""
        self.reads += 1
        value = self.value
        await self.goes_on.wait()
        return value


async def test_a_value_is_read_once_until_it_is_too_old() -> None:
    clock, source = FixedClock(NOON), Source()
    known = Remembered[str, str](clock, LIFE)
    assert [await known.get("a", source.read) for _ in range(5)] == ["old"] * 5
    source.value = "new"
    clock.advance(LIFE.total_seconds() - 1)
    assert await known.get("a", source.read) == "old"
    clock.advance(1)
    assert await known.get("a", source.read) == "new"
    assert source.reads == 2


async def test_while_one_reads_again_the_others_do_not_wait() -> None:
    clock, source = FixedClock(NOON), Source()
    known = Remembered[str, str](clock, LIFE)
    await known.get("a", source.read)
    clock.advance(LIFE.total_seconds())
    source.value = "new"
    source.goes_on.clear()
    reading = asyncio.create_task(known.get("a", source.read))
    await asyncio.sleep(0)
    assert await known.get("a", source.read) == "old"
    source.goes_on.set()
    assert await reading == "new"
    assert await known.get("a", source.read) == "new"
    assert source.reads == 2


async def test_what_was_forgotten_while_it_was_read_is_read_again() -> None:
    source = Source()
    known = Remembered[str, str](FixedClock(NOON), LIFE)
    source.goes_on.clear()
    reading = asyncio.create_task(known.get("a", source.read))
    await asyncio.sleep(0)
    source.value = "new"
    known.forget("a")
    source.goes_on.set()
    assert await reading == "old"
    assert await known.get("a", source.read) == "new"


async def test_what_is_long_too_old_is_nobodys_meanwhile() -> None:
    clock, source = FixedClock(NOON), Source()
    known = Remembered[str, str](clock, LIFE)
    await known.get("a", source.read)
    clock.advance(2 * LIFE.total_seconds())
    source.value = "new"
    both = await asyncio.gather(known.get("a", source.read), known.get("a", source.read))
    assert list(both) == ["new", "new"]


async def test_what_cannot_be_read_again_is_not_believed_longer() -> None:
    clock, source = FixedClock(NOON), Source()
    known = Remembered[str, str](clock, LIFE)
    await known.get("a", source.read)
    clock.advance(LIFE.total_seconds())

    async def fails() -> str:
        raise ConnectionError

    for _ in range(2):
        with pytest.raises(ConnectionError):
            await known.get("a", fails)


async def test_no_more_are_kept_than_asked_for() -> None:
    source = Source()
    known = Remembered[int, str](FixedClock(NOON), LIFE, most=3)
    for key in range(10):
        await known.get(key, source.read)
    source.reads = 0
    for key in range(10):
        await known.get(key, source.read)
    assert source.reads >= 10 - 3
