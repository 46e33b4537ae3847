"""What a purchase costs, when it arrives, which way a hold may go."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennichi.checkout import totals_of
from ennichi.checkout.model import TRANSITIONS, arrival, may_become
from ennichi.orders.model import month_of, number_of
from ennichi.payments.adapters.sandbox.cards import TEST_CARDS, luhn


def taxes(lines: list[tuple[int, int]], shipping: int) -> dict[int, int]:
    return {part.rate: part.amount for part in totals_of(lines, shipping).taxes}


def test_food_and_its_postage() -> None:
    totals = totals_of([(1480, 8)], 660)
    assert (totals.items, totals.shipping, totals.total) == (1480, 660, 2140)
    assert taxes([(1480, 8)], 660) == {10: 60, 8: 109}
    assert totals.tax == 169


def test_one_rate_is_rounded_once() -> None:
    # 105 and 105 hold 9.54 each; together they hold 19.09.
    assert taxes([(105, 10)], 105) == {10: 19}
    assert taxes([(105, 10), (105, 10)], 0) == {10: 19}


def test_what_costs_nothing_is_not_taxed() -> None:
    assert taxes([(1080, 8)], 0) == {8: 80}


@given(st.lists(st.tuples(st.integers(1, 199_999_980), st.sampled_from([8, 10])), min_size=1), st.integers(0, 10**8))
def test_the_tax_is_within_the_total(lines: list[tuple[int, int]], shipping: int) -> None:
    totals = totals_of(lines, shipping)
    assert totals.total == totals.items + totals.shipping
    assert totals.tax == sum(part.amount for part in totals.taxes)
    assert 0 <= totals.tax * 11 <= totals.total
    assert [part.rate for part in totals.taxes] == sorted({part.rate for part in totals.taxes}, reverse=True)


def test_days_are_japanese_days() -> None:
    assert arrival(datetime(2026, 11, 22, 11, 0, tzinfo=UTC), 2) == (date(2026, 11, 25), date(2026, 11, 27))
    assert arrival(datetime(2026, 11, 22, 15, 0, tzinfo=UTC), 2) == (date(2026, 11, 26), date(2026, 11, 28))


def test_numbers_of_orders() -> None:
    assert number_of(month_of(datetime(2026, 11, 30, 14, 59, tzinfo=UTC)), 482) == "EN-2611-0482"
    assert number_of(month_of(datetime(2026, 11, 30, 15, 0, tzinfo=UTC)), 12345) == "EN-2612-12345"


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [("held", "confirming", True), ("confirming", "expired", False), ("sold", "held", False), ("held", "sold", False)],
)
def test_transitions(before: str, after: str, allowed: bool) -> None:
    assert may_become(before, after) is allowed  # type: ignore[arg-type]
    assert set(TRANSITIONS) >= {before, after}


def test_check_digits() -> None:
    assert all(luhn(number) for number in TEST_CARDS)
    assert not luhn("4242424242424241")
