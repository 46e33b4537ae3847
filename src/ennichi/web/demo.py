"""Only in demo mode: stepping in as a ready-made person with one click, and reading the mail that was sent."""

from typing import TYPE_CHECKING, Literal

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import Struct, field

from ennichi.accounts import READY_MADE, Mail, Session
from ennichi.web.errors import documented
from ennichi.web.session import AnyRequest, signed_in, user_agent_of

if TYPE_CHECKING:
    from ennichi.app import App

TAGS = ["demo"]


class Enter(Struct, frozen=True):
    """Whom to be."""

    who: Literal["buyer", "seller"] = field(name="as")


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area; the application leaves them out where it is no demo."""

    @post(
        "/api/v1/demo/enter",
        tags=TAGS,
        operation_id="enterDemo",
        summary="Step in as the ready-made buyer or seller",
        status_code=200,
        responses=documented(404),
    )
    async def enter(request: AnyRequest, data: JSONBody[Enter]) -> Response[Session]:
        session = await app.accounts.enter_ready_made(READY_MADE[data.who], user_agent=user_agent_of(request))
        return signed_in(request, session)

    @get(
        "/api/v1/demo/mail",
        tags=TAGS,
        operation_id="readDemoMail",
        summary="The mail this demo sent, newest first",
        responses=documented(),
    )
    async def mail() -> list[Mail]:
        return app.mail_box.mails() if app.mail_box else []

    return [enter, mail]
