"""Who spoke when: how long one waits for a turn, and when it is forgotten."""

from datetime import UTC, datetime, timedelta

import pytest

from ennichi.moderation.errors import SlowMode
from ennichi.moderation.policy import must_wait_its_turn
from ennichi.moderation.standing import SWEEP_EVERY, Turns

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LONGEST = timedelta(minutes=10)


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
