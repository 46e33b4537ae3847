"""What is answered without the framework is answered as the framework would."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
from psycopg import DataError
from tests.support.festival import Festival
from tests.support.running import spare_port

from ennichi.cli.http1 import Http1Server
from ennichi.web.app import build

SERVERS = {"date": "", "connection": ""}
"""Headers of a server's own."""
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
HOLDS = [
    b'{"variant_id":"%s"}',
    b'{"variant_id":"%s","quantity":3}',
    b'{"variant_id":"%s","quantity":0}',
    b'{"variant_id":"%s","quantity":21}',
    b'{"variant_id":"%s","quantity":"3"}',
    b'{"variant_id":"%s","quantity":4,"show_id":"nothing of the kind"}',
    b'{"variant_id":"%s","quantity":20}',
    b'{"variant_id":"%s","more":1}',
    b'{"variant_id":"nothing of the kind"}',
    b'{"variant_id":7}',
    b'{"quantity":1}',
    b"",
    b"{",
    b"[]",
    b"\xff\xfe",
]
KEYS = ["k", "k" * 200, "k" * 201, "!~", "two words", "\t", "", "k\x7f", "cl\xe9", "\u3042".encode().decode("latin-1")]
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

    def instead(self, client: httpx.AsyncClient) -> "Both":
        """The program asked by this client."""
        self._clients[0] = client
        return self

    async def ask(
        self,
        path: str,
        body: bytes = FINE,
        headers: Mapping[str, Any] = JSON,
        *,
        method: str = "POST",
        pause: float = 60,
    ) -> int:
        """The status of the one answer both give, `pause` seconds after the last."""
        self._clock.advance(pause)
        answers = [await client.request(method, path, content=body, headers=headers) for client in self._clients]
        quick, slow = [(one.status_code, dict(one.headers) | SERVERS, told(one)) for one in answers]
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
async def variant_id(festival: Festival) -> str:
    """Of something that there is a lot of."""
    listing_id = await festival.listing("茶碗", {"": 30})
    return (await festival.app.catalog.get(listing_id)).variants[0].id


@pytest.fixture
async def signed_in(festival: Festival) -> dict[str, str]:
    """Headers of somebody."""
    session = await festival.app.accounts.create_ready_made("Quick", "quick@example.com")
    return JSON | {"authorization": f"Bearer {session.token}"}


@pytest.fixture
async def wire(festival: Festival, both: Both) -> AsyncIterator[Both]:
    """The same, the program being asked over a socket, where its server has a shorter way for its answers."""
    server = Http1Server(build(festival.app), host="127.0.0.1", port=spare_port())
    serving = asyncio.create_task(server.serve())
    await asyncio.sleep(0.05)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.where[1]}/api/v1", trust_env=False) as client:
        client.headers["host"] = "festival"
        yield both.instead(client)
    server.stop()
    await asyncio.wait_for(serving, 5)


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


async def test_every_hold(both: Both, variant_id: str, signed_in: dict[str, str]) -> None:
    async def ask(body: bytes, key: str) -> int:
        headers = signed_in | {"idempotency-key": key}
        return await both.ask("/holds", body.replace(b"%s", variant_id.encode()), headers, pause=2)

    statuses = [await ask(body, f"key-{number}") for number, body in enumerate(HOLDS)]
    assert set(statuses) == {201, 404, 422}
    # The same again: what was answered with units is remembered, what was refused is tried anew.
    assert [await ask(body, f"key-{number}") for number, body in enumerate(HOLDS)] == statuses
    assert await ask(HOLDS[0], "key-1") == 409


@WHAT
async def test_over_the_wire(wire: Both, show_id: str, signed_in: dict[str, str], what: str) -> None:
    statuses = {await wire.ask(f"/shows/{show_id}/{what}", body, signed_in) for body in BODIES}
    assert statuses == {201 if what == "messages" else 202, 413, 422}
    assert {await wire.ask(f"/shows/{show_id}/{what}", FINE, JSON | who) for who in PEOPLE[:1]} <= {401, 202}
    statuses = {await wire.ask(f"/shows/{show_id}/likes", FINE, signed_in, pause=0) for _ in range(4)}
    assert statuses == {202, 429}


async def test_a_hold_over_the_wire(wire: Both, variant_id: str, signed_in: dict[str, str]) -> None:
    async def ask(body: bytes, key: str) -> int:
        headers = signed_in | {"idempotency-key": key}
        return await wire.ask("/holds", body.replace(b"%s", variant_id.encode()), headers, pause=2)

    assert {await ask(body, f"key-{number}") for number, body in enumerate(HOLDS)} == {201, 404, 422}
    assert await ask(HOLDS[0], "key-1") == 409


async def test_every_key(both: Both, variant_id: str, signed_in: dict[str, str]) -> None:
    body = HOLDS[0].replace(b"%s", variant_id.encode())
    statuses = [
        await both.ask("/holds", body, signed_in | {"idempotency-key": key.encode("latin-1")}, pause=2) for key in KEYS
    ]
    assert statuses == [201 if number in (0, 1, 3) else 422 for number in range(len(KEYS))]
    assert await both.ask("/holds", body, signed_in) == 422
    assert {await both.ask("/holds", body, JSON | {"idempotency-key": "k"} | who) for who in PEOPLE} == {401, 403}


async def test_a_hold_that_is_not_to_be_had(
    festival: Festival, both: Both, variant_id: str, signed_in: dict[str, str]
) -> None:
    def sent(quantity: int) -> bytes:
        return b'{"variant_id":"%s","quantity":%d}' % (variant_id.encode(), quantity)

    keeper = await festival.app.accounts.create_ready_made("Mizuho", "mizuho@example.com")
    owner = JSON | {"authorization": f"Bearer {keeper.token}", "idempotency-key": "own"}
    assert await both.ask("/holds", sent(1), owner) == 409
    statuses = [
        await both.ask("/holds", sent(number), signed_in | {"idempotency-key": f"rush-{number}"}, pause=0)
        for number in (1, 2, 21, *[1] * 30)
    ]
    assert statuses == [201, 201, 422, *[201] * 28, 429, 429]


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
