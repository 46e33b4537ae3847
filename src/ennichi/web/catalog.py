"""Listings over HTTP."""

from typing import TYPE_CHECKING

from litestar import delete, get, patch, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody

from ennichi.catalog import Listing, ListingEdit, NewListing, Shipping, ShippingProfile
from ennichi.kit.errors import Unauthorized
from ennichi.web.errors import documented
from ennichi.web.session import Actor, Visitor

if TYPE_CHECKING:
    from ennichi.app import App

TAGS = ["catalog"]


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""
    return [*_reading(app), *_writing(app), *_shipping(app)]


def _reading(app: "App") -> list[HTTPRouteHandler]:
    @get(
        "/api/v1/stores/{store_id:str}/listings",
        tags=TAGS,
        operation_id="listListings",
        summary="What a store offers, newest first",
        description="With `archived`, what it has put away; for its members.",
        responses=documented(401, 403, 404),
    )
    async def of_store(store_id: FromPath[str], visitor: Visitor, archived: FromQuery[bool] = False) -> list[Listing]:
        if archived:
            if visitor is None:
                raise Unauthorized
            async with app.db.read() as conn:
                await app.stores.require_member(conn, store_id, visitor)
        return await app.catalog.list_by_store(store_id, archived=archived)

    @get(
        "/api/v1/listings/{listing_id:str}",
        tags=TAGS,
        operation_id="getListing",
        summary="A listing",
        responses=documented(404),
    )
    async def one(listing_id: FromPath[str]) -> Listing:
        return await app.catalog.get(listing_id)

    return [of_store, one]


def _writing(app: "App") -> list[HTTPRouteHandler]:
    @post(
        "/api/v1/stores/{store_id:str}/listings",
        tags=TAGS,
        operation_id="createListing",
        summary="Offer something",
        responses=documented(401, 403, 404),
    )
    async def create(store_id: FromPath[str], data: JSONBody[NewListing], actor: Actor) -> Listing:
        return await app.catalog.create(actor, store_id, data)

    @patch(
        "/api/v1/listings/{listing_id:str}",
        tags=TAGS,
        operation_id="editListing",
        summary="Change a listing",
        description="What is left out stays. `variants`, when given, is the whole list: one that is missing is taken "
        "away, one without an id is new, `stock` sets what can be bought now.",
        responses=documented(401, 403, 404),
    )
    async def edit(listing_id: FromPath[str], data: JSONBody[ListingEdit], actor: Actor) -> Listing:
        return await app.catalog.edit(actor, listing_id, data)

    @post(
        "/api/v1/listings/{listing_id:str}/archive",
        tags=TAGS,
        operation_id="archiveListing",
        summary="Put a listing away",
        status_code=200,
        responses=documented(401, 403, 404),
    )
    async def archive(listing_id: FromPath[str], actor: Actor) -> Listing:
        return await app.catalog.archive(actor, listing_id)

    @post(
        "/api/v1/listings/{listing_id:str}/restore",
        tags=TAGS,
        operation_id="restoreListing",
        summary="Offer an archived listing again",
        status_code=200,
        responses=documented(401, 403, 404),
    )
    async def restore(listing_id: FromPath[str], actor: Actor) -> Listing:
        return await app.catalog.archive(actor, listing_id, archived=False)

    return [create, edit, archive, restore]


def _shipping(app: "App") -> list[HTTPRouteHandler]:
    profiles = app.catalog.shipping

    @get(
        "/api/v1/stores/{store_id:str}/shipping",
        tags=TAGS,
        operation_id="listShipping",
        summary="A store's shipping profiles",
        description="A listing names one of them, or none: then its shipping is the store's one fee.",
        responses=documented(404),
    )
    async def of_store(store_id: FromPath[str]) -> list[ShippingProfile]:
        return await profiles.of_store(store_id)

    @post(
        "/api/v1/stores/{store_id:str}/shipping",
        tags=TAGS,
        operation_id="createShipping",
        summary="Charge for shipping in another way",
        description="One zone is for everywhere else (without prefectures); each zone's sizes rise up to 160.",
        responses=documented(401, 403, 404, 409),
    )
    async def create(store_id: FromPath[str], data: JSONBody[Shipping], actor: Actor) -> ShippingProfile:
        return await profiles.create(actor, store_id, data)

    @put(
        "/api/v1/shipping/{shipping_id:str}",
        tags=TAGS,
        operation_id="editShipping",
        summary="Change a shipping profile",
        description="What is held keeps the fee it was held with.",
        responses=documented(401, 403, 404),
    )
    async def edit(shipping_id: FromPath[str], data: JSONBody[Shipping], actor: Actor) -> ShippingProfile:
        return await profiles.edit(actor, shipping_id, data)

    @delete(
        "/api/v1/shipping/{shipping_id:str}",
        tags=TAGS,
        operation_id="removeShipping",
        summary="Take a shipping profile away",
        description="Listings that name it cost the store's one fee again.",
        responses=documented(401, 403, 404),
    )
    async def remove(shipping_id: FromPath[str], actor: Actor) -> None:
        await profiles.remove(actor, shipping_id)

    return [of_store, create, edit, remove]
