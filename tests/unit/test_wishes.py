"""What a line of chat orders: every labelled line of tests/vectors/wishes.tsv, and lines nobody thought of."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennichi.catalog import Listing, Variant
from ennichi.checkout.wishes import MOST_UNITS, Wish, wishes_of
from ennichi.shows import LineupItem
from ennichi.stores import StoreBrief

VECTORS = Path(__file__).parent.parent / "vectors" / "wishes.tsv"
STALL: dict[int, list[tuple[str, str]]] = {
    1: [("", "")],
    2: [("", "A12")],
    3: [("", "")],
    4: [("赤 M", "赤M"), ("赤 L", "赤L"), ("青 M", "青M")],
    5: [("", "B3")],
    6: [("26cm", "K26"), ("27cm", "K27")],
    7: [("くろ", ""), ("しろ", "")],
    8: [("", "mug")],
    9: [("S", "S"), ("M", "M")],
    10: [("S", "S"), ("M", "M")],
    12: [("", "")],
    20: [("", "とまと")],
}
"""A line-up: under each number the names and keywords of the variants."""


STORE = StoreBrief(id="s", handle="stall", name="Stall", face=None, sold=0, likes=0, followers=0, color="#c93a17")


def item(number: int, variants: list[tuple[str, str]]) -> LineupItem:
    shown = [
        Variant(id=f"{number}/{name}" if name else f"{number}", name=name, price=500, available=9, keyword=keyword)
        for name, keyword in variants
    ]
    listing = Listing(
        id=f"l{number}",
        store=STORE,
        title=f"Thing {number}",
        story="",
        condition="new",
        price=500,
        tax_rate=10,
        photos=[],
        variants=shown,
        available=9,
        archived=False,
        created_at=datetime(2026, 11, 22, tzinfo=UTC),
    )
    return LineupItem(number=number, listing=listing)


LINEUP = [item(number, variants) for number, variants in STALL.items()]


def lines() -> list[tuple[str, str]]:
    rows = VECTORS.read_text(encoding="utf-8").splitlines()
    pairs = [row.partition("\t") for row in rows if row and not row.startswith("# ")]
    return [(line, wished) for line, _, wished in pairs]


def shown(wishes: list[Wish]) -> str:
    return " ".join(f"{wish.variant_id}={wish.quantity}" for wish in wishes) or "-"


@pytest.mark.parametrize(("line", "wished"), lines())
def test_labelled_lines(line: str, wished: str) -> None:
    # Variants' names have spaces, which the table keeps: compare as written.
    assert shown(wishes_of(line, LINEUP)) == wished


def test_there_are_enough_lines_of_both_kinds() -> None:
    talk = [line for line, wished in lines() if wished == "-"]
    assert len(lines()) >= 150
    assert 60 <= len(talk) <= len(lines()) - 60


def test_an_empty_line_up_orders_nothing() -> None:
    assert all(wishes_of(line, []) == [] for line, _ in lines())


def test_a_long_line_is_talk() -> None:
    assert wishes_of("A12 +1 " * 30, LINEUP) == []


def test_more_than_ten_things_are_talk() -> None:
    line = " ".join(["3番+1"] * 11)
    assert wishes_of(line, LINEUP) == []
    assert wishes_of(" ".join(["3番+1"] * 10), LINEUP) == [Wish("3", 10)]


def test_a_line_that_can_be_read_in_very_many_ways_is_talk_at_once() -> None:
    crowded = [item(1, [("", "あ" * n) for n in range(1, 9)])]
    began = time.process_time()
    assert wishes_of("あ " * 59, crowded) == wishes_of("あ " * 20 + "ください", crowded) == []
    assert time.process_time() - began < 0.5
    assert wishes_of("ああ 2個", crowded) == [Wish("1", 2)]


PIECES = [
    "12",
    "3番",
    "A12",
    "赤M",
    "+1",
    "x2",
    "2個",
    "ください",
    "と",
    " ",
    "、",
    "?",
    "かわいい",
    "please",
    "-",
    "③",
    "ずつ",
    "くろ",
    "の",
    "M",
]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=60))
def test_whatever_is_said_only_things_of_the_line_up_are_ordered_a_few_at_a_time(line: str) -> None:
    wishes = wishes_of(line, LINEUP)
    known = {variant.id for place in LINEUP for variant in place.listing.variants}
    assert all(wish.variant_id in known and 1 <= wish.quantity <= MOST_UNITS for wish in wishes)
    assert len({wish.variant_id for wish in wishes}) == len(wishes)
    assert not ("?" in line and wishes)
