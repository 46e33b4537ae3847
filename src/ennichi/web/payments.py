"""Money over HTTP: ways to pay, saved cards, gateways' messages, and the sandbox gateway's counter and page."""

from typing import TYPE_CHECKING, Annotated

from litestar import delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from ennichi.payments import Card, Payee, PayeeLink, Payees, SandboxCard, SandboxGateway, SandboxPayment, Step, Till
from ennichi.web.errors import documented
from ennichi.web.session import Actor, AnyRequest, site_of, source_of

if TYPE_CHECKING:
    from ennichi.app import App

TAGS = ["payments"]
CARDS_PER_MINUTE = 60
STEPS_PER_MINUTE = 60
"""For one network address, which a household or a school shares."""


class CardInput(Struct, kw_only=True):
    """What is printed on a card. Only the sandbox's counter ever sees it; it is not kept."""

    number: Annotated[str, Meta(max_length=40)]
    exp_month: Annotated[int, Meta(ge=0, le=99)]
    exp_year: Annotated[int, Meta(ge=0, le=9999, description="Two or four digits.")]
    cvc: Annotated[str, Meta(max_length=10)]


def routes(app: "App") -> list[HTTPRouteHandler]:
    """The routes of this area; the sandbox's only where the sandbox is the gateway."""
    sandbox = [_issue(app, app.sandbox), *_page(app, app.sandbox)] if app.sandbox else []
    payees = _payee(app, app.payees) if app.payees else []
    return [_till(app), *_cards(app), _webhook(app), *sandbox, *payees]


def _till(app: "App") -> HTTPRouteHandler:
    @get(
        "/api/v1/payment-methods",
        tags=TAGS,
        operation_id="getPaymentMethods",
        summary="Ways to pay here, and the gateway behind them",
        responses=documented(),
    )
    async def till() -> Till:
        return app.payments.till()

    return till


def _cards(app: "App") -> list[HTTPRouteHandler]:
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

    return [cards, forget]


def _webhook(app: "App") -> HTTPRouteHandler:
    @post(
        "/api/v1/webhooks/{gateway:str}",
        tags=TAGS,
        operation_id="receiveWebhook",
        summary="A gateway's message, proved by its signature",
        description="For gateways alone. The body is kept as it is and worked later; the same event again changes "
        "nothing. 422 webhook.invalid {problem}.",
        status_code=204,
        responses=documented(404, 413),
    )
    async def receive(request: AnyRequest, gateway: FromPath[str]) -> None:
        headers = {name.lower(): value for name, value in request.headers.items()}
        await app.payments.receive(gateway, await request.body(), headers)

    return receive


def _payee(app: "App", payees: Payees) -> list[HTTPRouteHandler]:
    @get(
        "/api/v1/stores/{store_id:str}/payee",
        tags=TAGS,
        operation_id="getPayee",
        summary="How far a store's own account at the gateway is, for its members",
        responses=documented(401, 403, 404),
    )
    async def payee(store_id: FromPath[str], actor: Actor) -> Payee:
        return await payees.mine(actor, store_id)

    @post(
        "/api/v1/stores/{store_id:str}/payee",
        tags=TAGS,
        operation_id="openPayee",
        summary="Open a store's own account at the gateway, or complete it: the page to go to",
        status_code=200,
        responses=documented(401, 403, 404),
    )
    async def onboard(request: AnyRequest, store_id: FromPath[str], actor: Actor) -> PayeeLink:
        app.limits.take(f"payee {actor.id}", STEPS_PER_MINUTE, 60)
        return await payees.open(actor, store_id, f"{site_of(request).origin}/studio/money?store={store_id}")

    return [payee, onboard]


def _issue(app: "App", house: SandboxGateway) -> HTTPRouteHandler:
    @post(
        "/api/v1/sandbox/cards",
        tags=TAGS,
        operation_id="issueSandboxCard",
        summary="Exchange a test card's number for a token",
        description="The sandbox gateway's own counter, the only place that sees a number; it is not kept. It takes "
        "test cards only: 4242 4242 4242 4242 pays, 4000 0027 6000 3184 wants 3-D Secure, 4000 0000 0000 0002 is "
        "declined; the others are in docs/domains/payments.md. 422 card.invalid.",
        responses=documented(),
    )
    async def issue(request: AnyRequest, data: JSONBody[CardInput]) -> SandboxCard:
        app.limits.take(f"sandbox {source_of(request)}", CARDS_PER_MINUTE, 60)
        return await house.issue(number=data.number, exp_month=data.exp_month, exp_year=data.exp_year, cvc=data.cvc)

    return issue


def _page(app: "App", house: SandboxGateway) -> list[HTTPRouteHandler]:
    @get(
        "/api/v1/sandbox/payments/{reference:str}",
        tags=TAGS,
        operation_id="getSandboxPayment",
        summary="A payment as the sandbox's page shows it",
        description="Whoever has the reference may see it, as with the page of a bank.",
        responses=documented(404),
    )
    async def payment(reference: FromPath[str]) -> SandboxPayment:
        return await house.payment(reference)

    @post(
        "/api/v1/sandbox/payments/{reference:str}/{step:str}",
        tags=TAGS,
        operation_id="stepSandboxPayment",
        summary="Go on with a payment at the sandbox's page",
        description="approve or fail the 3-D Secure step; pay at the konbini's counter, or let its time run out "
        "(expire). 409 sandbox.moved {state}.",
        status_code=200,
        responses=documented(404, 409),
    )
    async def step(request: AnyRequest, reference: FromPath[str], step: FromPath[Step]) -> SandboxPayment:
        app.limits.take(f"sandbox step {source_of(request)}", STEPS_PER_MINUTE, 60)
        return await house.step(reference, step)

    return [payment, step]
