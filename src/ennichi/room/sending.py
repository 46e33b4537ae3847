"""Handing bytes to connections without waiting for any of them.

Nearly always the server takes the bytes at once. So a `send` is run as far as it goes by itself, and only what is then
left of it costs its stream a turn of the loop.
"""

from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping
from itertools import repeat
from operator import call
from typing import Any, Protocol, TypeAlias, TypeVar

Send: TypeAlias = Callable[[Any], Awaitable[None]]
"""A connection: hands a part of the body (as ASGI has it) to the server, and lasts until it may be called again."""

_TO_ITS_END = object()


class Reader(Protocol):
    """Whoever reads from a connection."""

    def finish(self, rest: Awaitable[None]) -> None:
        """The server has not taken all of what it was handed: wait for the rest before anything else is sent."""
        ...


AnyReader = TypeVar("AnyReader", bound=Reader)


def part(chunk: bytes) -> dict[str, Any]:
    """Bytes of a response that goes on, as ASGI has them."""
    return {"type": "http.response.body", "body": chunk, "more_body": True}


def begun(sending: Awaitable[None]) -> Awaitable[None] | None:
    """Take the first step of a `send`; returns what is left to wait for, if anything. Never raises: the rest does."""
    steps = sending.__await__()
    try:
        waits_for = next(steps, _TO_ITS_END)
    except Exception as failure:  # noqa: BLE001 (raised again where it is awaited)
        return _failed(failure)
    return None if waits_for is _TO_ITS_END else _Rest(steps, waits_for)


class Spout:
    """Pours the same bytes over many connections: one per room, as what it learns is about the room's server."""

    def __init__(self) -> None:
        self._done_at_once: set[type] = set()

    def pour(self, chunk: bytes, ready: Mapping[AnyReader, Send]) -> None:
        """Hand `chunk` to all of these; who has to wait for the rest of it is told."""
        message = part(chunk)
        sends, sent = iter(ready.values()), list[Awaitable[None]]()
        while len(sent) < len(ready):
            try:
                # One call of C for them all. Even to look at a reader would be to wait for memory, thousands of times.
                sent.extend(map(call, sends, repeat(message)))
            except Exception as failure:  # noqa: BLE001 (raised again where it is awaited)
                sent.append(_failed(failure))
        if not set(map(type, sent)) <= self._done_at_once:
            for reader, sending in zip(list(ready), sent, strict=True):
                if rest := begun(sending):
                    reader.finish(rest)
                else:
                    self._learn(type(sending))

    def _learn(self, kind: type) -> None:
        """One of this kind has ended at once; so does every other when there is nothing in it that could differ."""
        if kind.__basicsize__ == object.__basicsize__ and not kind.__dictoffset__:
            self._done_at_once.add(kind)


class _Rest:
    """Goes on with an awaitable whose first step was taken already."""

    def __init__(self, steps: Iterator[Any], waits_for: Any) -> None:
        self._steps = steps
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, None]:
        yield self._waits_for
        yield from self._steps


async def _failed(failure: Exception) -> None:
    raise failure
