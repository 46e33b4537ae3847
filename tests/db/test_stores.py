"""Stalls: handles, who may change what, followers, counters, and what others see."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from tests.support.people import People, people_on

from ennichi.kit.errors import Forbidden, Invalid
from ennichi.photos import PhotoUnknown
from ennichi.stores import HandleTaken, Legal, NewStore, Store, StoreChanges, StoreNotFound, TooManyStores
from ennichi.stores.model import STORES_EACH


@pytest.fixture
async def people(db_url: str, tmp_path: Path) -> AsyncIterator[People]:
    async with people_on(db_url, tmp_path) as built:
        yield built


async def look(people: People, ref: str) -> Store:
    async with people.db.read() as conn:
        return await people.stores.get(conn, ref, None)


def picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (40, 30), "#c93a17").save(file, "PNG")
    return file.getvalue()


async def test_a_new_store_has_all_terms_a_slip_needs(people: People) -> None:
    hanako = await people.person("Hanako")
    face = await people.photos.take(hanako, picture())
    new = NewStore(name=" はな  工房 ", handle="Hana-Kobo", story="一行\n\n\n\n二行 ", face_id=face.id)
    store = await people.stores.open(hanako, new)
    assert (store.name, store.handle, store.story, store.face) == ("はな 工房", "hana-kobo", "一行\n\n二行", face)
    assert (store.mine, store.following, store.sold, store.followers) == (True, False, 0, 0)
    assert store.shipping_fee > 0
    assert store.ships_within_days > 0
    assert all((store.carrier, store.returns, store.cancellation))
    assert [brief.id for brief in await people.stores.stores_of(hanako)] == [store.id]
    by_id, by_handle = await look(people, store.id), await look(people, "hana-kobo")
    assert by_id == by_handle
    assert not by_id.mine


async def test_what_is_no_handle_is_refused(people: People) -> None:
    hanako = await people.person("Hanako")
    for handle in ("ab", "a" * 31, "はな工房", "a_b", "a b c", "-abc", "abc-", "a\nbc", "new", "API", "0" * 20):
        with pytest.raises(Invalid) as caught:
            await people.stores.open(hanako, NewStore(name="Hana", handle=handle))
        assert caught.value.params["fields"][0]["path"] == "handle"


async def test_a_handle_is_given_once_even_in_a_race(people: People) -> None:
    hanako, taro = await people.person("Hanako"), await people.person("Taro")
    answers = await asyncio.gather(
        *(people.stores.open(who, NewStore(name="Hana", handle="hana")) for who in (hanako, taro, hanako)),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, Store) for answer in answers) == 1
    assert sum(isinstance(answer, HandleTaken) for answer in answers) == 2


async def test_somebody_elses_photo_is_no_face(people: People) -> None:
    hanako, taro = await people.person("Hanako"), await people.person("Taro")
    face = await people.photos.take(taro, picture())
    for face_id in (face.id, "nonsense", "\0"):
        with pytest.raises(PhotoUnknown):
            await people.stores.open(hanako, NewStore(name="Hana", handle="hana", face_id=face_id))
    store = await people.stores.open(hanako, NewStore(name="Hana", handle="hana"))
    with pytest.raises(PhotoUnknown):
        await people.stores.edit(hanako, store.id, StoreChanges(face_id=face.id))


async def test_stores_are_bounded_even_in_a_race(people: People) -> None:
    hanako = await people.person("Hanako")
    answers = await asyncio.gather(
        *(people.stores.open(hanako, NewStore(name="Hana", handle=f"hana-{n}")) for n in range(STORES_EACH + 2)),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, Store) for answer in answers) == STORES_EACH
    assert sum(isinstance(answer, TooManyStores) for answer in answers) == 2


async def test_what_is_left_out_of_a_change_stays(people: People) -> None:
    hanako = await people.person("Hanako")
    face = await people.photos.take(hanako, picture())
    before = await people.stores.open(hanako, NewStore(name="Hana", handle="hana", face_id=face.id))
    after = await people.stores.edit(
        hanako, "hana", StoreChanges(color="#3B6EA8", place="岐阜・多治見", shipping_fee=0)
    )
    assert (after.color, after.place, after.shipping_fee) == ("#3b6ea8", "岐阜・多治見", 0)
    assert (after.name, after.face, after.returns) == ("Hana", face, before.returns)
    assert (await people.stores.edit(hanako, after.id, StoreChanges(face_id=None))).face is None


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        (StoreChanges(name=" \0 "), ["name"]),
        (StoreChanges(color="#12345g"), ["color"]),
        (StoreChanges(color="red;;;;"), ["color"]),
        (StoreChanges(returns=" \n ", cancellation=" ", carrier="\t"), ["carrier", "returns", "cancellation"]),
    ],
)
async def test_changes_that_do_not_fit_are_named(people: People, changes: StoreChanges, fields: list[str]) -> None:
    hanako = await people.person("Hanako")
    before = await people.stores.open(hanako, NewStore(name="Hana", handle="hana"))
    with pytest.raises(Invalid) as caught:
        await people.stores.edit(hanako, before.id, changes)
    assert [field["path"] for field in caught.value.params["fields"]] == fields
    async with people.db.read() as conn:
        assert await people.stores.get(conn, before.id, hanako) == before


async def test_only_members_change_a_store(people: People) -> None:
    hanako, taro = await people.person("Hanako"), await people.person("Taro")
    store = await people.stores.open(hanako, NewStore(name="Hana", handle="hana"))
    with pytest.raises(Forbidden):
        await people.stores.edit(taro, store.id, StoreChanges(name="Taro"))
    with pytest.raises(StoreNotFound):
        await people.stores.edit(taro, "0" * 20, StoreChanges(name="Taro"))
    async with people.db.read() as conn:
        assert await people.stores.members(conn, store.id) == {hanako.id}
        assert await people.stores.is_member(conn, store.id, hanako)
        assert not await people.stores.is_member(conn, store.id, taro)
        assert not await people.stores.is_member(conn, store.id, None)
        assert (await people.stores.require_member(conn, store.id, hanako)).id == store.id


async def test_an_unknown_store_is_not_found(people: People) -> None:
    for ref in ("nobody", "", "\0", "日本", "x" * 500, "%"):
        with pytest.raises(StoreNotFound):
            await look(people, ref)


async def test_what_is_given_on_request_only_members_see(people: People) -> None:
    hanako = await people.person("Hanako")
    store = await people.stores.open(hanako, NewStore(name="Hana", handle="hana"))
    notice = Legal(seller="山田花子", address="多治見市本町1", phone="0901", email="hana@example.com", on_request=True)
    mine = await people.stores.edit(hanako, store.id, StoreChanges(legal=notice))
    assert mine.legal == notice
    seen = (await look(people, store.id)).legal
    assert (seen.seller, seen.email, seen.address, seen.phone) == ("山田花子", "hana@example.com", "", "")


async def test_following_twice_counts_once(people: People) -> None:
    hanako, taro = await people.person("Hanako"), await people.person("Taro")
    store = await people.stores.open(hanako, NewStore(name="Hana", handle="hana"))
    await asyncio.gather(*(people.stores.follow(taro, store.id) for _ in range(4)))
    await people.stores.follow(hanako, store.id)
    followed = await people.stores.follow(taro, store.id)
    assert (followed.followers, followed.following, followed.mine) == (2, True, False)
    assert [brief.id for brief in await people.stores.followed(taro)] == [store.id]
    await people.stores.unfollow(taro, store.id)
    assert (await people.stores.unfollow(taro, store.id)).followers == 1
    assert await people.stores.followed(taro) == []
    with pytest.raises(StoreNotFound):
        await people.stores.follow(taro, "0" * 20)


async def test_counters_and_the_show_on_the_air(people: People) -> None:
    hanako = await people.person("Hanako")
    store = await people.stores.open(hanako, NewStore(name="Hana", handle="hana"))
    async with people.db.transaction() as tx:
        await people.stores.add_sold(tx, store.id, 3)
        await people.stores.add_sold(tx, store.id, -1)
        await people.stores.add_likes(tx, store.id, 7)
        await people.stores.set_live_show(tx, store.id, "1" * 20)
    now = await look(people, store.id)
    assert (now.sold, now.likes, now.live_show_id) == (2, 7, "1" * 20)
    async with people.db.transaction() as tx:
        await people.stores.set_live_show(tx, store.id, None)
    assert (await look(people, store.id)).live_show_id is None


async def test_searching_takes_what_is_typed_as_it_is(people: People) -> None:
    hanako = await people.person("Hanako")
    await people.stores.open(hanako, NewStore(name="うつわ 100%", handle="utsuwa", story="灰釉の飯碗"))
    await people.stores.open(hanako, NewStore(name="Second_Hand", handle="second"))
    async with people.db.read() as conn:
        found = {
            text: [s.handle for s in await people.stores.search(conn, text)]
            for text in ("飯碗", "%", "_", "SECOND", "\\", "\0zz")
        }
        everything = await people.stores.search(conn, "")
    assert found == {"飯碗": ["utsuwa"], "%": ["utsuwa"], "_": ["second"], "SECOND": ["second"], "\\": [], "\0zz": []}
    assert len(everything) == 2
