"""Buying over HTTP: what a basket comes to, and concluding, following and giving up a purchase."""

from typing import TYPE_CHECKING

from litestar import delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from ennichi.checkout import NewPurchase, NewQuote, Purchase, Quote
from ennichi.web.checkout import IdempotencyKey
from ennichi.web.errors import documented
from ennichi.web.session import Actor, AnyRequest, site_of

if TYPE_CHECKING:
    from ennichi.app import App

TAGS = ["checkout"]
PURCHASES_PER_MINUTE = 30
LOOKS_PER_MINUTE = 60
QUOTES_PER_MINUTE = 240


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area."""
    return [*_quoting(app), *_buying(app), *_following(app)]


def _quoting(app: "App") -> list[HTTPRouteHandler]:
    @post(
        "/api/v1/quotes",
        tags=TAGS,
        operation_id="quote",
        summary="What these holds come to when they are bought together",
        description="All of one store, sent together to one place. 409 checkout.mixed_stores, hold.expired, "
        "hold.wrong_state.",
        status_code=200,
        responses=documented(401, 404, 409),
    )
    async def quote(data: JSONBody[NewQuote], actor: Actor) -> Quote:
        app.limits.take(f"quotes {actor.id}", QUOTES_PER_MINUTE, 60)
        return await app.checkout.quote(actor, data.hold_ids, data.prefecture)

    @get(
        "/api/v1/shows/{show_id:str}/basket",
        tags=TAGS,
        operation_id="getBasket",
        summary="All I hold at this show's store, as one purchase; null when that is nothing",
        responses=documented(401, 404),
    )
    async def basket(show_id: FromPath[str], actor: Actor) -> Quote | None:
        return await app.checkout.basket(actor, show_id)

    return [quote, basket]


def _buying(app: "App") -> list[HTTPRouteHandler]:
    @post(
        "/api/v1/purchases",
        tags=TAGS,
        operation_id="buy",
        summary="Conclude a purchase: pay for holds of one store",
        description="What the body leaves out is taken from what the account has saved. `total` is what the buyer was "
        "shown, and binds. The answer's state says what is next: `paid` and `awaiting` (to be paid at a counter) have "
        "an order; `action_required` wants the buyer to do `action`, then ask to continue. 409 payment.declined "
        "{reason} (the holds go on; try again with a new key), payment.unsettled (repeat with the same key), "
        "payment.method_unavailable {method}, checkout.total_changed {total}, checkout.mixed_stores, hold.expired, "
        "hold.wrong_state, checkout.address_missing, checkout.card_missing. 422 card.invalid.",
        responses=documented(401, 404, 409),
    )
    async def buy(request: AnyRequest, data: JSONBody[NewPurchase], key: IdempotencyKey, actor: Actor) -> Purchase:
        app.limits.take(f"purchases {actor.id}", PURCHASES_PER_MINUTE, 60)
        return await app.checkout.buy(actor, data, key, site=site_of(request).origin)

    return [buy]


def _following(app: "App") -> list[HTTPRouteHandler]:
    @get(
        "/api/v1/purchases/{purchase_id:str}",
        tags=TAGS,
        operation_id="getPurchase",
        summary="My purchase as it stands",
        responses=documented(401, 404),
    )
    async def one(purchase_id: FromPath[str], actor: Actor) -> Purchase:
        return await app.checkout.purchase(actor, purchase_id)

    @post(
        "/api/v1/purchases/{purchase_id:str}/continue",
        tags=TAGS,
        operation_id="continuePurchase",
        summary="Ask the gateway now what became of it",
        description="For a buyer who comes back from proving who they are, or from the counter. It goes on without "
        "this, too, only a little later. A declined purchase is answered as one, with its reason.",
        status_code=200,
        responses=documented(401, 404),
    )
    async def go_on(purchase_id: FromPath[str], actor: Actor) -> Purchase:
        app.limits.take(f"looks {actor.id}", LOOKS_PER_MINUTE, 60)
        return await app.checkout.go_on(actor, purchase_id)

    @delete(
        "/api/v1/purchases/{purchase_id:str}",
        tags=TAGS,
        operation_id="giveUpPurchase",
        summary="Do not go on with it: nothing is taken, and the holds are held again",
        description="While it wants something of its buyer. Too late, it is answered as paid. 409 "
        "purchase.wrong_state {state}, payment.unsettled (try again).",
        status_code=200,
        responses=documented(401, 404, 409),
    )
    async def give_up(purchase_id: FromPath[str], actor: Actor) -> Purchase:
        app.limits.take(f"looks {actor.id}", LOOKS_PER_MINUTE, 60)
        return await app.checkout.give_up(actor, purchase_id)

    return [one, go_on, give_up]
