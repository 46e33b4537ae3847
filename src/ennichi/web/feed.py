"""The feed over HTTP: one response that lasts as long as somebody listens."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream as StreamResponse

from ennichi.room import Room, Stream
from ennichi.web.errors import documented
from ennichi.web.session import Visitor

if TYPE_CHECKING:
    from ennichi.app import App


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""

    @get(
        "/api/v1/shows/{show_id:str}/feed",
        tags=["room"],
        operation_id="getFeed",
        summary="What happens in the room, as Server-Sent Events",
        description="Starts at `from` (or `Last-Event-ID`), as `epoch`-`offset`. Events: `tick` (for everyone), `mine` "
        "(for this account), `reset` (take a new snapshot), `bye` (connect again after `retry_ms`).",
        media_type="text/event-stream",
        responses=documented(404),
    )
    async def feed(
        request: Request[Any, Any, Any],
        show_id: FromPath[str],
        visitor: Visitor,
        position: Annotated[str, QueryParameter(name="from", max_length=64)] = "",
    ) -> StreamResponse:
        room, stream = await app.room.join(show_id, visitor, request.headers.get("last-event-id") or position)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamResponse(_sent(room, stream), media_type="text/event-stream", headers=headers)

    return [feed]


async def _sent(room: Room, stream: Stream) -> AsyncIterator[bytes]:
    try:
        async for chunk in stream.chunks():
            yield chunk
    finally:
        room.leave(stream)
