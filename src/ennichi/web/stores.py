"""Stores over HTTP: opening, looking at, editing and following a stall."""

from typing import TYPE_CHECKING, Annotated

from litestar import delete, get, patch, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from ennichi.kit.errors import Unauthorized
from ennichi.stores import NewStore, Store, StoreBrief, StoreChanges
from ennichi.web.errors import documented
from ennichi.web.session import Actor, AnyRequest, Visitor, language_of

if TYPE_CHECKING:
    from ennichi.app import App

TAGS = ["stores"]


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""
    return [*_looking(app), *_keeping(app), *_following(app)]


def _looking(app: "App") -> list[HTTPRouteHandler]:
    @get(
        "/api/v1/stores",
        tags=TAGS,
        operation_id="listStores",
        summary="Stores I follow, or stores by their words",
        responses=documented(401),
    )
    async def stores(
        visitor: Visitor,
        followed: Annotated[bool, QueryParameter(description="Only those I follow, the latest first.")] = False,
        q: Annotated[str, QueryParameter(max_length=100, description="Words to look for.")] = "",
    ) -> list[StoreBrief]:
        if followed:
            if visitor is None:
                raise Unauthorized
            return await app.stores.followed(visitor)
        async with app.db.read() as conn:
            return await app.stores.search(conn, q)

    # A store is looked at by its id or its handle; hence no name ending in _id, which is for identifiers alone.
    @get(
        "/api/v1/stores/{store:str}",
        tags=TAGS,
        operation_id="getStore",
        summary="A store, by id or handle",
        responses=documented(404),
    )
    async def one(store: FromPath[str], visitor: Visitor) -> Store:
        async with app.db.read() as conn:
            return await app.stores.get(conn, store, visitor)

    return [stores, one]


def _keeping(app: "App") -> list[HTTPRouteHandler]:
    @post(
        "/api/v1/stores",
        tags=TAGS,
        operation_id="openStore",
        summary="Open a store",
        description="Its terms (fee, carrier, returns, cancellation) start with usual ones in the request's language.",
        responses=documented(401, 409),
    )
    async def open_store(request: AnyRequest, data: JSONBody[NewStore], actor: Actor) -> Store:
        return await app.stores.open(actor, data, lang=language_of(request))

    @patch(
        "/api/v1/stores/{store:str}",
        tags=TAGS,
        operation_id="editStore",
        summary="Change a store",
        description="What is left out stays as it is; `legal` is replaced as a whole.",
        responses=documented(401, 403, 404),
    )
    async def edit(store: FromPath[str], data: JSONBody[StoreChanges], actor: Actor) -> Store:
        return await app.stores.edit(actor, store, data)

    return [open_store, edit]


def _following(app: "App") -> list[HTTPRouteHandler]:
    @put(
        "/api/v1/stores/{store_id:str}/follow",
        tags=TAGS,
        operation_id="followStore",
        summary="Follow a store",
        responses=documented(401, 404),
    )
    async def follow(store_id: FromPath[str], actor: Actor) -> Store:
        return await app.stores.follow(actor, store_id)

    @delete(
        "/api/v1/stores/{store_id:str}/follow",
        tags=TAGS,
        operation_id="unfollowStore",
        summary="Stop following a store",
        status_code=200,
        responses=documented(401, 404),
    )
    async def unfollow(store_id: FromPath[str], actor: Actor) -> Store:
        return await app.stores.unfollow(actor, store_id)

    return [follow, unfollow]
