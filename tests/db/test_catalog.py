"""Listings: made, changed, put away, found; their stock in every direction."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import UNSET
from tests.support.trade import Trade, picture, trade_on

from ennichi.accounts import Account
from ennichi.catalog import (
    ListingChanged,
    ListingEdit,
    ListingNotFound,
    NewListing,
    NewVariant,
    StockChanged,
    StockLevel,
    VariantEdit,
    VariantNotFound,
)
from ennichi.kit.errors import Forbidden, Invalid, NotFound
from ennichi.photos import PhotoUnknown
from ennichi.stores import Store

Stall = tuple[Trade, Account, Store]


@pytest.fixture
async def stall(db_url: str, tmp_path: Path) -> AsyncIterator[Stall]:
    async with trade_on(db_url, tmp_path) as trade:
        keeper = await trade.people.person("Keeper")
        yield trade, keeper, await trade.stall(keeper)


def cup(**changes: object) -> NewListing:
    fields: dict[str, object] = {
        "title": " 青い  湯のみ ",
        "story": "手びねり\n\n\n\nです",
        "condition": "new",
        "price": 2000,
        "variants": [NewVariant(name="大", stock=3, price=2500, keyword="大"), NewVariant(name="小", stock=2)],
    }
    return NewListing(**{**fields, **changes})  # type: ignore[arg-type]


async def test_made_and_read(stall: Stall) -> None:
    trade, keeper, store = stall
    photos = [await trade.people.photos.take(keeper, picture()) for _ in range(2)]
    new = cup(photo_ids=[photos[1].id, photos[0].id, photos[1].id])
    made = await trade.catalog.create(keeper, store.id, new)
    assert (made.title, made.story, made.price, made.available) == ("青い 湯のみ", "手びねり\n\nです", 2000, 5)
    assert [(v.name, v.price, v.available, v.keyword) for v in made.variants] == [
        ("大", 2500, 3, "大"),
        ("小", 2000, 2, ""),
    ]
    assert made.photos == [photos[1], photos[0]]
    assert made.store.id == store.id
    assert await trade.catalog.get(made.id) == made
    assert await trade.catalog.list_by_store(store.id) == [made]


async def test_changed(stall: Stall) -> None:
    trade, keeper, store = stall
    changed: list[ListingChanged] = []

    async def told(event: ListingChanged) -> None:
        changed.append(event)

    trade.people.db.events.after(ListingChanged, told)
    made = await trade.catalog.create(keeper, store.id, cup())
    large, small = made.variants
    edit = ListingEdit(
        price=1800,
        variants=[
            VariantEdit(id=small.id, name="ちいさい", stock=7),
            VariantEdit(id=large.id, name="おおきい"),
            VariantEdit(name="豆", stock=4, price=900),
        ],
    )
    now = await trade.catalog.edit(keeper, made.id, edit)
    assert [(v.name, v.price, v.available, v.keyword) for v in now.variants] == [
        ("ちいさい", 1800, 7, ""), ("おおきい", 2500, 3, "大"), ("豆", 900, 4, ""),
    ]  # fmt: skip
    assert (now.title, now.price) == (made.title, 900)
    assert trade.told == [StockChanged([StockLevel(small.id, made.id, 7)], rose=True)]
    assert changed == [ListingChanged(made.id, store.id)]
    only = await trade.catalog.edit(keeper, made.id, ListingEdit(variants=[VariantEdit(id=large.id, price=None)]))
    assert [(v.id, v.name, v.price) for v in only.variants] == [(large.id, "", 1800)]


async def test_a_variant_taken_away_keeps_what_is_held(stall: Stall) -> None:
    trade, keeper, store = stall
    made = await trade.catalog.create(keeper, store.id, cup())
    _, small = made.variants
    buyer = await trade.people.person("Buyer")
    hold = await trade.hold(buyer, made)
    await trade.catalog.edit(keeper, made.id, ListingEdit(variants=[VariantEdit(id=small.id)]))
    assert await trade.counts(made) == (0, 1, 0)
    assert (await trade.checkout.get(buyer, hold.id)).max_quantity == 1
    other = await trade.people.person("Other")
    with pytest.raises(Exception, match=r"listing\.archived"):
        await trade.hold(other, made)


async def test_put_away_and_back(stall: Stall) -> None:
    trade, keeper, store = stall
    made = await trade.catalog.create(keeper, store.id, cup())
    for _ in range(2):
        assert (await trade.catalog.archive(keeper, made.id)).archived
    assert await trade.catalog.list_by_store(store.id) == []
    assert [one.id for one in await trade.catalog.list_by_store(store.id, archived=True)] == [made.id]
    async with trade.people.db.read() as conn:
        assert await trade.catalog.search(conn, "湯のみ") == []
    assert not (await trade.catalog.archive(keeper, made.id, archived=False)).archived


async def test_found_by_its_words(stall: Stall) -> None:
    trade, keeper, store = stall
    story = await trade.catalog.create(keeper, store.id, cup(title="皿", story="湯のみとおそろい"))
    title = await trade.catalog.create(keeper, store.id, cup(title="100%_綿"))
    cups = await trade.catalog.create(keeper, store.id, cup())
    async with trade.people.db.read() as conn:
        assert [x.id for x in await trade.catalog.search(conn, " 湯のみ ")] == [cups.id, story.id]
        assert [x.id for x in await trade.catalog.search(conn, "%")] == [title.id]
        assert [x.id for x in await trade.catalog.search(conn, "_")] == [title.id]
        for nothing in ("", " ", "\0", "\\", "x" * 5000):
            assert await trade.catalog.search(conn, nothing) == []


async def test_who_may(stall: Stall) -> None:
    trade, keeper, store = stall
    other = await trade.people.person("Other")
    photo = await trade.people.photos.take(other, picture())
    made = await trade.catalog.create(keeper, store.id, cup())
    with pytest.raises(Forbidden):
        await trade.catalog.create(other, store.id, cup())
    with pytest.raises(Forbidden):
        await trade.catalog.edit(other, made.id, ListingEdit(price=1))
    with pytest.raises(Forbidden):
        await trade.catalog.archive(other, made.id)
    with pytest.raises(PhotoUnknown):
        await trade.catalog.create(keeper, store.id, cup(photo_ids=[photo.id]))
    with pytest.raises(PhotoUnknown):
        await trade.catalog.edit(keeper, made.id, ListingEdit(title="x", photo_ids=[photo.id]))
    assert await trade.catalog.get(made.id) == made
    for missing in ("0" * 20, "\0", ""):
        with pytest.raises(ListingNotFound):
            await trade.catalog.get(missing)
        with pytest.raises(ListingNotFound):
            await trade.catalog.edit(keeper, missing, ListingEdit(price=1))
        with pytest.raises(NotFound):
            await trade.catalog.list_by_store(missing)
        with pytest.raises(NotFound):
            await trade.catalog.create(keeper, missing, cup())


@pytest.mark.parametrize(
    ("edit", "path", "problem"),
    [
        (ListingEdit(title=" \0 "), "title", "empty"),
        (ListingEdit(variants=[VariantEdit(id="0" * 20)]), "variants[0].id", "unknown"),
        (ListingEdit(variants=[VariantEdit(name="a"), VariantEdit(name=" ")]), "variants[1].name", "empty"),
        (ListingEdit(variants=[VariantEdit(name="a"), VariantEdit(name=" a ")]), "variants[1].name", "twice"),
    ],
)
async def test_what_does_not_fit_changes_nothing(stall: Stall, edit: ListingEdit, path: str, problem: str) -> None:
    trade, keeper, store = stall
    made = await trade.catalog.create(keeper, store.id, cup())
    edit.price = 5 if edit.price is UNSET else edit.price
    with pytest.raises(Invalid) as caught:
        await trade.catalog.edit(keeper, made.id, edit)
    assert caught.value.params["fields"] == [{"path": path, "problem": problem}]
    assert await trade.catalog.get(made.id) == made


async def test_stock_moves(stall: Stall) -> None:
    trade, keeper, store = stall
    made = await trade.catalog.create(keeper, store.id, cup())
    variant = made.variants[0].id
    async with trade.people.db.transaction() as tx:
        assert (await trade.stock.lock(tx, [variant, "\0"]))[variant].available == 3
        await trade.stock.hold(tx, {variant: 2})
    async with trade.people.db.transaction() as tx:
        await trade.stock.mark_sold(tx, {variant: 1})
        await trade.stock.give_back(tx, {variant: 1})
        await trade.stock.give_back(tx, {})
    assert await trade.counts(made) == (2, 0, 1)
    async with trade.people.db.transaction() as tx:
        await trade.stock.restock(tx, {variant: 1})
    assert await trade.counts(made) == (3, 0, 0)
    assert trade.told == [
        StockChanged([StockLevel(variant, made.id, 1)], rose=False),
        StockChanged([StockLevel(variant, made.id, 2)], rose=True),
        StockChanged([StockLevel(variant, made.id, 3)], rose=True),
    ]
    for missing in ("0" * 20, "\0"):
        with pytest.raises(VariantNotFound):
            async with trade.people.db.transaction() as tx:
                await trade.stock.offer(tx, missing)
