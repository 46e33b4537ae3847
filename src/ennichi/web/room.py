"""The room over HTTP: saying and liking."""

from typing import TYPE_CHECKING, Annotated, Any

from litestar import Request, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from ennichi.room import TEXT_MAX, Line, Stamp
from ennichi.web.errors import documented
from ennichi.web.session import Actor, Visitor, source_of

if TYPE_CHECKING:
    from ennichi.app import App


class MessageInput(Struct, frozen=True):
    """Something to say. `question` asks the seller; a line that ends in a question mark does so by itself."""

    text: Annotated[str, Meta(min_length=1, max_length=4 * TEXT_MAX, description="1 to 200 characters once trimmed.")]
    question: bool = False
    listing_id: str | None = None


class StampInput(Struct, frozen=True):
    """Which stamp."""

    stamp: Stamp


class LikesInput(Struct, frozen=True):
    """Taps since the last time."""

    count: Annotated[int, Meta(ge=1, le=20)]


class LikesAnswer(Struct, frozen=True):
    """Likes so far."""

    likes: int


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""

    @post(
        "/api/v1/shows/{show_id:str}/messages",
        tags=["room"],
        operation_id="sayLine",
        summary="Say something",
        responses=documented(401, 404, 409),
    )
    async def say(show_id: FromPath[str], data: JSONBody[MessageInput], actor: Actor) -> Line:
        return await app.room.say(actor, show_id, data.text, question=data.question, listing_id=data.listing_id)

    @post(
        "/api/v1/shows/{show_id:str}/stamps",
        tags=["room"],
        operation_id="stampLine",
        summary="Show a stamp instead of words",
        description="Counts as a line: ten in 20 seconds for both together.",
        responses=documented(401, 403, 404, 409),
    )
    async def stamp(show_id: FromPath[str], data: JSONBody[StampInput], actor: Actor) -> Line:
        return await app.room.stamp(actor, show_id, data.stamp)

    @post(
        "/api/v1/shows/{show_id:str}/likes",
        tags=["room"],
        operation_id="likeShow",
        summary="Like",
        status_code=202,
        responses=documented(404, 409),
    )
    async def like(
        request: Request[Any, Any, Any], show_id: FromPath[str], data: JSONBody[LikesInput], visitor: Visitor
    ) -> LikesAnswer:
        who = visitor.id if visitor else source_of(request)
        return LikesAnswer(await app.room.like(show_id, who, data.count))

    return [say, stamp, like]
