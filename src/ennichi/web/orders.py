"""Orders over HTTP."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from ennichi.orders import (
    Cancelling,
    Message,
    NewMessage,
    Order,
    OrderBrief,
    OrderCounts,
    OrderState,
    Rating,
    ReadUpTo,
    Receiving,
    Refunding,
    Shipping,
)
from ennichi.web.errors import documented
from ennichi.web.session import Actor, AnyRequest, Visitor, language_of

if TYPE_CHECKING:
    from ennichi.app import App

TAGS = ["orders"]
ORDER = "/api/v1/orders/{order_id:str}"

States = Annotated[list[OrderState] | None, QueryParameter(name="state", description="Only those in these states.")]
Before = Annotated[str | None, QueryParameter(max_length=40, description="The id of an order: those older than it.")]
LinkToken = Annotated[
    str, QueryParameter(name="token", max_length=200, description="From the link in a mail: opens this order alone.")
]
Month = Annotated[str, QueryParameter(max_length=7, description="A month in Japan, as 2026-11.")]

_step = partial(post, tags=TAGS, status_code=200, responses=documented(401, 404, 409))
"""A route by which one side of an order does something about it, where its state allows that."""


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""
    return [*_looking(app), *_buying(app), *_selling(app), *_of_store(app), *_talking(app)]


def _looking(app: "App") -> list[HTTPRouteHandler]:
    @get(
        "/api/v1/me/orders",
        tags=TAGS,
        operation_id="listMyOrders",
        summary="What I bought, newest first, 200 at a time",
        responses=documented(401),
    )
    async def mine(actor: Actor, before: Before = None) -> list[OrderBrief]:
        return await app.orders.mine(actor, before=before)

    @get(
        ORDER,
        tags=TAGS,
        operation_id="getOrder",
        summary="An order, for its buyer and the store's members",
        description="`can` lists what the reader may do with it now. The link in a guest's mail has a `token` that "
        "opens this order, to be read, for whoever has it.",
        responses=documented(401, 404),
    )
    async def one(order_id: FromPath[str], visitor: Visitor, token: LinkToken = "") -> Order:
        return await app.orders.open(visitor, order_id, token)

    return [mine, one]


def _buying(app: "App") -> list[HTTPRouteHandler]:
    @_step(
        f"{ORDER}/receive",
        operation_id="receiveOrder",
        summary="It has come, says the buyer",
        description="The store gets its money then. A rating may be given along, or later, once.",
    )
    async def receive(order_id: FromPath[str], data: JSONBody[Receiving], actor: Actor) -> Order:
        return await app.orders.receive(actor, order_id, data.rating)

    @_step(
        f"{ORDER}/rating",
        operation_id="rateOrder",
        summary="How it was, says the buyer of a received order",
    )
    async def rate(order_id: FromPath[str], data: JSONBody[Rating], actor: Actor) -> Order:
        return await app.orders.rate(actor, order_id, data)

    @_step(
        f"{ORDER}/cancel",
        operation_id="cancelOrder",
        summary="Cancel an order, or ask for it",
        description="The store cancels any time before shipping: money and units go back. The buyer cancels what is "
        "not paid; of what is paid the store is asked. 409 order.wrong_state, payment.unsettled (try again).",
    )
    async def cancel(order_id: FromPath[str], data: JSONBody[Cancelling], actor: Actor) -> Order:
        return await app.orders.cancel(actor, order_id, data.reason)

    return [receive, rate, cancel]


def _selling(app: "App") -> list[HTTPRouteHandler]:
    @_step(
        f"{ORDER}/ship",
        operation_id="shipOrder",
        summary="The parcel is on its way, says the store",
        description="Said again, carrier and tracking number are corrected. Known carriers: yamato, sagawa, "
        "japan_post, seino, fukuyama; any other is taken as it is written.",
    )
    async def ship(order_id: FromPath[str], data: JSONBody[Shipping], actor: Actor) -> Order:
        return await app.orders.ship(actor, order_id, data)

    @_step(
        f"{ORDER}/refund",
        operation_id="refundOrder",
        summary="Give money back, says the store",
        description="An amount, or the price of units, or all that is left. It is on its way at once, and counts as "
        "refunded when the gateway has done it. 409 order.refund_too_large {left}, order.refund_changed {left}.",
    )
    async def refund(order_id: FromPath[str], data: JSONBody[Refunding], actor: Actor) -> Order:
        return await app.orders.refund(actor, order_id, data)

    return [ship, refund]


def _of_store(app: "App") -> list[HTTPRouteHandler]:
    @get(
        "/api/v1/stores/{store_id:str}/orders",
        tags=TAGS,
        operation_id="listStoreOrders",
        summary="What a store sold, newest first, 200 at a time, for its members",
        responses=documented(401, 403, 404),
    )
    async def of_store(
        store_id: FromPath[str], actor: Actor, states: States = None, before: Before = None
    ) -> list[OrderBrief]:
        return await app.orders.of_store(actor, store_id, states=states or (), before=before)

    @get(
        "/api/v1/stores/{store_id:str}/orders/counts",
        tags=TAGS,
        operation_id="countStoreOrders",
        summary="How many orders of a store are in each state, for its members",
        responses=documented(401, 403, 404),
    )
    async def counts(store_id: FromPath[str], actor: Actor) -> OrderCounts:
        return await app.orders.counts(actor, store_id)

    @get(
        "/api/v1/stores/{store_id:str}/orders.csv",
        tags=TAGS,
        operation_id="exportStoreOrders",
        summary="A month of a store's orders as CSV, for its members",
        description="UTF-8 with a byte order mark, a line for each thing of each order.",
        media_type="text/csv",
        responses=documented(401, 403, 404),
    )
    async def export(request: AnyRequest, store_id: FromPath[str], actor: Actor, month: Month) -> Response[bytes]:
        content = await app.orders.export(actor, store_id, month, language_of(request))
        name = f'attachment; filename="orders-{month}.csv"'
        return Response(
            content,
            media_type="text/csv",
            headers={"Content-Disposition": name, "Cache-Control": "no-store"},
        )

    return [of_store, counts, export]


def _talking(app: "App") -> list[HTTPRouteHandler]:
    @get(
        f"{ORDER}/messages",
        tags=TAGS,
        operation_id="listOrderMessages",
        summary="What buyer and store wrote each other, oldest first",
        responses=documented(401, 404),
    )
    async def messages(order_id: FromPath[str], actor: Actor) -> list[Message]:
        return await app.orders.messages(actor, order_id)

    @_step(
        f"{ORDER}/messages",
        operation_id="sayAboutOrder",
        summary="Write to the other side of an order",
    )
    async def say(order_id: FromPath[str], data: JSONBody[NewMessage], actor: Actor) -> Message:
        return await app.orders.say(actor, order_id, data.text)

    @post(
        f"{ORDER}/messages/read",
        tags=TAGS,
        operation_id="readOrderMessages",
        summary="My side has read as far as this message",
        status_code=204,
        responses=documented(401, 404),
    )
    async def read(order_id: FromPath[str], data: JSONBody[ReadUpTo], actor: Actor) -> None:
        await app.orders.read(actor, order_id, data.up_to)

    return [messages, say, read]
