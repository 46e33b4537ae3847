"""Photos over HTTP."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.counter import API, Counter, code_of, counter_on
from tests.support.trade import picture


@pytest.fixture
async def counter(db_url: str, tmp_path: Path) -> AsyncIterator[Counter]:
    async with counter_on(db_url, tmp_path) as built:
        yield built


async def test_uploaded_and_shown(counter: Counter) -> None:
    async with await counter.browser("Hanako") as hanako, await counter.browser() as visitor:
        data = picture((2000, 1000), "JPEG")
        answer = await hanako.post(f"{API}/photos", content=data, headers={"Content-Type": "image/jpeg"})
        assert answer.status_code == 201, answer.text
        photo = answer.json()
        assert (photo["width"], photo["height"]) == (1600, 800)
        for size in ("small", "medium", "large"):
            file = await visitor.get(photo[size])
            assert (file.status_code, file.headers["content-type"]) == (200, "image/webp")
            assert file.content[8:12] == b"WEBP"
            assert "immutable" in file.headers["cache-control"]
            same = await visitor.get(photo[size], headers={"If-None-Match": file.headers["etag"]})
            assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", file.headers["etag"])


@pytest.mark.parametrize("kind", ["image/jpeg", "application/json", "text/plain", "multipart/form-data; boundary=x"])
async def test_whatever_the_sender_says_it_is(counter: Counter, kind: str) -> None:
    async with await counter.browser("Hanako") as hanako:
        good = await hanako.post(f"{API}/photos", content=picture(), headers={"Content-Type": kind})
        assert good.status_code == 201, good.text
        text = await hanako.post(f"{API}/photos", content=b"a text file", headers={"Content-Type": kind})
        assert code_of(text) == (422, "photo.unreadable")


async def test_too_large_empty_and_nobody(counter: Counter) -> None:
    async with await counter.browser("Hanako") as hanako, await counter.browser() as visitor:
        kind = {"Content-Type": "image/jpeg"}
        large = await hanako.post(f"{API}/photos", content=os.urandom(20 * 1024 * 1024), headers=kind)
        assert code_of(large) == (413, "input.too_large")

        async def drops() -> AsyncIterator[bytes]:
            for _ in range(20):
                yield b"\0" * 1024 * 1024

        assert code_of(await hanako.post(f"{API}/photos", content=drops(), headers=kind)) == (413, "input.too_large")
        assert code_of(await hanako.post(f"{API}/photos", headers=kind)) == (422, "photo.unreadable")
        assert code_of(await visitor.post(f"{API}/photos", content=picture(), headers=kind)) == (401, "auth.required")


@pytest.mark.parametrize("path", ["0" * 20 + "/s.webp", "0" * 20 + "/x.webp", "../x/s.webp", "%00/s.webp", "x/s.webp"])
async def test_what_is_not_there(counter: Counter, path: str) -> None:
    async with await counter.browser() as visitor:
        assert code_of(await visitor.get(f"/media/photos/{path}")) == (404, "not_found")
