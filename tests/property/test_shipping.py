"""What shipping costs: whatever is sent together, nobody pays too much, and nobody is paid for it."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ennichi.accounts import PREFECTURES
from ennichi.catalog.shipping import SIZES, Fee, Parcel, Shipping, Zone, checked, cost_of, fee_for, flat, single_fee
from ennichi.kit.errors import Invalid

PLACES = sorted(PREFECTURES)
yen = st.integers(0, 3_000)


@st.composite
def fees(draw: st.DrawFn) -> list[Fee]:
    sizes = sorted({*draw(st.sets(st.sampled_from(SIZES), max_size=4)), SIZES[-1]})
    return [Fee(size, draw(yen)) for size in sizes]  # type: ignore[arg-type]


@st.composite
def shippings(draw: st.DrawFn) -> Shipping:
    places = draw(st.lists(st.sampled_from(PLACES), unique=True, max_size=8))
    cut = draw(st.integers(0, len(places)))
    groups = [group for group in (places[:cut], places[cut:]) if group]
    zones = [Zone(group, draw(fees())) for group in groups]
    zones.insert(draw(st.integers(0, len(zones))), Zone([], draw(fees())))
    free_over = draw(st.none() | st.integers(1, 10_000))
    return Shipping(name="通常", zones=zones, each_more=draw(yen), free_over=free_over)


parcels = st.builds(
    Parcel, shippings(), st.sampled_from(SIZES), st.integers(1, 5), st.integers(1, 8_000)
)  # fmt: skip
baskets = st.lists(parcels, max_size=6)
places = st.none() | st.sampled_from(PLACES)


@given(baskets, places, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(basket: list[Parcel], place: str | None, chance: random.Random) -> None:
    mixed = basket[:]
    chance.shuffle(mixed)
    assert fee_for(mixed, place) == fee_for(basket, place)


@given(baskets, places)
def test_together_is_never_dearer_than_apart_and_never_below_nothing(basket: list[Parcel], place: str | None) -> None:
    together = fee_for(basket, place)
    assert 0 <= together <= sum(fee_for([parcel], place) for parcel in basket)


@given(parcels, places)
def test_units_together_are_never_dearer_than_one_by_one(parcel: Parcel, place: str | None) -> None:
    assert fee_for([parcel], place) <= parcel.quantity * single_fee(parcel.shipping, parcel.size, place)


@given(parcels)
def test_what_a_page_says_is_between_least_and_most(parcel: Parcel) -> None:
    said = cost_of(parcel.shipping, parcel.size)
    assert {said.least, said.most} <= {single_fee(parcel.shipping, parcel.size, place) for place in [None, *PLACES]}
    assert all(said.least <= single_fee(parcel.shipping, parcel.size, p) <= said.most for p in [None, *PLACES])


@given(shippings())
def test_what_the_rules_take_stays_as_it_is(shipping: Shipping) -> None:
    assert checked(shipping) == shipping


NORTH = Shipping(
    name="ゆうパック",
    zones=[
        Zone(["北海道"], [Fee(60, 1300), Fee(100, 1800), Fee(160, 3000)]),
        Zone([], [Fee(60, 800), Fee(100, 1200), Fee(160, 2100)]),
    ],
    each_more=200,
    free_over=10_000,
)


@pytest.mark.parametrize(
    ("basket", "place", "fee"),
    [
        ([], "東京都", 0),
        ([Parcel(flat(660), 60, 3, 4440)], "東京都", 660),
        ([Parcel(NORTH, 60, 1, 1000)], None, 800),
        ([Parcel(NORTH, 80, 1, 1000)], "東京都", 1200),
        ([Parcel(NORTH, 80, 1, 1000)], "北海道", 1800),
        ([Parcel(NORTH, 60, 3, 3000)], "東京都", 1200),
        ([Parcel(NORTH, 60, 1, 1000), Parcel(flat(2000), 60, 2, 500)], "東京都", 2200),
        ([Parcel(NORTH, 60, 1, 9000), Parcel(flat(660), 60, 1, 1000)], "東京都", 660),
        ([Parcel(NORTH, 60, 1, 9000), Parcel(NORTH, 60, 1, 1000)], "東京都", 0),
    ],
)
def test_known_baskets(basket: list[Parcel], place: str | None, fee: int) -> None:
    assert fee_for(basket, place) == fee


@pytest.mark.parametrize(
    ("zones", "problem"),
    [
        ([Zone(["東京都"], [Fee(160, 1)])], ("zones", "one_for_everywhere_else")),
        ([Zone([], [Fee(160, 1)]), Zone([], [Fee(160, 1)])], ("zones", "one_for_everywhere_else")),
        ([Zone([], [Fee(100, 1)])], ("zones[0].fees", "sizes")),
        ([Zone([], [Fee(160, 1), Fee(60, 1)])], ("zones[0].fees", "sizes")),
        ([Zone([], [Fee(160, 1)]), Zone(["江戸"], [Fee(160, 1)])], ("zones[1].prefectures", "unknown")),
        (
            [Zone([], [Fee(160, 1)]), Zone(["東京都"], [Fee(160, 1)]), Zone(["東京都"], [Fee(160, 1)])],
            ("zones[2].prefectures", "twice"),
        ),
    ],
)
def test_what_cannot_be_kept_is_named(zones: list[Zone], problem: tuple[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        checked(Shipping(name="x", zones=zones))
    assert refused.value.params["fields"] == [{"path": problem[0], "problem": problem[1]}]
