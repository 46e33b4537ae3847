"""Former prices: shown only where the last eight weeks prove them, whatever the history is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennichi.catalog.prices import WINDOW, Priced, former_price

NOW = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)


def days(*steps: tuple[float, int | None]) -> list[Priced]:
    """A history out of (days ago, price)."""
    return [Priced(price, NOW - timedelta(days=ago)) for ago, price in steps]


@pytest.mark.parametrize(
    ("history", "price", "former"),
    [
        ([], 800, None),
        (days((40, 800)), 800, None),
        (days((100, 1000), (1, 800)), 800, 1000),
        (days((100, 1000), (27, 800)), 800, None),
        (days((100, 1000), (14, 800)), 800, None),
        (days((100, 1000), (13.9, 800)), 800, 1000),
        (days((14, 1000), (0.1, 800)), 800, None),
        (days((14.2, 1000), (0.1, 800)), 800, 1000),
        (days((100, 1000), (1, 1200)), 1200, None),
        (days((100, 800), (29, 1000), (1, 800)), 800, None),
        (days((100, 800), (30, 1000), (1, 800)), 800, 1000),
        (days((100, 1000), (50, None), (1, 800)), 800, None),
        (days((100, 1000), (10, None), (9, 800)), 800, 1000),
        (days((20, None), (19, 1000), (1, 800)), 800, 1000),
        (days((56, 1000), (42, 900), (20, 1000), (3, 800)), 800, 1000),
    ],
)
def test_known_histories(history: list[Priced], price: int, former: int | None) -> None:
    assert former_price(history, price, NOW) == former


prices = st.none() | st.integers(1, 5)
histories = st.lists(st.tuples(st.integers(0, 2400), prices), max_size=12).map(
    lambda steps: [Priced(price, NOW - timedelta(hours=ago)) for ago, price in sorted(steps, key=lambda s: -s[0])]
)


@given(histories, st.integers(1, 5))
def test_a_former_price_is_one_it_was_sold_at(history: list[Priced], price: int) -> None:
    former = former_price(history, price, NOW)
    if former is None:
        return
    assert former > price
    hours: dict[int | None, int] = {}
    last = 10_000
    for ago in range(int(WINDOW.total_seconds() // 3600), 0, -1):
        moment = NOW - timedelta(hours=ago)
        before = [step.price for step in history if step.since <= moment]
        cost = before[-1] if before else None
        hours[cost] = hours.get(cost, 0) + 1
        last = ago if cost == former else last
    on_offer = sum(count for cost, count in hours.items() if cost is not None)
    assert hours[former] >= 14 * 24
    assert hours[former] * 2 > on_offer
    assert last <= 14 * 24
