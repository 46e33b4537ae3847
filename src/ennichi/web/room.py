"""The room over HTTP: snapshot, feed, saying, liking, the question queue."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from litestar import Request, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Stream as StreamResponse
from msgspec import Meta, Struct

from ennichi.checkout import Hold
from ennichi.orders import OrderBrief, Sales
from ennichi.room import TEXT_MAX, Line, Question, QuestionState, Room, Stock, Stream
from ennichi.shows import LineupItem, Show
from ennichi.stores import Store
from ennichi.web.errors import documented
from ennichi.web.session import Actor, Visitor, source_of

if TYPE_CHECKING:
    from ennichi.app import App


class Mine(Struct, kw_only=True, frozen=True):
    """What the reader has at this show: a hold that still runs, and orders."""

    hold: Hold | None
    orders: list[OrderBrief]


class Snapshot(Struct, kw_only=True, frozen=True):
    """A room at one place of its feed. Connect to the feed from `epoch`-`offset` to hear what comes after."""

    show: Show
    store: Store
    epoch: str
    offset: int
    server_time: datetime
    lines: list[Line]
    likes: int
    viewers: int
    pinned: str | None
    lineup: list[LineupItem]
    answering: Question | None
    questions: list[Question]
    stock: list[Stock]
    sales: Sales | None
    mine: Mine | None


class MessageInput(Struct, frozen=True):
    """Something to say. `question` asks the seller; a line that ends in a question mark does so by itself."""

    text: Annotated[str, Meta(min_length=1, max_length=4 * TEXT_MAX, description="1 to 200 characters once trimmed.")]
    question: bool = False
    listing_id: str | None = None


class LikesInput(Struct, frozen=True):
    """Taps since the last time."""

    count: Annotated[int, Meta(ge=1, le=20)]


class LikesAnswer(Struct, frozen=True):
    """Likes so far."""

    likes: int


class QuestionInput(Struct, frozen=True):
    """Where a question goes."""

    state: QuestionState


async def snapshot_of(app: "App", show_id: FromPath[str], visitor: Visitor) -> Snapshot:
    """What `visitor` sees of a show's room; ShowNotFound."""
    # The public part and its offset are taken together, the personal part after them: what happened in between comes
    # again over the feed and is applied twice without harm (orders and holds replace themselves).
    room, now, offset = await app.room.snapshot(show_id)
    async with app.db.read() as conn:
        store = await app.stores.get(conn, now.show.store.id, visitor)
        sales = await app.orders.sales_of_show(conn, show_id) if store.mine else None
        mine = None
        if visitor is not None:
            hold = await app.checkout.active_of_show(conn, visitor, show_id)
            mine = Mine(hold=hold, orders=await app.orders.of_show(conn, visitor, show_id))
    show = Show(**{name: getattr(now.show, name) for name in now.show.__struct_fields__})
    show.mine = store.mine
    show.frame = app.shows.tiles.frame(show.id, show.state)
    return Snapshot(
        show=show,
        store=store,
        epoch=room.epoch,
        offset=offset,
        server_time=app.clock.now(),
        lines=now.lines,
        likes=now.likes,
        viewers=now.viewers,
        pinned=now.pinned,
        lineup=now.lineup,
        answering=now.answering,
        questions=now.questions if store.mine else [],
        stock=now.stock,
        sales=sales,
        mine=mine,
    )


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""
    return [*_hearing(app), *_saying(app)]


def _hearing(app: "App") -> list[HTTPRouteHandler]:
    @get(
        "/api/v1/shows/{show_id:str}/snapshot",
        tags=["room"],
        operation_id="getSnapshot",
        summary="The room as it is now",
        responses=documented(404),
    )
    async def snapshot(show_id: FromPath[str], visitor: Visitor) -> Snapshot:
        return await snapshot_of(app, show_id, visitor)

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

    return [snapshot, feed]


def _saying(app: "App") -> list[HTTPRouteHandler]:
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

    @put(
        "/api/v1/shows/{show_id:str}/questions/{question_id:str}",
        tags=["room"],
        operation_id="moveQuestion",
        summary="Take up, answer, drop or put back a question",
        responses=documented(401, 403, 404),
    )
    async def move(
        show_id: FromPath[str], question_id: FromPath[str], data: JSONBody[QuestionInput], actor: Actor
    ) -> Question:
        return await app.room.move_question(actor, show_id, question_id, data.state)

    return [say, like, move]


async def _sent(room: Room, stream: Stream) -> AsyncIterator[bytes]:
    try:
        async for chunk in stream.chunks():
            yield chunk
    finally:
        room.leave(stream)
