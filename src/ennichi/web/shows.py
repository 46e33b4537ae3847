"""Shows over HTTP: planning, line-up, going live, the pin, the market."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from litestar import delete, get, patch, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET, Meta, Struct, UnsetType

from ennichi.accounts import Account
from ennichi.catalog import Listing
from ennichi.shows import LineupItem, Show, ShowTile
from ennichi.stores import StoreBrief
from ennichi.web.errors import documented
from ennichi.web.session import Actor, Visitor

if TYPE_CHECKING:
    from ennichi.app import App

Title = Annotated[str, Meta(min_length=1, max_length=80)]
Planned = Annotated[datetime, Meta(tz=True)]
ListingIds = Annotated[list[str], Meta(max_length=200)]


class ShowInput(Struct, kw_only=True, frozen=True):
    """A show to be planned."""

    title: Title
    cover_id: str | None = None
    planned_at: Planned | None = None
    listing_ids: ListingIds = []


class ShowEdit(Struct, kw_only=True, frozen=True):
    """What to change of a show; what is left out stays."""

    title: Title | UnsetType = UNSET
    cover_id: str | UnsetType | None = UNSET
    planned_at: Planned | UnsetType | None = UNSET


class LineupInput(Struct, frozen=True):
    """The line-up, in order."""

    listing_ids: ListingIds


class PinInput(Struct, frozen=True):
    """The listing to pin."""

    listing_id: str


class PinAnswer(Struct, frozen=True):
    """What is pinned now."""

    pinned: str | None


class MarketPage(Struct, kw_only=True, frozen=True):
    """Everything of the market page. `listings` only with a search."""

    live: list[ShowTile]
    upcoming: list[ShowTile]
    ended: list[ShowTile]
    stores: Sequence[StoreBrief]
    listings: Sequence[Listing]


async def market_page(app: "App", q: str, visitor: Account | None) -> MarketPage:
    """The market as `visitor` sees it: with `q` what was searched for, else what is on and the stalls followed."""
    listings: Sequence[Listing] = []
    if q.strip():
        async with app.db.read() as conn:
            stores = await app.stores.search(conn, q)
            listings = await app.catalog.search(conn, q)
        market = await app.shows.market(q, [store.id for store in stores])
    else:
        stores = await app.stores.followed(visitor) if visitor else []
        market = await app.shows.market(None)
    return MarketPage(live=market.live, upcoming=market.upcoming, ended=market.ended, stores=stores, listings=listings)


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""
    return [*_reading(app), *_planning(app), *_running(app)]


def _reading(app: "App") -> list[HTTPRouteHandler]:
    @get(
        "/api/v1/market",
        tags=["market"],
        operation_id="getMarket",
        summary="What is live, coming up and past",
        responses=documented(),
    )
    async def market(
        visitor: Visitor, q: Annotated[str, QueryParameter(max_length=100, description="Words to look for.")] = ""
    ) -> MarketPage:
        return await market_page(app, q, visitor)

    @get(
        "/api/v1/shows/{show_id:str}",
        tags=["shows"],
        operation_id="getShow",
        summary="A show",
        responses=documented(404),
    )
    async def show(show_id: FromPath[str], visitor: Visitor) -> Show:
        return await app.shows.page(show_id, visitor)

    @get(
        "/api/v1/stores/{store_id:str}/shows",
        tags=["shows"],
        operation_id="getStoreShows",
        summary="Shows of a store",
        responses=documented(404),
    )
    async def shows_of_store(store_id: FromPath[str]) -> list[ShowTile]:
        return await app.shows.of_store(store_id)

    return [market, show, shows_of_store]


def _planning(app: "App") -> list[HTTPRouteHandler]:
    @post(
        "/api/v1/stores/{store_id:str}/shows",
        tags=["shows"],
        operation_id="planShow",
        summary="Plan a show",
        responses=documented(401, 403, 404, 409),
    )
    async def create(store_id: FromPath[str], data: JSONBody[ShowInput], actor: Actor) -> Show:
        return await app.shows.create(
            actor,
            store_id,
            title=data.title,
            cover_id=data.cover_id,
            planned_at=data.planned_at,
            listing_ids=data.listing_ids,
        )

    @patch(
        "/api/v1/shows/{show_id:str}",
        tags=["shows"],
        operation_id="editShow",
        summary="Change a show",
        responses=documented(401, 403, 404),
    )
    async def edit(show_id: FromPath[str], data: JSONBody[ShowEdit], actor: Actor) -> Show:
        changes: dict[str, Any] = {
            name: value for name in data.__struct_fields__ if (value := getattr(data, name)) is not UNSET
        }
        return await app.shows.edit(actor, show_id, changes=changes)

    @put(
        "/api/v1/shows/{show_id:str}/lineup",
        tags=["shows"],
        operation_id="setLineup",
        summary="Set the line-up",
        responses=documented(401, 403, 404, 409),
    )
    async def lineup(show_id: FromPath[str], data: JSONBody[LineupInput], actor: Actor) -> list[LineupItem]:
        return await app.shows.set_lineup(actor, show_id, data.listing_ids)

    return [create, edit, lineup]


def _running(app: "App") -> list[HTTPRouteHandler]:
    moving = documented(401, 403, 404, 409)

    @post(
        "/api/v1/shows/{show_id:str}/go-live",
        tags=["shows"],
        operation_id="goLive",
        summary="Go live",
        status_code=200,
        responses=moving,
    )
    async def go_live(show_id: FromPath[str], actor: Actor) -> Show:
        return await app.shows.move(actor, show_id, "live")

    @post(
        "/api/v1/shows/{show_id:str}/end",
        tags=["shows"],
        operation_id="endShow",
        summary="End a show",
        status_code=200,
        responses=moving,
    )
    async def end(show_id: FromPath[str], actor: Actor) -> Show:
        return await app.shows.move(actor, show_id, "ended")

    @post(
        "/api/v1/shows/{show_id:str}/cancel",
        tags=["shows"],
        operation_id="cancelShow",
        summary="Cancel a show",
        status_code=200,
        responses=moving,
    )
    async def cancel(show_id: FromPath[str], actor: Actor) -> Show:
        return await app.shows.move(actor, show_id, "cancelled")

    @put(
        "/api/v1/shows/{show_id:str}/pin",
        tags=["shows"],
        operation_id="pinListing",
        summary="Pin a listing",
        responses=moving,
    )
    async def pin(show_id: FromPath[str], data: JSONBody[PinInput], actor: Actor) -> PinAnswer:
        return PinAnswer(await app.shows.pin(actor, show_id, data.listing_id))

    @delete(
        "/api/v1/shows/{show_id:str}/pin",
        tags=["shows"],
        operation_id="unpinListing",
        summary="Unpin",
        status_code=200,
        responses=moving,
    )
    async def unpin(show_id: FromPath[str], actor: Actor) -> PinAnswer:
        return PinAnswer(await app.shows.pin(actor, show_id, None))

    return [go_live, end, cancel, pin, unpin]
