"""Holding over HTTP: holds, lines, who came when, postal codes."""

from typing import TYPE_CHECKING, Annotated

from litestar import delete, get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, HeaderParameter, JSONBody

from ennichi.checkout import Arrivals, Hold, HoldEdit, NewHold, Place, Wait, place_of
from ennichi.kit.errors import NotFound
from ennichi.web.errors import documented
from ennichi.web.session import Actor

if TYPE_CHECKING:
    from ennichi.app import App

TAGS = ["checkout"]
HOLDS_PER_MINUTE = 60

IdempotencyKey = Annotated[
    str,
    HeaderParameter(
        name="Idempotency-Key",
        pattern="^[!-~]{1,200}$",
        max_length=200,
        description="Chosen by the client, new for each request that is meant. The same key with the same content is "
        "answered as before; with other content it is refused (409 idempotency.reused).",
    ),
]


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""
    return [*_holding(app), *_waiting(app), _postal_code()]


def _holding(app: "App") -> list[HTTPRouteHandler]:
    @post(
        "/api/v1/holds",
        tags=TAGS,
        operation_id="takeHold",
        summary="Have units kept for five minutes",
        description="Who already holds this variant gets that hold with the new quantity; its deadline and price stay. "
        "409 stock.sold_out {available, waiting}, hold.limit, hold.per_buyer {limit, left}, listing.archived, "
        "store.notice_incomplete, checkout.own_listing, hold.wrong_state.",
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
        description="409 hold.expired, hold.wrong_state, stock.sold_out {available, waiting}, hold.per_buyer "
        "{limit, left}, listing.archived.",
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


def _waiting(app: "App") -> list[HTTPRouteHandler]:
    @post(
        "/api/v1/waits",
        tags=TAGS,
        operation_id="standInLine",
        summary="Stand in the line of a variant that is all held or sold",
        description="With units to be had and nobody waiting they are held at once: see `hold_id`. Who stands there "
        "already keeps the place. Whoever's turn it is gets what is free, for two minutes, and is told over the feed. "
        "409 hold.limit, hold.per_buyer {limit, left}, listing.archived, store.notice_incomplete, "
        "checkout.own_listing, hold.wrong_state, stock.sold_out (to who holds some of it already).",
        responses=documented(401, 404, 409),
    )
    async def wait(data: JSONBody[NewHold], key: IdempotencyKey, actor: Actor) -> Wait:
        app.limits.take(f"holds {actor.id}", HOLDS_PER_MINUTE, 60)
        return await app.checkout.wait(actor, data, key)

    @delete(
        "/api/v1/waits/{wait_id:str}",
        tags=TAGS,
        operation_id="leaveLine",
        summary="Leave a line",
        description="A wait that is over already stays as it is.",
        status_code=200,
        responses=documented(401, 404),
    )
    async def leave(wait_id: FromPath[str], actor: Actor) -> Wait:
        return await app.checkout.leave(actor, wait_id)

    @get(
        "/api/v1/variants/{variant_id:str}/arrivals",
        tags=TAGS,
        operation_id="listArrivals",
        summary="When I came for a variant, and what those before and after me got",
        description="My last 20 entries in the log of arrivals, each with the ten before and after it. The log is only "
        "ever added to; nobody in it is named.",
        responses=documented(401, 404),
    )
    async def arrivals(variant_id: FromPath[str], actor: Actor) -> Arrivals:
        return await app.checkout.arrivals(actor, variant_id)

    return [wait, leave, arrivals]


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
