"""The feed over HTTP: one response that lasts as long as somebody listens.

The framework routes the request, checks it and finds the room; then it is done with it, and `with_feeds` alone stands
between the stream and the server: for each chunk one call of the server's `send`, and nothing of the request stays in
memory. `send` returns late when the client reads slowly; what then waits is bounded by the stream.
"""

import asyncio
import re
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.types import ASGIApp, Receive, Send

from ennichi.room import Room, Stream
from ennichi.web.direct import SENDS_AT_ONCE, encoded, extension
from ennichi.web.errors import documented
from ennichi.web.session import Visitor

if TYPE_CHECKING:
    from ennichi.app import App

_SERVERS = {"type", "method"}
"""What a server may still look at in the scope while it sends an answer."""
_WHO = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_Found: TypeAlias = tuple[list[tuple[bytes, bytes]], Room, Stream]
_FEED = "ennichi.feed"
"""Where in the scope of a request the feed stands that is to be sent as its answer."""


class FeedResponse(Response[None]):
    """A stream's bytes as Server-Sent Events, until the stream ends or the client has gone; sent by `with_feeds`."""

    def __init__(self, room: Room, stream: Stream) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(None, media_type="text/event-stream", headers=headers)
        self._room = room
        self._stream = stream

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIApp:  # type: ignore[override]  # any application will do
        """Leaves the feed in the scope."""
        headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
        headers += encoded(self.headers)
        found = (headers, self._room, self._stream)

        async def leave(scope: Any, _: Receive, __: Send) -> None:
            scope[_FEED] = found

        return leave


def with_feeds(app: ASGIApp) -> ASGIApp:
    """`app`, and the feeds it leaves in its scopes."""

    async def answering(scope: Any, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)
        if found := scope.pop(_FEED, None):
            at_once = extension(scope, SENDS_AT_ONCE)
            for name in scope.keys() - _SERVERS:
                del scope[name]
            await _feed(found, receive, send, at_once(send) if at_once else send)

    return answering


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""

    @get(
        "/api/v1/shows/{show_id:str}/feed",
        tags=["room"],
        operation_id="getFeed",
        summary="What happens in the room, as Server-Sent Events",
        description="Starts at `from` (or `Last-Event-ID`), as `epoch`-`offset`. Events: `tick` (for everyone), `mine` "
        "(for this account), `reset` (take a new snapshot), `bye` (connect again after `retry_ms`). `who` is any text "
        "a browser keeps for itself (letters, digits, `_`, `-`), so that its tabs and reconnections count as one "
        "viewer.",
        media_type="text/event-stream",
        responses=documented(404),
    )
    async def feed(
        request: Request[Any, Any, Any],
        show_id: FromPath[str],
        visitor: Visitor,
        position: Annotated[str, QueryParameter(name="from", max_length=64)] = "",
        who: FromQuery[str] = "",
    ) -> FeedResponse:
        since = request.headers.get("last-event-id") or position
        room, stream = await app.room.join(show_id, visitor, since, who if _WHO.match(who) else "")
        return FeedResponse(room, stream)

    return [feed]


async def _feed(found: _Found, receive: Receive, send: Send, further: Send) -> None:
    headers, room, stream = found
    watching = asyncio.create_task(_until_gone(receive, stream))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await stream.run(further)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        room.leave(stream)
        watching.cancel()


async def _until_gone(receive: Receive, stream: Stream) -> None:
    """End the stream when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()
