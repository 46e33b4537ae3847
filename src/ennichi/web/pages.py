"""The addresses of the pages. What is no page answers 404 with a page that says so."""

import contextlib
from typing import TYPE_CHECKING

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from ennichi.kit.errors import NotFound
from ennichi.media import RelayFull
from ennichi.web.assets import Assets
from ennichi.web.preview import listing_preview, market_preview, show_preview, store_preview
from ennichi.web.session import AnyRequest, Visitor, language_of, site_of
from ennichi.web.shell import Page, render
from ennichi.web.shows import market_page
from ennichi.web.snapshot import snapshot_of

if TYPE_CHECKING:
    from ennichi.app import App

PLAIN = [
    "/stores/{handle:str}/legal",
    "/studio",
    "/studio/open",
    "/studio/store",
    "/studio/shipping",
    "/studio/orders",
    "/studio/money",
    "/studio/house",
    "/studio/listings/new",
    "/studio/listings/{listing:str}",
    "/studio/shows/new",
    "/studio/shows/{show:str}",
    "/shows/{show:str}/studio",
    "/house",
    "/orders",
    "/orders/{order:str}",
    "/orders/{order:str}/receipt",
    "/me",
    "/sign-in",
    "/sign-up",
    "/welcome",
    "/sandbox/payments/{reference:str}",
    "/demo/mail",
]
"""Pages whose content the program in the page fetches by itself."""

_NOT_PAGES = ("/api/", "/static/", "/media/")


def routes(app: "App", assets: Assets) -> list[HTTPRouteHandler]:
    """Every page."""
    return [*_with_content(app, assets), *_plain(app, assets)]


def _with_content(app: "App", assets: Assets) -> list[HTTPRouteHandler]:
    @get("/", include_in_schema=False)
    async def market(request: AnyRequest, visitor: Visitor, q: FromQuery[str] = "") -> Response[str]:
        found = await market_page(app, q[:100], visitor)
        page = (market_preview(found, language_of(request)), {"kind": "market", "market": found})
        return await render(app, assets, request, visitor, page)

    @get("/shows/{show:str}", include_in_schema=False)
    async def watch(request: AnyRequest, show: FromPath[str], visitor: Visitor) -> Response[str]:
        try:
            page = await _show(app, show, visitor, site_of(request).rp_id)
        except NotFound:
            return await render(app, assets, request, visitor, status=404)
        return await render(app, assets, request, visitor, page)

    @get("/stores/{handle:str}", include_in_schema=False)
    async def store(request: AnyRequest, handle: FromPath[str], visitor: Visitor) -> Response[str]:
        try:
            async with app.db.read() as conn:
                preview = store_preview(await app.stores.get(conn, handle, visitor))
        except NotFound:
            return await render(app, assets, request, visitor, status=404)
        return await render(app, assets, request, visitor, (preview, {"kind": "other"}))

    @get("/listings/{listing:str}", include_in_schema=False)
    async def listing_page(request: AnyRequest, listing: FromPath[str], visitor: Visitor) -> Response[str]:
        try:
            preview = listing_preview(await app.catalog.get(listing))
        except NotFound:
            return await render(app, assets, request, visitor, status=404)
        return await render(app, assets, request, visitor, (preview, {"kind": "other"}))

    return [market, watch, store, listing_page]


def _plain(app: "App", assets: Assets) -> list[HTTPRouteHandler]:
    @get([path for path in PLAIN if app.sandbox or not path.startswith("/sandbox/")], include_in_schema=False)
    async def plain(request: AnyRequest, visitor: Visitor) -> Response[str]:
        return await render(app, assets, request, visitor)

    @get("/{rest:path}", include_in_schema=False)
    async def anything_else(request: AnyRequest, rest: FromPath[str], visitor: Visitor) -> Response[str]:
        if rest.startswith(_NOT_PAGES):
            raise NotFound
        return await render(app, assets, request, visitor, status=404)

    return [plain, anything_else]


async def _show(app: "App", show_id: FromPath[str], visitor: Visitor, host: str) -> Page:
    """A show's page with its snapshot and, when it is live, a ticket: the picture need not wait for a request more."""
    snapshot = await snapshot_of(app, show_id, visitor)
    ticket = None
    if snapshot.show.state == "live":
        with contextlib.suppress(RelayFull):
            ticket = app.relay.issue(show_id, "watch", host)
    return show_preview(snapshot), {"kind": "watch", "snapshot": snapshot, "ticket": ticket}
