"""Buying over HTTP: holds and their confirmation, saved cards, the sandbox gateway's counter, postal codes."""

from typing import TYPE_CHECKING, Annotated

from litestar import delete, get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, HeaderParameter, JSONBody
from msgspec import Meta, Struct

from ennichi.checkout import Confirmation, Hold, HoldEdit, NewHold, Place, place_of
from ennichi.kit.errors import NotFound
from ennichi.orders import Order
from ennichi.payments import Card, SandboxCard
from ennichi.web.errors import documented
from ennichi.web.session import Actor, AnyRequest, source_of

if TYPE_CHECKING:
    from ennichi.app import App

TAGS = ["checkout"]
HOLDS_PER_MINUTE = 60
CONFIRMATIONS_PER_MINUTE = 30
CARDS_PER_MINUTE = 60
"""For one network address, which a household or a school shares."""

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


class CardInput(Struct, kw_only=True):
    """What is printed on a card. Only the sandbox's counter ever sees it; it is not kept."""

    number: Annotated[str, Meta(max_length=40)]
    exp_month: Annotated[int, Meta(ge=0, le=99)]
    exp_year: Annotated[int, Meta(ge=0, le=9999, description="Two or four digits.")]
    cvc: Annotated[str, Meta(max_length=10)]


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""
    return [*_holding(app), *_confirming(app), *_cards(app), _postal_code()]


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


def _cards(app: "App") -> list[HTTPRouteHandler]:
    @post(
        "/api/v1/sandbox/cards",
        tags=TAGS,
        operation_id="issueSandboxCard",
        summary="Exchange a test card's number for a token",
        description="The sandbox gateway's own counter, the only place that sees a number; it is not kept. It takes "
        "test cards only: 4242 4242 4242 4242 pays, 4000 0000 0000 0002 is declined, 4000 0000 0000 9995 has no money, "
        "4000 0000 0000 0077 pays after five seconds. 422 card.invalid.",
        responses=documented(),
    )
    async def issue(request: AnyRequest, data: JSONBody[CardInput]) -> SandboxCard:
        app.limits.take(f"sandbox {source_of(request)}", CARDS_PER_MINUTE, 60)
        return await app.sandbox.issue(
            number=data.number, exp_month=data.exp_month, exp_year=data.exp_year, cvc=data.cvc
        )

    @get(
        "/api/v1/me/cards",
        tags=TAGS,
        operation_id="listCards",
        summary="My saved cards, the one used last first",
        responses=documented(401),
    )
    async def cards(actor: Actor) -> list[Card]:
        return await app.payments.my_cards(actor)

    @delete(
        "/api/v1/me/cards/{card_id:str}",
        tags=TAGS,
        operation_id="forgetCard",
        summary="Forget a saved card; answers with those left",
        status_code=200,
        responses=documented(401, 404),
    )
    async def forget(card_id: FromPath[str], actor: Actor) -> list[Card]:
        return await app.payments.forget_card(actor, card_id)

    return [issue, cards, forget]


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
