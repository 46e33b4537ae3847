"""Pictures kept, found again and refused."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.people import People, people_on
from tests.support.trade import picture

from ennichi.kit.errors import TooLarge
from ennichi.photos import MAX_BYTES, PhotoNotFound, PhotoUnknown, Unreadable


@pytest.fixture
async def people(db_url: str, tmp_path: Path) -> AsyncIterator[People]:
    async with people_on(db_url, tmp_path / "photos") as built:
        yield built


async def test_taken_and_found_again(people: People) -> None:
    hanako = await people.person("Hanako")
    first, second = await asyncio.gather(*[people.photos.take(hanako, picture()) for _ in range(2)])
    assert first.id != second.id
    assert (first.width, first.height) == (40, 30)
    assert re.fullmatch(f"/media/photos/{first.id}/s.webp", first.small)
    async with people.db.read() as conn:
        assert await people.photos.load(conn, [first.id, second.id, "nothing", "\0"]) == {
            first.id: first,
            second.id: second,
        }
        assert await people.photos.load(conn, []) == {}
    assert (await people.photos.read(first.id, "s"))[8:12] == b"WEBP"


async def test_whose_it_is(people: People) -> None:
    hanako, taro = await people.person("Hanako"), await people.person("Taro")
    photo = await people.photos.take(hanako, picture())
    async with people.db.read() as conn:
        await people.photos.require_own(conn, [photo.id, photo.id], hanako)
        for ids, account in [([photo.id], taro), ([photo.id, "0" * 20], hanako), (["\0"], hanako)]:
            with pytest.raises(PhotoUnknown):
                await people.photos.require_own(conn, ids, account)


async def test_nothing_is_kept_of_what_is_refused(people: People, tmp_path: Path) -> None:
    hanako = await people.person("Hanako")
    with pytest.raises(Unreadable):
        await people.photos.take(hanako, b"text")
    with pytest.raises(TooLarge) as caught:
        await people.photos.take(hanako, b"\0" * (MAX_BYTES + 1))
    assert caught.value.params == {"limit": MAX_BYTES}
    assert not list((tmp_path / "photos").rglob("*.webp"))


@pytest.mark.parametrize("photo_id", ["0" * 20, "../../etc/passwd", "", "\0"])
async def test_what_is_not_there(people: People, photo_id: str) -> None:
    with pytest.raises(PhotoNotFound):
        await people.photos.read(photo_id, "l")
