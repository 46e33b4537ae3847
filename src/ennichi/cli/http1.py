"""HTTP/1 in our own loop, for where there is no TLS: uvicorn's protocol without its server around it (see ADR 0019).

Everything happens in the loop's thread: what a request says is there when it begins, an answer is written without
changing threads, and a chunk for a feed is one call of C away from its socket.

Invariants: of the requests that come in one turn of the loop the first `BEGIN_AT_ONCE` begin, the others in the next
turns and in the order they came, so that a crowd that arrives does not keep those waiting who are being answered. A
head is not longer than `MAX_HEAD`, and is there within `HEAD_PATIENCE_S`.
"""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Awaitable, Generator
from email.utils import formatdate
from typing import Any, ClassVar

import msgspec
import structlog
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from ennichi.web.direct import ANSWERS_AT_ONCE, SENDS_AT_ONCE, AnySend, encoded, wire
from ennichi.web.errors import ErrorAnswer, ErrorBody
from ennichi.web.headers import HEADERS

log = structlog.get_logger(__name__)

BEGIN_AT_ONCE = 24
SMALL, MANY = 16 * 1024, 10_000
"""Who sends more bytes than that at once, or comes when so many are waiting, is not read from until their turn."""
BACKLOG = 4096
MAX_HEAD = 64 * 1024
"""Bytes of a request before its body, where they come in more than one piece."""
HEAD_PATIENCE_S = 30.0
KEPT_OPEN_S = 30
"""How long a connection may wait for its next request."""

_REFUSED = [*encoded(HEADERS), (b"content-type", b"application/json"), (b"connection", b"close")]


class Http1Server:
    """Serves `app` on `host` and `port` from `serve` until `stop`."""

    def __init__(self, app: Any, *, host: str, port: int) -> None:
        self._config = Config(
            app,
            http=_Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            timeout_keep_alive=KEPT_OPEN_S,
        )
        # What a client sends wrongly is told to the client.
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        self.where = (host, port)
        self._state = _State()
        self._stopping = asyncio.Event()

    async def serve(self) -> None:
        """Listen until `stop`, then answer what was begun; connections are cut where this is cancelled meanwhile."""
        loop = asyncio.get_running_loop()
        turns = _Turns(loop)
        listener = await loop.create_server(
            lambda: _Connection(self._config, self._state, turns), *self.where, backlog=BACKLOG
        )
        try:
            while not self._stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), HEAD_PATIENCE_S / 2)
                for connection in self._connections():
                    connection.hurry()
            listener.close()
            for connection in self._connections():
                connection.shutdown()
            if self._state.tasks:
                await asyncio.wait(self._state.tasks)
        finally:
            listener.close()
            for connection in self._connections():
                connection.transport.abort()

    def stop(self) -> None:
        """Have `serve` come to its end."""
        self._stopping.set()

    def _connections(self) -> "list[_Connection]":
        return [one for one in self._state.connections if isinstance(one, _Connection)]


class _State(ServerState):
    """What connections have in common, with the one header HTTP asks of every server."""

    def __init__(self) -> None:
        self._dated: tuple[int, list[tuple[bytes, bytes]]] = (0, [])
        super().__init__()

    @property
    def default_headers(self) -> list[tuple[bytes, bytes]]:
        now = int(time.time())
        if now != self._dated[0]:
            self._dated = now, [(b"date", formatdate(now, usegmt=True).encode())]
        return self._dated[1]

    @default_headers.setter
    def default_headers(self, _: object) -> None: ...


class _Turns:
    """Lets requests begin, so many in one turn of the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._left = BEGIN_AT_ONCE
        self._queue: deque[tuple[_Connection, bytes]] = deque()
        self._turning = False

    def come(self, connection: "_Connection", data: bytes) -> None:
        if self._left:
            self._left -= 1
            connection.begin(data)
        else:
            if len(data) > SMALL or len(self._queue) > MANY:
                connection.flow.pause_reading()
            self._queue.append((connection, data))
        if not self._turning:
            self._turning = True
            self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        self._left = BEGIN_AT_ONCE
        while self._queue and self._left:
            self._left -= 1
            connection, data = self._queue.popleft()
            connection.begin(data)
        self._turning = self._left < BEGIN_AT_ONCE
        if self._turning:
            self._loop.call_soon(self._turn)


class _Connection(HttpToolsProtocol):
    """uvicorn's, with limits for what nobody in front of it has looked at, and a way to feed thousands."""

    def __init__(self, config: Config, state: ServerState, turns: _Turns) -> None:
        super().__init__(config, state, {})
        self._turns = turns
        self._head_since: float | None = None
        """Since when a head is waited for, if one is."""
        self._head = 0
        """Bytes of it so far."""
        self._heads = 0
        """Which one it is."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._head_since = self.loop.time()

    def data_received(self, data: bytes) -> None:
        self._turns.come(self, data)

    def begin(self, data: bytes) -> None:
        """Read what came; its connection may have gone meanwhile. Never raises: others are waiting."""
        if self.transport.is_closing():
            return
        reading = self._heads if self._head_since is not None else None
        try:
            self.flow.resume_reading()
            super().data_received(data)
        except Exception:
            log.exception("a request could not begin")
            self.transport.abort()
        if self._head_since is not None and reading == self._heads:
            self._head += len(data)
            if self._head > MAX_HEAD:
                self.send_400_response("The head of the request is too long.")

    def send_400_response(self, msg: str) -> None:
        body = msgspec.json.encode(ErrorAnswer(ErrorBody("http.refused", msg, {})))
        headers = [*_REFUSED, (b"content-length", b"%d" % len(body))]
        self.transport.write(b"%b%b\r\n%b" % (STATUS_LINE[400], wire(headers), body))
        self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = _OFFERS
        if self._head_since is None:
            self._head_since = self.loop.time()

    def on_headers_complete(self) -> None:
        self._head_since = None
        self._head = 0
        self._heads += 1
        super().on_headers_complete()

    def hurry(self) -> None:
        """Let go of who takes too long to say what they want."""
        if self._head_since is not None and self.loop.time() - self._head_since > HEAD_PATIENCE_S:
            self.transport.abort()


async def _answers_at_once(send: AnySend, status: int, headers: bytes, body: bytes) -> None:
    cycle = _cycle(send)
    if cycle.flow.write_paused and not cycle.disconnected:
        await cycle.flow.drain()
    if cycle.disconnected:
        return
    ((_, date),) = cycle.default_headers
    end = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
    cycle.transport.write(
        b"%bdate: %b\r\n%bcontent-length: %d\r\n%b%b" % (STATUS_LINE[status], date, headers, len(body), end, body)
    )
    cycle.response_started = cycle.response_complete = True
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()


class _Feeding:
    """Feeds one connection."""

    __slots__ = ("_flow", "_transport")
    chunk: ClassVar[tuple[bytes, bytes]] = b"", b""
    """The part of a body that was handed to anybody last, and what it is on the wire: thousands get the same."""

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._transport = cycle.transport
        self._flow = cycle.flow

    def send(self, message: Any) -> Awaitable[None]:
        body = message["body"]
        if not body or self._transport.is_closing():
            return _DONE
        last, chunk = _Feeding.chunk
        if last is not body:
            chunk = b"%x\r\n%b\r\n" % (len(body), body)
            _Feeding.chunk = body, chunk
        self._transport.write(chunk)
        return self._flow.drain() if self._flow.write_paused else _DONE


def _sends_at_once(send: AnySend) -> AnySend:
    return _Feeding(_cycle(send)).send


def _cycle(send: Any) -> RequestResponseCycle:
    """Whose `send` this is: what is offered needs no reference of its own, which would keep every request alive."""
    cycle: RequestResponseCycle = send.__self__
    return cycle


_OFFERS: dict[Any, Any] = {SENDS_AT_ONCE: _sends_at_once, ANSWERS_AT_ONCE: _answers_at_once}


class _Done:
    """Nothing to wait for."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, Any, None]:
        return
        yield


_DONE = _Done()
