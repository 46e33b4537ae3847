"""What is answered without the framework is answered as the framework would."""

from typing import Any

import httpx
import pytest
from psycopg import DataError
from tests.support.festival import Festival

from ennichi.web.app import build

NOBODYS = "0" * 20
JSON = {"content-type": "application/json"}
FINE = b'{"count":1,"text":"hello"}'
WHAT = pytest.mark.parametrize("what", ["messages", "likes"])
BODIES = [
    b'{"count":1}',
    b'{"text":"hello"}',
    b'{"text":"how much?","question":true}',
    b'{"text":"this one","listing_id":"nothing of the kind"}',
    b"",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"\xff\xfe",
    b"[" * 5_000,
    b'{"count":0}',
    b'{"count":21}',
    b'{"count":"1"}',
    b'{"count":1.5}',
    b'{"text":""}',
    b'{"text":" "}',
    b'{"text":7}',
    b'{"text":"\\ud800"}',
    b'{"text":"' + b"x" * 801 + b'"}',
    b'{"text":"' + b"x" * 1_100_000 + b'"}',
]
NAMES = [NOBODYS, "x", "x/y", "%00", "../x", "%C3%BC", "%20", "a%2Fb", "{show_id}"]
PEOPLE = [
    {"authorization": "Bearer nobody"},
    {"authorization": "Basic nobody"},
    {"cookie": "ennichi_session=nobody"},
    {"cookie": "ennichi_session=nobody", "origin": "http://festival"},
    {"cookie": "ennichi_session=nobody", "origin": "http://elsewhere"},
    {"origin": "http://elsewhere"},
    {"origin": "null"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-origin", "cookie": "ennichi_session=nobody"},
]


class Both:
    """Asks the program as it is, and the framework alone."""

    def __init__(self, festival: Festival) -> None:
        self._clock = festival.clock
        apps: list[Any] = [build(festival.app), build(festival.app, quick=False)]
        self._clients = [
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://festival/api/v1") for app in apps
        ]

    async def ask(
        self, path: str, body: bytes = FINE, headers: dict[str, str] = JSON, *, method: str = "POST", pause: float = 60
    ) -> int:
        """The status of the one answer both give, `pause` seconds after the last."""
        self._clock.advance(pause)
        answers = [await client.request(method, path, content=body, headers=headers) for client in self._clients]
        quick, slow = [(one.status_code, dict(one.headers), told(one)) for one in answers]
        assert quick == slow, (path, body[:80], headers)
        return int(answers[0].status_code)


def told(answer: httpx.Response) -> Any:
    """The body, without what no two lines have in common."""
    if not answer.content:
        return None
    found = answer.json()
    return {key: value for key, value in found.items() if key not in ("id", "offset", "likes")}


@pytest.fixture
async def both(festival: Festival) -> Both:
    return Both(festival)


@pytest.fixture
async def signed_in(festival: Festival) -> dict[str, str]:
    """Headers of somebody."""
    session = await festival.app.accounts.create_ready_made("Quick", "quick@example.com")
    return JSON | {"authorization": f"Bearer {session.token}"}


@WHAT
async def test_every_body(both: Both, show_id: str, signed_in: dict[str, str], what: str) -> None:
    people = [signed_in, signed_in | {"content-type": "text/plain"}, {"authorization": signed_in["authorization"]}]
    statuses = {await both.ask(f"/shows/{show_id}/{what}", body, headers) for headers in people for body in BODIES}
    assert statuses == {201 if what == "messages" else 202, 413, 422}


async def test_every_body_of_nobody(both: Both, show_id: str) -> None:
    assert {await both.ask(f"/shows/{show_id}/likes", body, {}) for body in BODIES} == {202, 413, 422}
    # The framework complains of the body to somebody who may not speak at all; here they are told to sign in.
    assert {await both.ask(f"/shows/{show_id}/messages", body) for body in (b"", FINE)} == {401}


@WHAT
async def test_every_name(both: Both, signed_in: dict[str, str], what: str) -> None:
    assert {await both.ask(f"/shows/{name}/{what}", FINE, signed_in) for name in NAMES} == {404}


@WHAT
async def test_whoever_asks(both: Both, show_id: str, what: str) -> None:
    statuses = {await both.ask(f"/shows/{show_id}/{what}", FINE, JSON | headers) for headers in PEOPLE}
    assert statuses == {401 if what == "messages" else 202, 403}


async def test_haste(both: Both, show_id: str, signed_in: dict[str, str]) -> None:
    statuses = [await both.ask(f"/shows/{show_id}/likes", FINE, signed_in, pause=0) for _ in range(4)]
    assert statuses == [202, 202, 429, 429]


async def test_a_show_that_is_over(festival: Festival, both: Both, show_id: str, signed_in: dict[str, str]) -> None:
    await festival.app.shows.move(festival.keeper, show_id, "ended")
    assert {await both.ask(f"/shows/{show_id}/{what}", FINE, signed_in) for what in ("messages", "likes")} == {409}


async def test_a_mistake_of_ours(festival: Festival, both: Both, show_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: Any) -> int:
        raise RuntimeError

    monkeypatch.setattr(festival.app.room, "like", fails)
    assert await both.ask(f"/shows/{show_id}/likes") == 500


async def test_a_value_that_does_not_fit_its_column(
    festival: Festival, both: Both, show_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any) -> int:
        raise DataError

    monkeypatch.setattr(festival.app.room, "like", fails)
    assert await both.ask(f"/shows/{show_id}/likes") == 422


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "HEAD"])
async def test_other_methods(both: Both, show_id: str, method: str) -> None:
    assert await both.ask(f"/shows/{show_id}/likes", b"", {}, method=method) in (204, 405)
