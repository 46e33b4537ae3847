"""The tick: 50 ms in a small room, up to 250 ms in a large one, so that sending takes a third of a core at most."""

import pytest

from ennichi.room.tempo import ELSEWHERE, LONGEST, SHARE, Tempo, tick_seconds

SHORTEST = 0.05


@pytest.mark.parametrize(
    ("cost", "tick"),
    [(0.0, 0.05), (0.001, 0.05), (1 / 60, 0.05), (0.03, 0.09), (0.05, 0.15), (1 / 12, 0.25), (1.0, 0.25)],
)
def test_the_tick_is_three_times_its_cost_within_bounds(cost: float, tick: float) -> None:
    assert tick_seconds(cost, SHORTEST) == pytest.approx(tick)


def test_more_streams_never_make_the_tick_shorter() -> None:
    tempo = Tempo()
    ticks = [tempo.tick(streams, SHORTEST) for streams in range(0, 20_000, 100)]
    assert ticks == sorted(ticks)
    assert ticks[0] == SHORTEST
    assert ticks[-1] == LONGEST


@pytest.mark.parametrize(("handed_over", "whole"), [(False, 1), (True, ELSEWHERE)])
def test_it_learns_what_a_delivery_costs(handed_over: bool, whole: float) -> None:
    tempo = Tempo(handed_over=handed_over)
    for _ in range(50):
        tempo.learn(5_000 * 20e-6 / whole, 5_000)
    assert tempo.delivery == pytest.approx(20e-6, rel=0.01)
    streams = 2_000
    assert tempo.tick(streams, SHORTEST) * SHARE == pytest.approx(streams * 20e-6, rel=0.01)


def test_a_small_room_teaches_it_little() -> None:
    tempo = Tempo()
    believed = tempo.delivery
    tempo.learn(0.005, 1)  # one delivery, while something else took five milliseconds
    assert tempo.delivery < 2 * believed
    tempo.learn(0.0, 0)
    assert tempo.tick(200, SHORTEST) == SHORTEST
