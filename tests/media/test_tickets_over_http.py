"""Tickets and pictures as the API gives them: who may have which, and the whole way from a file to a picture."""

import asyncio
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
import msgspec
import pytest
from tests.media.conftest import BOTTLES, until
from tests.support.festival import festival_on

from ennichi.media import Ticket, publish_file
from ennichi.web.app import build

NO_SHOW = "0" * 20


@pytest.fixture
async def festival(db_url, tmp_path):
    async with festival_on(db_url, tmp_path) as festival:
        yield festival


@asynccontextmanager
async def speaking(festival, name=None):
    """The API as the person of that name, or as nobody."""
    headers = {}
    if name:
        session = await festival.app.accounts.enter_ready_made(f"{name}@example.com", user_agent="test")
        headers["Authorization"] = f"Bearer {session.token}"
    transport = httpx.ASGITransport(cast("Any", build(festival.app)))
    async with httpx.AsyncClient(transport=transport, base_url="http://market.lan:8000", headers=headers) as client:
        yield client


async def asked(festival, name, show_id, role):
    async with speaking(festival, name) as client:
        return await client.post(f"/api/v1/shows/{show_id}/tickets", json={"role": role})


def refusal(answer):
    return answer.status_code, answer.json()["error"]["code"]


async def test_anybody_may_watch_a_live_show(festival):
    show_id = await festival.live_show([])
    answer = await asked(festival, None, show_id, "watch")
    assert answer.status_code == 201
    ticket = msgspec.json.decode(answer.content, type=Ticket)
    relay = festival.app.relay
    assert ticket.url.startswith(f"https://market.lan:{relay.port}/watch/{show_id}?token=")
    assert (ticket.broadcast, ticket.fingerprint) == ("live", relay.fingerprint)


async def test_only_the_store_s_people_may_publish(festival):
    show_id = await festival.live_show([])
    assert (await asked(festival, "mizuho", show_id, "publish")).status_code == 201
    assert refusal(await asked(festival, "buyer0", show_id, "publish")) == (403, "auth.forbidden")
    assert refusal(await asked(festival, None, show_id, "publish")) == (401, "auth.required")


async def test_there_are_tickets_to_live_shows_only(festival):
    show_id = await festival.live_show([])
    await festival.app.shows.move(festival.keeper, show_id, "ended")
    for name, role in ((None, "watch"), ("mizuho", "publish")):
        assert refusal(await asked(festival, name, show_id, role)) == (409, "show.wrong_state")
    assert (await asked(festival, None, NO_SHOW, "watch")).status_code == 404
    assert (await asked(festival, "mizuho", NO_SHOW, "publish")).status_code == 404


async def test_another_body_is_malformed(festival):
    show_id = await festival.live_show([])
    async with speaking(festival) as client:
        for body in (b"", b"{", b"[]", b"{}", b'{"role": "admin"}', b'{"role": 1}', b'{"role": null}'):
            headers = {"Content-Type": "application/json"}
            answer = await client.post(f"/api/v1/shows/{show_id}/tickets", content=body, headers=headers)
            assert answer.status_code == 422, body


async def test_asking_for_tickets_has_a_limit(festival):
    show_id = await festival.live_show([])
    async with speaking(festival) as client:
        for _ in range(120):
            await client.post(f"/api/v1/shows/{show_id}/tickets", json={"role": "watch"})
        answer = await client.post(f"/api/v1/shows/{show_id}/tickets", json={"role": "watch"})
    assert refusal(answer) == (429, "limits.too_fast")


async def test_a_full_relay_says_so(festival, monkeypatch):
    show_id = await festival.live_show([])
    monkeypatch.setattr(festival.app.relay, "_limit", 0)
    assert refusal(await asked(festival, None, show_id, "watch")) == (409, "media.full")
    assert (await asked(festival, "mizuho", show_id, "publish")).status_code == 201


async def test_a_file_becomes_the_show_s_picture_until_the_show_ends(festival):
    show_id = await festival.live_show([])
    address = f"/media/shows/{show_id}/frame.jpg"

    async def ticket():
        answer = await asked(festival, "mizuho", show_id, "publish")
        answer.raise_for_status()
        found = msgspec.json.decode(answer.content, type=Ticket)
        return msgspec.structs.replace(found, url=found.url.replace("market.lan", "127.0.0.1"))

    async with speaking(festival) as client:
        assert (await client.get(address)).status_code == 404
        sending = asyncio.create_task(publish_file(BOTTLES, ticket, loop=True))

        async def picture():
            answer = await client.get(address)
            return answer if answer.is_success else None

        found = await until(picture)
        assert found.headers["content-type"] == "image/jpeg"
        assert found.headers["cache-control"] == "public, max-age=3"
        assert found.content.startswith(b"\xff\xd8\xff")
        await festival.app.shows.move(festival.keeper, show_id, "ended")
        assert (await client.get(address)).status_code == 404
        # The sender finds the session ended and asks for another ticket, which there is not.
        with pytest.raises(httpx.HTTPStatusError):
            await asyncio.wait_for(sending, 10)


async def test_there_is_no_picture_of_what_is_not(festival):
    async with speaking(festival) as client:
        for show_id in (NO_SHOW, "x", "%00", "é"):
            assert (await client.get(f"/media/shows/{show_id}/frame.jpg")).status_code == 404
