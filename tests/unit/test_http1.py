"""Our HTTP/1 server, asked over real sockets: what it promises beyond uvicorn's protocol, which it is made of."""

import asyncio
import contextlib
import gc
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.support.running import spare_port
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from ennichi.cli import http1
from ennichi.cli.http1 import BEGIN_AT_ONCE, MAX_HEAD, Http1Server
from ennichi.web.direct import ANSWERS_AT_ONCE, SENDS_AT_ONCE, extension

CHUNK = b"x" * 200_000
PATIENCE_S = 5.0


class App:
    """Answers with what it was sent; `order` is what it was asked, in the order it began."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.begun = asyncio.Event()
        self.fed = asyncio.Event()
        self.waited = 0
        self.go_on = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.order.append(scope["path"])
        self.begun.set()
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        if scope["path"].startswith("/quick"):
            await extension(scope, ANSWERS_AT_ONCE)(send, 200, b"content-type: text/plain\r\n", body)
        elif scope["path"] == "/feed":
            await self._feed(extension(scope, SENDS_AT_ONCE)(send), send)
        else:
            if scope["path"] == "/slow":
                await self.go_on.wait()
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": body})

    async def _feed(self, further: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(40):
            waiting = further({"type": "http.response.body", "body": CHUNK, "more_body": True})
            if asyncio.iscoroutine(waiting):
                self.waited += 1
                self.fed.set()
            await waiting
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class Served:
    """A server for `app`, and its clients."""

    def __init__(self, app: App) -> None:
        self.server = Http1Server(app, host="127.0.0.1", port=spare_port())
        self.task = asyncio.create_task(self.server.serve())
        self.writers: list[asyncio.StreamWriter] = []

    async def line(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(*self.server.where)
        self.writers.append(writer)
        return reader, writer


@contextlib.asynccontextmanager
async def served(app: App) -> AsyncIterator[Served]:
    """`app` on a port of its own; what was opened is closed at the end."""
    served = Served(app)
    await asyncio.sleep(0.05)
    try:
        yield served
    finally:
        served.server.stop()
        for writer in served.writers:
            writer.close()
            with contextlib.suppress(OSError):
                await asyncio.wait_for(writer.wait_closed(), PATIENCE_S)
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait_for(served.task, PATIENCE_S)


def asked(path: str, body: bytes = b"", *further: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *further, "", ""]
    return "\r\n".join(lines).encode() + body


async def heard(reader: asyncio.StreamReader) -> tuple[dict[str, str], bytes]:
    """The next answer: its headers (and under "" its first line) and its body."""
    async with asyncio.timeout(PATIENCE_S):
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
        headers = {"": first} | {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        if headers.get("transfer-encoding") != "chunked":
            return headers, await reader.readexactly(int(headers["content-length"]))
        body = b""
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
        return headers, body


async def test_answers_of_both_kinds_come_in_the_order_of_their_requests() -> None:
    app = App()
    async with served(app) as market:
        reader, writer = await market.line()
        paths = ["/quick1", "/plain", "/quick2", "/plain", "/quick3"]
        writer.write(b"".join(asked(path, f"{path} {n}".encode()) for n, path in enumerate(paths)))
        for n, path in enumerate(paths):
            headers, body = await heard(reader)
            assert (headers[""], body) == ("HTTP/1.1 200 OK", f"{path} {n}".encode())
            assert headers["content-type"] == "text/plain"
            assert headers["date"].endswith(" GMT")


@pytest.mark.parametrize("path", ["/quick", "/plain"])
async def test_who_asks_for_it_is_let_go_after_the_answer(path: str) -> None:
    async with served(App()) as market:
        reader, writer = await market.line()
        writer.write(asked(path, b"last", "Connection: close"))
        headers, body = await heard(reader)
        assert (headers["connection"], body) == ("close", b"last")
        assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""


async def test_a_crowd_begins_in_the_order_it_came_whatever_the_size_of_what_it_says() -> None:
    app = App()
    async with served(app) as market:
        lines = [await market.line() for _ in range(4 * BEGIN_AT_ONCE)]
        large = b"y" * 300_000
        for n, (_, writer) in enumerate(lines):
            writer.write(asked(f"/quick{n}", large if n % 50 == 7 else b"%d" % n))
        for n, (reader, _) in enumerate(lines):
            _, body = await heard(reader)
            assert body == (large if n % 50 == 7 else b"%d" % n)
        assert app.order == [f"/quick{n}" for n in range(len(lines))]


@pytest.mark.parametrize(
    ("begun", "more"),
    [(b"GET / HTTP/1.1\r\nHost: x\r\nLong: ", b"z" * 8_192), (b"GET /", b"z" * 8_192), (b"", b"A: b\r\n" * 2_000)],
    ids=["value", "path", "no request"],
)
async def test_a_head_without_an_end_is_refused(begun: bytes, more: bytes) -> None:
    async with served(App()) as market:
        reader, writer = await market.line()
        writer.write(begun)
        with contextlib.suppress(ConnectionError):
            for _ in range(4 * MAX_HEAD // len(more)):
                writer.write(more)
                await writer.drain()
                await asyncio.sleep(0)
        with contextlib.suppress(ConnectionError):
            answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
            assert not answer or b'"code":"http.refused"' in answer


@pytest.mark.parametrize(
    "said",
    [b"nonsense\r\n\r\n", b"GET http://[/ HTTP/1.1\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"],
)
async def test_what_is_no_request_is_refused_with_its_code(said: bytes) -> None:
    async with served(App()) as market:
        reader, writer = await market.line()
        writer.write(said)
        headers, body = await heard(reader)
        assert headers[""] == "HTTP/1.1 400 Bad Request"
        assert headers["x-content-type-options"] == "nosniff"
        assert json.loads(body)["error"]["code"] == "http.refused"
        assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""


@pytest.mark.parametrize("said", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n"])
async def test_who_never_says_what_they_want_is_let_go(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http1, "HEAD_PATIENCE_S", 0.2)
    async with served(App()) as market:
        reader, writer = await market.line()
        writer.write(said)
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""


async def test_it_waits_for_what_has_begun_and_hears_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http1, "HEAD_PATIENCE_S", 60)
    app = App()
    async with served(app) as market:
        idle, _ = await market.line()
        reader, writer = await market.line()
        writer.write(asked("/slow", b"still here"))
        await asyncio.wait_for(app.begun.wait(), PATIENCE_S)
        market.server.stop()
        assert await asyncio.wait_for(idle.read(), PATIENCE_S) == b""
        with pytest.raises(ConnectionRefusedError):
            await market.line()
        assert not market.task.done()
        app.go_on.set()
        headers, body = await heard(reader)
        assert (headers["connection"], body) == ("close", b"still here")
        await asyncio.wait_for(market.task, PATIENCE_S)


async def test_who_is_not_done_when_patience_ends_is_cut() -> None:
    app = App()
    async with served(app) as market:
        reader, writer = await market.line()
        writer.write(asked("/slow"))
        await asyncio.wait_for(app.begun.wait(), PATIENCE_S)
        market.server.stop()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(market.task, 0.1)
        with contextlib.suppress(ConnectionResetError):
            assert await asyncio.wait_for(reader.read(), PATIENCE_S) == b""
        app.go_on.set()


async def test_a_feed_waits_for_a_slow_reader_and_loses_nothing() -> None:
    app = App()
    async with served(app) as market:
        reader, writer = await market.line()
        writer.write(asked("/feed"))
        await asyncio.wait_for(app.fed.wait(), PATIENCE_S)
        _, body = await heard(reader)
        assert body == CHUNK * 40
        assert app.waited


@pytest.mark.parametrize("path", ["/quick", "/plain"])
async def test_requests_leave_nothing_for_the_collector(path: str) -> None:
    """What refers to itself is freed by the collector alone, and it stops everybody while it looks."""
    async with served(App()) as market:
        reader, writer = await market.line()
        gc.disable()
        try:
            for _ in range(100):
                writer.write(asked(path, b"x"))
                await heard(reader)
            left = sum(isinstance(one, RequestResponseCycle) for one in gc.get_objects())
        finally:
            gc.enable()
    assert left < 10
