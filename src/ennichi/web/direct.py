"""What our own server (cli/http1.py) offers beyond ASGI, each under its name in a scope's `extensions`.

Both are for what a crowd does at once, and both want the `send` that the server gave, not one around it. Another server
has neither, and then ASGI's way is there.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

AnySend: TypeAlias = Callable[[Any], Awaitable[None]]

SENDS_AT_ONCE = "ennichi.sends_at_once"
"""SendsAtOnce."""

SendsAtOnce: TypeAlias = Callable[[AnySend], AnySend]
"""Makes another `send`, for parts of a body that goes on: they are on their way when it returns, and only where it is
told to wait has anybody to await it."""

ANSWERS_AT_ONCE = "ennichi.answers_at_once"
"""AnswersAtOnce."""

AnswersAtOnce: TypeAlias = Callable[[AnySend, int, bytes, bytes], Awaitable[None]]
"""Sends a whole answer with one write: status, header lines as they are on the wire (each with its end, but `date`,
`content-length` and `connection`), and the body."""


def extension(scope: Any, name: str) -> Any:
    """What the server offers under this name, or None."""
    return (scope.get("extensions") or {}).get(name)


def encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI has them."""
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def wire(headers: list[tuple[bytes, bytes]]) -> bytes:
    """Headers as lines on the wire."""
    return b"".join(b"%b: %b\r\n" % header for header in headers)
