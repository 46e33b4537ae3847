"""Stores over HTTP: opening, looking at, editing and following a stall."""

from typing import TYPE_CHECKING, Annotated

from litestar import delete, get, patch, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from ennichi.kit.errors import Unauthorized
from ennichi.stores import (
    MONTH,
    YEAR,
    NewStore,
    NoticeRequest,
    Store,
    StoreBrief,
    StoreChanges,
    StoreFee,
    Trading,
    judged,
)
from ennichi.web.errors import documented
from ennichi.web.session import Actor, AnyRequest, Visitor, language_of

if TYPE_CHECKING:
    from ennichi.app import App

TAGS = ["stores"]


class Fee(Struct, frozen=True):
    """What the market keeps of a store's sales."""

    fee_bps: Annotated[int, Meta(ge=0, le=10_000)] | None = None
    """In hundredths of a percent; null: as much as of everyone."""


class Fees(Struct, frozen=True):
    """What the market keeps of sales."""

    usual: Annotated[int, Meta(description="Of every store without a fee of its own, in hundredths of a percent.")]
    stores: list[StoreFee]


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""
    return [*_looking(app), *_keeping(app), *_following(app), *_notices(app)]


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

    @put(
        "/api/v1/stores/{store_id:str}/fee",
        tags=TAGS,
        operation_id="setStoreFee",
        summary="Set what the market keeps of a store's sales",
        description="For who runs the installation. It counts for orders received from now on.",
        status_code=204,
        responses=documented(401, 403, 404),
    )
    async def set_fee(store_id: FromPath[str], data: JSONBody[Fee], actor: Actor) -> None:
        await app.stores.set_fee(actor, store_id, data.fee_bps)

    @get(
        "/api/v1/fees",
        tags=TAGS,
        operation_id="listFees",
        summary="What the market keeps of sales: the usual, and of which stores it is another",
        description="For who runs the installation. With `q` the stores by their words, whatever their fee.",
        responses=documented(401, 403),
    )
    async def fees(
        actor: Actor, q: Annotated[str, QueryParameter(max_length=100, description="Words to look for.")] = ""
    ) -> Fees:
        return Fees(usual=app.settings.fee_bps, stores=await app.stores.fees(actor, q.strip()))

    return [open_store, edit, set_fee, fees]


def _notices(app: "App") -> list[HTTPRouteHandler]:
    @post(
        "/api/v1/stores/{store_id:str}/notice-requests",
        tags=TAGS,
        operation_id="requestNotice",
        summary="Ask for a legal notice that is given on request",
        description="The whole notice goes to the asker's e-mail address at once, in the request's language. The store "
        "is told who asked.",
        responses=documented(401, 404, 409),
    )
    async def ask(request: AnyRequest, store_id: FromPath[str], actor: Actor) -> NoticeRequest:
        return await app.notices.request(actor, store_id, lang=language_of(request))

    @get(
        "/api/v1/stores/{store_id:str}/notice-requests",
        tags=TAGS,
        operation_id="listNoticeRequests",
        summary="Who asked for the legal notice",
        responses=documented(401, 403, 404),
    )
    async def asked(store_id: FromPath[str], actor: Actor) -> list[NoticeRequest]:
        return await app.notices.requests(actor, store_id)

    @get(
        "/api/v1/me/trading",
        tags=TAGS,
        operation_id="getTrading",
        summary="How much I trade",
        description="Over all the stores I keep. Whoever reaches one of the bounds is a trader before the law "
        "(`signs` names which).",
        responses=documented(401),
    )
    async def trading(actor: Actor) -> Trading:
        now = app.clock.now()
        async with app.db.read() as conn:
            mine = await app.stores.kept_by(conn, actor)
            listed = await app.catalog.listed(conn, mine, now - MONTH)
            month = await app.orders.sold_since(conn, mine, now - MONTH)
            year = await app.orders.sold_since(conn, mine, now - YEAR)
        return judged(Trading(listed_month=listed.lately, listed_now=listed.now, sold_month=month, sold_year=year))

    return [ask, asked, trading]


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
