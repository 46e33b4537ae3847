"""The line that stays over the chat, over HTTP."""

from typing import TYPE_CHECKING, Annotated

from litestar import delete, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from ennichi.kit.errors import Invalid
from ennichi.room import NOTICE_MAX, Notice
from ennichi.web.errors import documented
from ennichi.web.session import Actor

if TYPE_CHECKING:
    from ennichi.app import App

TAGS = ["room"]


class NoticeInput(Struct, frozen=True):
    """A line of this show, or a word of the stall's own; one of the two."""

    line_id: Annotated[str, Meta(max_length=64)] | None = None
    text: (
        Annotated[
            str,
            Meta(min_length=1, max_length=4 * NOTICE_MAX, description=f"1 to {NOTICE_MAX} characters once trimmed."),
        ]
        | None
    ) = None


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""

    @put(
        "/api/v1/shows/{show_id:str}/notice",
        tags=TAGS,
        operation_id="setNotice",
        summary="Let a line stay over the chat",
        responses=documented(401, 403, 404, 409),
    )
    async def show(show_id: FromPath[str], data: JSONBody[NoticeInput], actor: Actor) -> Notice:
        match data:
            case NoticeInput(line_id=str(line_id), text=None):
                return await app.room.notices.show_line(actor, show_id, line_id)
            case NoticeInput(line_id=None, text=str(text)):
                return await app.room.notices.show_text(actor, show_id, text)
            case _:
                raise Invalid(("", "either line_id or text"))

    @delete(
        "/api/v1/shows/{show_id:str}/notice",
        tags=TAGS,
        operation_id="takeNotice",
        summary="Let nothing stay over the chat",
        responses=documented(401, 403, 404),
    )
    async def take_away(show_id: FromPath[str], actor: Actor) -> None:
        await app.room.notices.take_away(actor, show_id)

    return [show, take_away]
