"""Buying over HTTP: holds and their confirmation, postal codes."""

from typing import TYPE_CHECKING, Annotated

from litestar import delete, get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, HeaderParameter, JSONBody

from ennichi.checkout import Confirmation, Hold, HoldEdit, NewHold, Place, place_of
from ennichi.kit.errors import NotFound
from ennichi.orders import Order
from ennichi.web.errors import documented
from ennichi.web.session import Actor

if TYPE_CHECKING:
    from ennichi.app import App

TAGS = ["checkout"]
HOLDS_PER_MINUTE = 60
CONFIRMATIONS_PER_MINUTE = 30

IdempotencyKey = Annotated[
    str,
    HeaderParameter(
        name="Idempotency-Key",
        pattern="^[!-~]{1,200}$",
        max_length=200,
        description="Chosen by the client, new for each purchase. The same key with the same content is answered as "
        "before; with other content it is refused (409 idempotency.reused).",
    ),
]


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""
    return [*_holding(app), *_confirming(app), _postal_code()]


def _holding(app: "App") -> list[HTTPRouteHandler]:
    @post(
        "/api/v1/holds",
        tags=TAGS,
        operation_id="takeHold",
        summary="Have units kept for five minutes",
        description="Who already holds this variant gets that hold with the new quantity; its deadline and price stay. "
        "409 stock.sold_out {available}, hold.limit, listing.archived, checkout.own_listing, hold.wrong_state.",
        responses=documented(401, 404, 409),
    )
    async def take(data: JSONBody[NewHold], key: IdempotencyKey, actor: Actor) -> Hold:
        app.limits.take(f"holds {actor.id}", HOLDS_PER_MINUTE, 60)
        return await app.checkout.take(actor, data, key)

    @get(
        "/api/v1/holds/{hold_id:str}",
        tags=TAGS,
        operation_id="getHold",
        summary="My hold as it stands",
        responses=documented(401, 404),
    )
    async def one(hold_id: FromPath[str], actor: Actor) -> Hold:
        return await app.checkout.get(actor, hold_id)

    @patch(
        "/api/v1/holds/{hold_id:str}",
        tags=TAGS,
        operation_id="changeHold",
        summary="Hold another number of units",
        description="409 hold.expired, hold.wrong_state, stock.sold_out {available}, listing.archived.",
        responses=documented(401, 404, 409),
    )
    async def change(hold_id: FromPath[str], data: JSONBody[HoldEdit], actor: Actor) -> Hold:
        app.limits.take(f"holds {actor.id}", HOLDS_PER_MINUTE, 60)
        return await app.checkout.change(actor, hold_id, data.quantity)

    @delete(
        "/api/v1/holds/{hold_id:str}",
        tags=TAGS,
        operation_id="releaseHold",
        summary="Give the units back",
        description="409 hold.expired, hold.wrong_state.",
        status_code=200,
        responses=documented(401, 404, 409),
    )
    async def release(hold_id: FromPath[str], actor: Actor) -> Hold:
        return await app.checkout.release(actor, hold_id)

    return [take, one, change, release]


def _confirming(app: "App") -> list[HTTPRouteHandler]:
    @post(
        "/api/v1/holds/{hold_id:str}/confirm",
        tags=TAGS,
        operation_id="confirmHold",
        summary="Conclude the purchase: pay, and get the order",
        description="What the body leaves out is taken from what the account has saved. 409 payment.declined {reason} "
        "(the hold goes on; try again with a new key), payment.unsettled (repeat with the same key), hold.expired, "
        "hold.wrong_state, checkout.address_missing, checkout.card_missing. 422 card.invalid.",
        responses=documented(401, 404, 409),
    )
    async def confirm(hold_id: FromPath[str], data: JSONBody[Confirmation], key: IdempotencyKey, actor: Actor) -> Order:
        app.limits.take(f"confirm {actor.id}", CONFIRMATIONS_PER_MINUTE, 60)
        order_id = await app.checkout.confirm(actor, hold_id, data, key)
        return await app.orders.get(actor, order_id)

    return [confirm]


def _postal_code() -> HTTPRouteHandler:
    @get(
        "/api/v1/postal-codes/{code:str}",
        tags=TAGS,
        operation_id="getPostalCode",
        summary="The place of a Japanese postal code",
        responses=documented(404),
    )
    async def place(code: FromPath[str]) -> Place:
        found = await place_of(code)
        if found is None:
            raise NotFound
        return found

    return place
