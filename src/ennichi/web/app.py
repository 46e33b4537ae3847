"""The web application: every area's routes, one shape of errors, who is asking, and the description of it all."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from litestar import Litestar, Request
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Tag
from litestar.types import ASGIApp, ControllerRouterHandler

from ennichi import __version__
from ennichi.web import (
    accounts,
    catalog,
    checkout,
    demo,
    feed,
    health,
    media,
    moderation,
    money,
    notice,
    orders,
    pages,
    papers,
    payments,
    photos,
    purchases,
    questions,
    room,
    segments,
    session,
    shows,
    snapshot,
    stores,
    votes,
)
from ennichi.web.assets import Assets
from ennichi.web.assets import routes as asset_routes
from ennichi.web.body import StrictBody
from ennichi.web.errors import HANDLERS
from ennichi.web.head import with_head
from ennichi.web.headers import guarded
from ennichi.web.quick import with_quick

if TYPE_CHECKING:
    from ennichi.app import App

TAGS = [
    Tag("accounts", "Signing up and in, names, addresses."),
    Tag("stores", "Stalls: opening, editing, following."),
    Tag("photos", "Pictures of listings, stalls and covers."),
    Tag("catalog", "Listings with their variants and stock."),
    Tag("shows", "Planning shows, going live, the line-up and the pin."),
    Tag("market", "What is on."),
    Tag("room", "Snapshot and feed of a show, saying, liking, questions."),
    Tag("house", "Order in the rooms: rules, words, people, reports, and who did what."),
    Tag("media", "Tickets to the video."),
    Tag("checkout", "Holding, waiting, buying."),
    Tag("payments", "Ways to pay, saved cards, gateways' messages, the sandbox gateway."),
    Tag("orders", "What was bought and sold."),
    Tag("money", "A store's balance, its history, withdrawals."),
    Tag("demo", "Only in demo mode."),
]
MAX_BODY = 1024 * 1024
"""Bytes of a JSON body; photos have a limit of their own."""


QUICK = frozenset({"likeShow", "sayLine", "takeHold"})
"""What everyone in a room does at once."""


def build(app: "App", *, quick: bool = True) -> ASGIApp:
    """The ASGI application of `app`; `quick=False` has the framework answer everything."""
    handlers = _handlers(app)
    whole = with_head(feed.with_feeds(_application(app, handlers)))
    called = [one for one in handlers if isinstance(one, HTTPRouteHandler) and one.operation_id in QUICK]
    return with_quick(whole, app, called, MAX_BODY) if quick else whole


def _handlers(app: "App") -> list[ControllerRouterHandler]:
    assets = Assets()
    areas: list[Callable[[App], list[Any]]] = [
        area.routes
        for area in (
            accounts,
            stores,
            photos,
            catalog,
            shows,
            snapshot,
            feed,
            room,
            questions,
            votes,
            notice,
            segments,
            moderation,
            media,
            checkout,
            purchases,
            payments,
            orders,
            papers,
            money,
            health,
        )
    ]
    handlers: list[ControllerRouterHandler] = [handler for area in areas for handler in area(app)]
    if app.settings.demo:
        handlers += demo.routes(app)
    return handlers + asset_routes(assets) + pages.routes(app, assets)


def _application(app: "App", handlers: list[ControllerRouterHandler]) -> Litestar:
    return Litestar(
        handlers,
        dto=StrictBody,
        return_dto=None,
        dependencies=session.dependencies(app),
        before_request=_before,
        exception_handlers=HANDLERS,
        after_request=guarded,
        request_max_body_size=MAX_BODY,
        openapi_config=_openapi(),
        logging_config=None,
        debug=False,
    )


class Description(JsonRenderPlugin):
    """The description as JSON, without the 400 the framework puts everywhere: malformed input is answered with 422."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The document."""
        for path in openapi_schema.get("paths", {}).values():
            for operation in path.values():
                operation.get("responses", {}).pop("400", None)
        return super().render(request, openapi_schema)


async def _before(request: Request[Any, Any, Any]) -> None:
    """Not a plain function: the framework runs those in a thread."""
    session.guard(request, request.path_params)


def _openapi() -> OpenAPIConfig:
    bearer = SecurityScheme(type="http", scheme="bearer", description="The token that signing in returned.")
    cookie = SecurityScheme(type="apiKey", name=session.COOKIE, security_scheme_in="cookie", description="For pages.")
    return OpenAPIConfig(
        title="Ennichi",
        version=__version__,
        description="Everything the pages do. Errors are `{error: {code, message, params}}` with stable codes; "
        "money is integer yen with tax included; times are UTC.",
        path="/api/openapi.json",
        render_plugins=[Description(path="/")],
        tags=TAGS,
        components=Components(security_schemes={"bearer": bearer, "cookie": cookie}),
    )
