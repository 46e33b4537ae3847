"""Orders over HTTP."""

from typing import TYPE_CHECKING

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from ennichi.orders import Order, OrderBrief
from ennichi.web.errors import documented
from ennichi.web.session import Actor

if TYPE_CHECKING:
    from ennichi.app import App

TAGS = ["orders"]


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""

    @get(
        "/api/v1/me/orders",
        tags=TAGS,
        operation_id="listMyOrders",
        summary="What I bought, newest first",
        responses=documented(401),
    )
    async def mine(actor: Actor) -> list[OrderBrief]:
        return await app.orders.mine(actor)

    @get(
        "/api/v1/orders/{order_id:str}",
        tags=TAGS,
        operation_id="getOrder",
        summary="An order, for its buyer and the store's members",
        responses=documented(401, 404),
    )
    async def one(order_id: FromPath[str], actor: Actor) -> Order:
        return await app.orders.get(actor, order_id)

    @get(
        "/api/v1/stores/{store_id:str}/orders",
        tags=TAGS,
        operation_id="listStoreOrders",
        summary="What a store sold, newest first, for its members",
        responses=documented(401, 403, 404),
    )
    async def of_store(store_id: FromPath[str], actor: Actor) -> list[OrderBrief]:
        return await app.orders.of_store(actor, store_id)

    return [mine, one, of_store]
