"""The video over HTTP: tickets to the relay, and a recent picture of a live show."""

from typing import TYPE_CHECKING

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from litestar.response import Response
from msgspec import Struct

from ennichi.kit.errors import NotFound, Unauthorized
from ennichi.media import Role, Ticket
from ennichi.shows import WrongState
from ennichi.web.errors import documented
from ennichi.web.session import AnyRequest, Visitor, site_of, source_of

if TYPE_CHECKING:
    from ennichi.app import App

TICKETS_PER_MINUTE = 120
"""For one network address; a player asks for a new one at each reconnect, and a household shares an address."""
PICTURE_SECONDS = 3


class TicketInput(Struct, frozen=True):
    """What the ticket is for."""

    role: Role


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""

    @post(
        "/api/v1/shows/{show_id:str}/tickets",
        tags=["media"],
        summary="A ticket to the video",
        description="For a WebTransport session to the relay, opened within two minutes. "
        "To publish, one must belong to the store.",
        responses=documented(401, 403, 404, 409),
    )
    async def ticket(
        request: AnyRequest, show_id: FromPath[str], data: JSONBody[TicketInput], visitor: Visitor
    ) -> Ticket:
        app.limits.take(f"tickets:{source_of(request)}", TICKETS_PER_MINUTE, 60)
        async with app.db.read() as conn:
            show = await app.shows.get(conn, show_id)
            if data.role == "publish":
                if visitor is None:
                    raise Unauthorized
                await app.stores.require_member(conn, show.store_id, visitor)
        if show.state != "live":
            raise WrongState(state=show.state)
        return app.relay.issue(show_id, data.role, site_of(request).rp_id)

    @get(
        "/media/shows/{show_id:str}/frame.jpg",
        tags=["media"],
        summary="A recent picture of a live show",
        media_type="image/jpeg",
        responses=documented(404),
    )
    async def frame(show_id: FromPath[str]) -> Response[bytes]:
        picture = await app.relay.frame_jpeg(show_id)
        if picture is None:
            raise NotFound
        headers = {"Cache-Control": f"public, max-age={PICTURE_SECONDS}"}
        return Response(picture, media_type="image/jpeg", headers=headers)

    return [ticket, frame]
