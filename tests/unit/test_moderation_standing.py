"""What moderation keeps in memory: how long it is believed, and when it is forgotten."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from ennichi.kit.clock import FixedClock
from ennichi.moderation.errors import SlowMode
from ennichi.moderation.policy import must_wait_its_turn
from ennichi.moderation.standing import KNOWN_FOR, SWEEP_EVERY, Remembered, Turns

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LONGEST = timedelta(minutes=10)


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
    known = Remembered[str](clock)
    assert [await known.get("a", source.read) for _ in range(5)] == ["old"] * 5
    source.value = "new"
    clock.advance(KNOWN_FOR.total_seconds() - 1)
    assert await known.get("a", source.read) == "old"
    clock.advance(1)
    assert await known.get("a", source.read) == "new"
    assert source.reads == 2


async def test_while_one_reads_again_the_others_do_not_wait() -> None:
    clock, source = FixedClock(NOON), Source()
    known = Remembered[str](clock)
    await known.get("a", source.read)
    clock.advance(KNOWN_FOR.total_seconds())
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
    known = Remembered[str](FixedClock(NOON))
    source.goes_on.clear()
    reading = asyncio.create_task(known.get("a", source.read))
    await asyncio.sleep(0)
    source.value = "new"
    known.forget("a")
    source.goes_on.set()
    assert await reading == "old"
    assert await known.get("a", source.read) == "new"


@pytest.mark.parametrize(("slow_s", "since", "left"), [(10, 3.0, 7.0), (10, 9.96, 0.0), (600, 0.0, 600.0)])
def test_a_turn_comes_after_so_many_seconds(slow_s: int, since: float, left: float) -> None:
    with pytest.raises(SlowMode) as problem:
        must_wait_its_turn(slow_s, NOON, NOON + timedelta(seconds=since))
    assert problem.value.params == {"retry_after": left, "slow_s": slow_s}


@pytest.mark.parametrize(("slow_s", "since"), [(0, 0.0), (10, 10.0), (10, 11.0)])
def test_nobody_waits_longer(slow_s: int, since: float) -> None:
    must_wait_its_turn(slow_s, NOON, NOON + timedelta(seconds=since))
    must_wait_its_turn(slow_s, None, NOON)


def test_turns_of_long_ago_are_forgotten() -> None:
    turns = Turns()
    turns.take("store", "somebody", NOON, LONGEST)
    for number in range(SWEEP_EVERY):
        turns.take("store", f"a{number % 7}", NOON + LONGEST, LONGEST)
    assert turns.last("store", "somebody") is None
    assert turns.last("store", "a1") == NOON + LONGEST
