"""The room as one visitor sees it at one place of its feed."""

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from ennichi.checkout import Hold, Wait
from ennichi.orders import OrderBrief, ShowSales
from ennichi.room import Asked, HouseRules, Line, Notice, Question, Room, Stock, Vote, choice_of
from ennichi.shows import LineupItem, Show
from ennichi.stores import Role, Store
from ennichi.web.errors import documented
from ennichi.web.session import Visitor

if TYPE_CHECKING:
    from ennichi.app import App

FRESH_S = 0.05


class Mine(Struct, kw_only=True, frozen=True):
    """What the reader has at this show: running holds, places in lines, orders, questions asked, a vote's choice."""

    holds: list[Hold]
    waits: list[Wait]
    orders: list[OrderBrief]
    asked: list[Asked]
    choice: int | None


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
    peak: int
    unique: int
    pinned: str | None
    lineup: list[LineupItem]
    answering: Question | None
    questions: list[Question]
    stock: list[Stock]
    notice: Notice | None
    vote: Vote | None
    house: HouseRules
    role: Role | None
    reported: int
    sales: ShowSales | None
    mine: Mine | None


async def snapshot_of(app: "App", show_id: FromPath[str], visitor: Visitor) -> Snapshot:
    """What `visitor` sees of a show's room; ShowNotFound."""
    # What the room shows and its offset are taken together, what is read from the database after them: what happened in
    # between comes again over the feed and is applied twice without harm (orders and holds replace themselves).
    role = await app.room.role(show_id, visitor)
    room, now, offset = await app.room.snapshot(show_id)
    lines = room.seen_by(visitor.id if visitor else None, role)
    asked = await app.room.questions.asked_by(show_id, visitor.id) if visitor else []
    async with app.db.read() as conn:
        store = await app.stores.get(conn, now.show.store.id, visitor)
        sales = await app.orders.sales_of_show(conn, show_id) if store.mine else None
        mine = None
        if visitor is not None:
            holds = await app.checkout.running(conn, visitor, show_id=show_id)
            waits = await app.checkout.waits_of(conn, visitor, show_id)
            choice = await choice_of(conn, now.vote.id, visitor.id) if now.vote else None
            orders = await app.orders.of_show(conn, visitor, show_id)
            mine = Mine(holds=holds, waits=waits, orders=orders, asked=asked, choice=choice)
    show = Show(**{name: getattr(now.show, name) for name in now.show.__struct_fields__})
    show.mine = store.mine
    show.frame = app.shows.tiles.frame(show.id, show.state)
    return Snapshot(
        show=show,
        store=store,
        epoch=room.epoch,
        offset=offset,
        server_time=app.clock.now(),
        lines=lines,
        likes=now.likes,
        viewers=now.viewers,
        peak=now.peak,
        unique=now.unique,
        pinned=now.pinned,
        lineup=now.lineup,
        answering=now.answering,
        questions=now.questions if role else [],
        stock=now.stock,
        notice=now.notice,
        vote=now.vote,
        house=now.house,
        role=role,
        reported=now.reported if role else 0,
        sales=sales,
        mine=mine,
    )


class Anonymous:
    """What somebody who is not signed in sees, encoded once for all who ask at the same time.

    A crowd comes in at once when a show begins. An answer is given again while nothing happened in the room, and for
    `FRESH_S` at most, as it says what time it is.
    """

    def __init__(self, app: "App") -> None:
        self._app = app
        self._made: WeakKeyDictionary[Room, tuple[int, float, asyncio.Task[bytes]]] = WeakKeyDictionary()

    async def body(self, show_id: str) -> bytes:
        """The snapshot as JSON; ShowNotFound."""
        room, _, offset = await self._app.room.snapshot(show_id)
        now = asyncio.get_running_loop().time()
        place, at, making = self._made.get(room, (-1, 0.0, None))
        if making is None or place != offset or now - at > FRESH_S:
            making = asyncio.create_task(self._make(show_id))
            self._made[room] = (offset, now, making)
        return await asyncio.shield(making)

    async def _make(self, show_id: str) -> bytes:
        return msgspec.json.encode(await snapshot_of(self._app, show_id, None))


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""
    anonymous = Anonymous(app)

    @get(
        "/api/v1/shows/{show_id:str}/snapshot",
        tags=["room"],
        operation_id="getSnapshot",
        summary="The room as it is now",
        responses=documented(404),
    )
    async def snapshot(show_id: FromPath[str], visitor: Visitor) -> Response[Snapshot]:
        content: Any = await snapshot_of(app, show_id, visitor) if visitor else await anonymous.body(show_id)
        return Response(content, media_type="application/json")

    return [snapshot]
