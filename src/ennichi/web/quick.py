"""Routes that a whole crowd calls at once, without the framework between the server and their handlers.

A like is little work, and the framework around it was most of what it cost. Handlers, types and descriptions stay where
every route has them; what the framework does for them is done here again, shorter: the same checks, the same errors,
the same headers. `tests/db/test_quick.py` asks both ways and compares the answers.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from litestar import Request
from litestar.exceptions import ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.params import HeaderParameter
from litestar.types import ASGIApp, Receive, Scope, Send
from msgspec import Meta

from ennichi.kit.errors import TooLarge
from ennichi.web import session
from ennichi.web.body import decoded
from ennichi.web.direct import ANSWERS_AT_ONCE, encoded, extension, wire
from ennichi.web.errors import refusal
from ennichi.web.headers import HEADERS

if TYPE_CHECKING:
    from ennichi.app import App

AnyRequest = Request[Any, Any, Any]
Value = Callable[[AnyRequest, re.Match[str], bytes], Awaitable[Any]]
"""Finds one of a handler's arguments: in the request, its path, its body."""


_TYPE = [(b"content-type", b"application/json")]
_ALWAYS = [*_TYPE, *encoded(HEADERS)]
_ALWAYS_ON_WIRE = wire(_ALWAYS)
_PART = re.compile(r"\{(\w+):str\}")


class _Asking(AnyRequest):
    """A request that reads its headers once, by their names in lower case."""

    __slots__ = ("_said",)

    def __init__(self, scope: Any, receive: Receive) -> None:
        super().__init__(scope, receive)
        self._said: dict[str, str] | None = None

    @property
    def headers(self) -> Any:
        if self._said is None:
            # Of two with one name the first counts, as in the framework's.
            said = reversed(list(self.scope["headers"]))
            self._said = {name.decode("latin-1"): value.decode("latin-1") for name, value in said}
        return self._said


class _Route:
    """One handler and where its arguments come from."""

    def __init__(self, app: "App", handler: HTTPRouteHandler, max_body: int) -> None:
        self._max_body = max_body
        (path,), (self.method,) = handler.paths, handler.http_methods
        self.path = re.compile(_PART.sub(r"(?P<\1>[^/]+)", path))
        self.status = handler.status_code
        self._handle: Callable[..., Awaitable[Any]] = handler.fn
        self._values = _values(app, handler)

    async def answer(self, scope: Scope, found: re.Match[str], receive: Receive) -> tuple[int, Any, dict[str, str]]:
        """Status, body and further headers."""
        request = _Asking(scope, receive)
        try:
            session.guard(request, found.groupdict())
            body = await _body(receive, self._max_body)
            given = {name: await value(request, found, body) for name, value in self._values.items()}
            return self.status, await self._handle(**given), HEADERS
        except Exception as problem:  # noqa: BLE001 (as with every route: what is ours is logged, and the client told)
            refused = refusal(request, problem)
            return refused.status_code or 500, refused.content, dict(refused.headers)


def with_quick(inner: ASGIApp, app: "App", handlers: Iterable[HTTPRouteHandler], max_body: int) -> ASGIApp:
    """`inner`, answering the routes of `handlers` itself; `max_body` in bytes."""
    routes = [_Route(app, handler, max_body) for handler in handlers]

    async def answering(scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for route in routes:
                if scope["method"] == route.method and (found := route.path.fullmatch(scope["path"])):
                    await _send(scope, send, *await route.answer(scope, found, receive))
                    return
        await inner(scope, receive, send)

    return answering


def _values(app: "App", handler: HTTPRouteHandler) -> dict[str, Value]:
    """For each parameter of the handler, how its argument is found."""
    kind = handler.parsed_fn_signature.parameters["data"].annotation

    async def request(request: AnyRequest, _: re.Match[str], __: bytes) -> AnyRequest:
        return request

    async def data(_: AnyRequest, __: re.Match[str], body: bytes) -> Any:
        return decoded(body, kind)

    async def visitor(request: AnyRequest, _: re.Match[str], __: bytes) -> Any:
        return await session.visitor_of(app, request)

    async def actor(request: AnyRequest, _: re.Match[str], __: bytes) -> Any:
        return session.signed_in_only(await session.visitor_of(app, request), handler)

    known: dict[str, Value] = {"request": request, "data": data, "visitor": visitor, "actor": actor}
    parameters = inspect.signature(handler.fn).parameters
    # Who asks comes before what they say, as with every route.
    names = sorted(parameters, key=lambda name: {"visitor": 0, "actor": 0, "data": 2}.get(name, 1))
    return {name: known.get(name) or _header(name, parameters[name].annotation) or _part(name) for name in names}


def _header(name: str, annotation: Any) -> Value | None:
    """The argument out of a header; None when the parameter is none of that kind."""
    asked = next((one for one in getattr(annotation, "__metadata__", ()) if isinstance(one, HeaderParameter)), None)
    if asked is None:
        return None
    kind: Any = Annotated[str, Meta(pattern=asked.pattern, max_length=asked.max_length)]
    sent_as = (asked.name or name).lower()

    async def value(request: AnyRequest, _: re.Match[str], __: bytes) -> Any:
        sent = request.headers.get(sent_as)
        if sent is None:
            raise ValidationException(extra=[])
        try:
            return msgspec.convert(sent, kind)
        except msgspec.ValidationError as problem:
            raise ValidationException(extra=[{"key": name, "message": str(problem)}]) from problem

    return value


def _part(name: str) -> Value:
    """The argument out of the path."""

    async def value(_: AnyRequest, found: re.Match[str], __: bytes) -> str:
        return found[name]

    return value


async def _body(receive: Receive, most: int) -> bytes:
    body = b""
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            return b""
        body += bytes(message.get("body", b""))
        if len(body) > most:
            raise TooLarge
        if not message.get("more_body"):
            return body


async def _send(scope: Scope, send: Send, status: int, answer: Any, further: dict[str, str]) -> None:
    body = msgspec.json.encode(answer)
    headers = _ALWAYS if further is HEADERS else [*_TYPE, *encoded(further)]
    if at_once := extension(scope, ANSWERS_AT_ONCE):
        await at_once(send, status, _ALWAYS_ON_WIRE if headers is _ALWAYS else wire(headers), body)
        return
    headers = [*headers, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
