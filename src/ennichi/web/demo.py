"""What exists only in demo mode: stepping in as a ready-made person, and reading the mail."""

from typing import TYPE_CHECKING, Literal

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct, field

from ennichi.accounts import Mail, Session
from ennichi.demo.seed import BUYER_EMAIL, SELLER_EMAIL
from ennichi.web.errors import documented
from ennichi.web.session import AnyRequest, signed_in, user_agent_of

if TYPE_CHECKING:
    from ennichi.app import App


class EnterInput(Struct, frozen=True):
    """Who to be."""

    role: Literal["buyer", "seller"] = field(name="as")


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""

    @post(
        "/api/v1/demo/enter",
        tags=["demo"],
        operation_id="enterDemo",
        summary="Step in as the ready-made buyer or seller",
        status_code=200,
        responses=documented(404),
    )
    async def enter(request: AnyRequest, data: EnterInput) -> Response[Session]:
        email = BUYER_EMAIL if data.role == "buyer" else SELLER_EMAIL
        return signed_in(request, await app.accounts.enter_ready_made(email, user_agent=user_agent_of(request)))

    @get("/api/v1/demo/mail", tags=["demo"], operation_id="getDemoMail", summary="Mail sent so far, newest first")
    async def mail() -> list[Mail]:
        return app.mail_box.mails() if app.mail_box else []

    return [enter, mail]
