"""The feed over HTTP: one response that lasts as long as somebody listens.

Past its head the response is a plain ASGI application: for each chunk one wake-up and one call of the server's `send`.
`send` returns late when the client reads slowly; what then waits is bounded by the stream.
"""

import asyncio
import re
from typing import TYPE_CHECKING, Annotated, Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter
from litestar.types import ASGIApp, HTTPResponseBodyEvent, HTTPResponseStartEvent, Receive, Scope, Send

from ennichi.room import Room, Stream
from ennichi.web.errors import documented
from ennichi.web.session import Visitor

if TYPE_CHECKING:
    from ennichi.app import App

_WHO = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


class FeedResponse(Response[None]):
    """A stream's bytes as Server-Sent Events, until the stream ends or the client has gone."""

    def __init__(self, room: Room, stream: Stream) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(None, media_type="text/event-stream", headers=headers)
        self._room = room
        self._stream = stream

    def to_asgi_response(self, request: Request[Any, Any, Any], **_: Any) -> ASGIApp:  # type: ignore[override]  # any application will do # noqa: ARG002
        """The application that answers the request."""
        headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
        headers += [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
        start = HTTPResponseStartEvent(type="http.response.start", status=200, headers=headers)
        room, stream = self._room, self._stream

        async def feed(_: Scope, receive: Receive, send: Send) -> None:
            watching = asyncio.create_task(_until_gone(receive, stream))
            try:
                await send(start)
                async for chunk in stream.chunks():
                    await send(HTTPResponseBodyEvent(type="http.response.body", body=chunk, more_body=True))
                await send(HTTPResponseBodyEvent(type="http.response.body", body=b"", more_body=False))
            finally:
                room.leave(stream)
                watching.cancel()

        return feed


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
        who: str = "",
    ) -> FeedResponse:
        since = request.headers.get("last-event-id") or position
        room, stream = await app.room.join(show_id, visitor, since, who if _WHO.match(who) else "")
        return FeedResponse(room, stream)

    return [feed]


async def _until_gone(receive: Receive, stream: Stream) -> None:
    """End the stream when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()
