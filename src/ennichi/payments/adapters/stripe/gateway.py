"""Stripe, through its official SDK: PaymentIntents with saved cards and 3-D Secure, konbini, Connect, webhooks.

Invariants: a card's money is set aside first and taken by `capture` (manual capture), so nothing is taken that could
not be sold; every call that moves money carries our own id as idempotency key; every PaymentIntent belongs to a
customer of ours and carries `charge_id`, so it can be found again when its answer was lost: Stripe's search lags
behind, its list of a customer's intents does not. No card number comes here: the page hands it to Stripe and we get
the id of a PaymentMethod.

https://docs.stripe.com/payments/paymentintents/lifecycle, https://docs.stripe.com/connect/destination-charges
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import stripe
import structlog

from ennichi.kit.clock import Clock
from ennichi.payments.adapters.stripe.messages import hint_of
from ennichi.payments.adapters.stripe.reading import (
    BRANDS,
    answer_of,
    note,
    payout_of,
    plain,
    reason_of,
    refund_of,
    refusal_of,
)
from ennichi.payments.errors import GatewaySilent
from ennichi.payments.model import (
    Answer,
    Captured,
    Declined,
    Failed,
    GatewayCard,
    Hint,
    Method,
    Onboarding,
    Outflow,
    Transfer,
)
from ennichi.payments.ports import Ask, Customers, Sought

log = structlog.get_logger(__name__)

TIMEOUT_SECONDS = 20.0
KONBINI_DAYS = 3
LOOK_BACK = timedelta(minutes=5)
"""How far the two clocks may be apart."""

_REFUSALS = (stripe.InvalidRequestError, stripe.AuthenticationError, stripe.PermissionError)
"""Nothing is done of a request that is answered with one of these."""

_PAYMENT_METHOD = re.compile(r"[A-Za-z0-9_]{1,200}")


class StripeGateway:
    """A `Gateway`. `api_base` names another house that speaks like Stripe, for tests."""

    name = "stripe"
    methods: list[Method] = ["card", "konbini"]  # noqa: RUF012 (the port's own shape; nobody changes it)
    by_hand = False

    def __init__(
        self,
        clock: Clock,
        customers: Customers,
        *,
        secret_key: str,
        publishable_key: str,
        webhook_secret: str,
        api_base: str | None = None,
    ) -> None:
        self._clock = clock
        self._customers = customers
        self._webhook_secret = webhook_secret
        self.publishable_key = publishable_key
        self._wire = _Wire(timeout=TIMEOUT_SECONDS)
        client = stripe.StripeClient(
            secret_key,
            http_client=self._wire,
            max_network_retries=2,
            base_addresses={"api": api_base} if api_base else None,
        )
        self._api = client.v1

    async def card(self, ref: str) -> GatewayCard | None:
        """See Gateway."""
        if not _PAYMENT_METHOD.fullmatch(ref):
            return None
        try:
            async with _awaited():
                method = await self._api.payment_methods.retrieve_async(ref)
        except stripe.InvalidRequestError:
            return None
        card = plain(method).get("card")
        if card is None:
            return None
        return GatewayCard(
            ref=method.id,
            brand=BRANDS.get(card["brand"], "other"),
            last4=card["last4"],
            exp_month=card["exp_month"],
            exp_year=card["exp_year"],
        )

    async def authorise(self, ask: Ask) -> Answer:
        """See Gateway."""
        try:
            params: Any = _intent(ask, await self._customer(ask.account_id))
            intent = await self._api.payment_intents.create_async(params, {"idempotency_key": ask.charge_id})
        except stripe.CardError as refused:
            return Declined(reason_of(refused.code, _decline_code(refused)))
        except _REFUSALS as refused:
            _require_final(refused)
            log.exception("Stripe does not take a charge", charge=ask.charge_id)
            return Declined(refusal_of(getattr(refused, "param", None)))
        if _replayed(intent):  # as it was then; what has become of it since counts
            intent = await self._api.payment_intents.retrieve_async(intent.id)
        answer = answer_of(intent)
        if answer is None:
            raise RuntimeError("Stripe cancelled a PaymentIntent that was only just asked for")
        return answer

    async def capture(self, reference: str, amount: int, key: str) -> Captured | Declined:
        """See Gateway."""
        try:
            intent = await self._api.payment_intents.capture_async(
                reference, {"amount_to_capture": amount}, {"idempotency_key": key}
            )
        except stripe.CardError as refused:
            return Declined(reason_of(refused.code, _decline_code(refused)))
        except stripe.InvalidRequestError as refused:
            _require_final(refused)
            intent = await self._api.payment_intents.retrieve_async(reference)
            if intent.status == "requires_capture":
                log.exception("Stripe does not take what was set aside", payment_intent=reference)
                return await self.cancel(reference, f"{key}-cancel") or Declined("processing_error")
        answer = answer_of(intent)
        return answer if isinstance(answer, Captured | Declined) else Declined("expired")

    async def cancel(self, reference: str, key: str) -> Captured | None:
        """See Gateway."""
        try:
            intent = await self._api.payment_intents.cancel_async(reference, {}, {"idempotency_key": key})
        except stripe.InvalidRequestError as refused:
            if refused.code != "payment_intent_unexpected_state":
                raise
            intent = await self._api.payment_intents.retrieve_async(reference)
        answer = answer_of(intent)
        return answer if isinstance(answer, Captured) else None

    async def find(self, sought: Sought) -> Answer | None:
        """See Gateway."""
        if sought.reference is not None:
            return answer_of(await self._api.payment_intents.retrieve_async(sought.reference))
        customer = await self._customers.of(self.name, sought.account_id)
        if customer is None:
            return None
        since = int((sought.created_at - LOOK_BACK).timestamp())
        page = await self._api.payment_intents.list_async(
            {"customer": customer, "created": {"gte": since}, "limit": 100}
        )
        async for intent in page.auto_paging_iter():
            if note(intent, "charge_id") == sought.charge_id:
                return answer_of(intent)
        return None

    async def refund(self, reference: str, amount: int, key: str) -> Outflow:
        """See Gateway. What went to a store's own account comes back from there, with its share of the fee."""
        intent = await self._api.payment_intents.retrieve_async(reference)
        params: Any = {"payment_intent": reference, "amount": amount, "metadata": {"refund_id": key}}
        if intent.transfer_data is not None:
            params |= {"reverse_transfer": True, "refund_application_fee": bool(intent.application_fee_amount)}
        try:
            return refund_of(await self._api.refunds.create_async(params, {"idempotency_key": key}))
        except stripe.InvalidRequestError as refused:
            _require_final(refused)
            return Failed(refused.code or "invalid_request")

    async def find_refund(self, reference: str, key: str) -> Outflow | None:
        """See Gateway."""
        page = await self._api.refunds.list_async({"payment_intent": reference, "limit": 100})
        async for refund in page.auto_paging_iter():
            if note(refund, "refund_id") == key:
                return refund_of(refund)
        return None

    async def payout(self, transfer: Transfer) -> Outflow:
        """See Gateway. From the store's own account at Stripe to the bank that it named there."""
        if transfer.destination is None:
            return Failed("no_account")
        params: Any = {"amount": transfer.amount, "currency": "jpy", "metadata": {"transfer_id": transfer.id}}
        try:
            return payout_of(
                await self._api.payouts.create_async(
                    params, {"idempotency_key": transfer.id, "stripe_account": transfer.destination}
                )
            )
        except stripe.InvalidRequestError as refused:
            _require_final(refused)
            return Failed(refused.code or "invalid_request")

    async def find_payout(self, transfer: Transfer) -> Outflow | None:
        """See Gateway."""
        if transfer.destination is None:
            return None
        page = await self._api.payouts.list_async({"limit": 100}, {"stripe_account": transfer.destination})
        async for payout in page.auto_paging_iter():
            if note(payout, "transfer_id") == transfer.id:
                return payout_of(payout)
        return None

    async def onboard(self, store_id: str, account: str | None, back: str) -> Onboarding | None:
        """See Gateway. Payouts are by hand: the money stays there until the ledger says that it is the store's."""
        async with _awaited():
            if account is None:
                params: Any = {
                    "type": "express",
                    "country": "JP",
                    "capabilities": {"card_payments": {"requested": True}, "transfers": {"requested": True}},
                    "settings": {"payouts": {"schedule": {"interval": "manual"}}},
                    "metadata": {"store_id": store_id},
                }
                made = await self._api.accounts.create_async(params, {"idempotency_key": f"payee-{store_id}"})
                account = made.id
            link = await self._api.account_links.create_async(
                {"account": account, "refresh_url": back, "return_url": back, "type": "account_onboarding"}
            )
        return Onboarding(account=account, url=link.url)

    async def payee_ready(self, account: str) -> bool:
        """See Gateway."""
        async with _awaited():
            known = await self._api.accounts.retrieve_async(account)
        return bool(known.payouts_enabled) and plain(known.capabilities).get("transfers") == "active"

    async def webhook(self, body: bytes, headers: Mapping[str, str]) -> Hint:
        """See Gateway."""
        return hint_of(body, headers, secret=self._webhook_secret, now=self._clock.now())

    async def close(self) -> None:
        """See Gateway."""
        await self._wire.close_async()  # type: ignore[no-untyped-call]  # the SDK's

    async def _customer(self, account_id: str) -> str:
        known = await self._customers.of(self.name, account_id)
        if known is not None:
            return known
        made = await self._api.customers.create_async(
            {"metadata": {"account_id": account_id}}, {"idempotency_key": f"customer-{account_id}"}
        )
        return await self._customers.keep(self.name, account_id, made.id)


@contextlib.asynccontextmanager
async def _awaited() -> AsyncIterator[None]:
    """For what a person waits for: GatewaySilent when Stripe is late, or has trouble of its own."""
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            yield
    except (TimeoutError, stripe.APIConnectionError, stripe.APIError, stripe.RateLimitError) as problem:
        log.warning("Stripe does not answer", problem=repr(problem))
        raise GatewaySilent from problem


class _Wire(stripe.HTTPXClient):
    """The SDK's own client, with bodies handed over under the name httpx has for them now."""

    def _get_request_args_kwargs(self, method: str, url: str, headers: Mapping[str, str], post_data: Any) -> Any:
        args, kwargs = super()._get_request_args_kwargs(method, url, headers, post_data)
        kwargs["content"] = kwargs.pop("data") or None
        return args, kwargs


def _intent(ask: Ask, customer: str) -> dict[str, Any]:
    params: dict[str, Any] = {
        "amount": ask.amount,
        "currency": ask.currency.lower(),
        "customer": customer,
        "confirm": True,
        "metadata": {"charge_id": ask.charge_id},
    }
    if ask.means.card is not None:
        params |= {
            "payment_method_types": ["card"],
            "payment_method": ask.means.card.ref,
            "capture_method": "manual",
            # The page shows the bank's step itself, over the video, instead of leaving for another site.
            "use_stripe_sdk": True,
        }
        if ask.save:
            params["setup_future_usage"] = "on_session"
    else:
        params |= {
            "payment_method_types": ["konbini"],
            "payment_method_data": {
                "type": "konbini",
                "billing_details": {"name": ask.payer_name, "email": ask.payer_email},
            },
            "payment_method_options": {"konbini": {"expires_after_days": KONBINI_DAYS}},
        }
    if ask.destination is not None:
        params["transfer_data"] = {"destination": ask.destination}
        if ask.fee:
            params["application_fee_amount"] = ask.fee
    return params


def _require_final(refused: stripe.StripeError) -> None:
    """Raise it again when the same request is still being worked on, so that what comes of it is not known."""
    if refused.code == "idempotency_key_in_use":
        raise refused


def _decline_code(refused: stripe.CardError) -> str | None:
    return getattr(refused.error, "decline_code", None)


def _replayed(intent: stripe.PaymentIntent) -> bool:
    """Whether Stripe answers as it did when this key came first."""
    said = intent.last_response
    return said is not None and dict(said.headers or {}).get("idempotent-replayed") == "true"
