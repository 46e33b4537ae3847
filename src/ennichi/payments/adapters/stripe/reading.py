"""What Stripe's objects say, in our own words."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import stripe

from ennichi.payments.model import (
    Action,
    ActionRequired,
    Answer,
    Arrived,
    Authorised,
    Awaiting,
    Brand,
    Captured,
    Declined,
    DeclineReason,
    Failed,
    Instructions,
    Outflow,
    Sent,
)

PROVE_WITHIN = timedelta(minutes=15)
CHAINS = ("familymart", "lawson", "ministop", "seicomart")
BRANDS: Mapping[str, Brand] = {
    "visa": "visa",
    "mastercard": "mastercard",
    "jcb": "jcb",
    "amex": "amex",
    "diners": "diners",
    "discover": "discover",
    "unionpay": "unionpay",
}
REASONS: Mapping[str, DeclineReason] = {
    "insufficient_funds": "insufficient_funds",
    "expired_card": "expired_card",
    "authentication_required": "authentication_failed",
    "payment_intent_authentication_failure": "authentication_failed",
    "processing_error": "processing_error",
    "payment_intent_payment_attempt_expired": "expired",
}


class Unsettled(Exception):
    """Stripe is still at it: what becomes of the charge is not known yet."""


def answer_of(intent: stripe.PaymentIntent) -> Answer | None:
    """What an intent says of its charge; None once it is cancelled. Raises Unsettled while Stripe is still at it."""
    match intent.status:
        case "succeeded":
            return Captured(intent.id)
        case "requires_capture":
            return Authorised(intent.id)
        case "canceled":
            return None
        case "requires_action":
            return _at_counter(intent) or ActionRequired(
                intent.id,
                Action(kind="stripe", client_secret=intent.client_secret),
                moment(intent.created) + PROVE_WITHIN,
            )
        case "requires_payment_method":
            wrong = plain(intent.last_payment_error)
            return Declined(reason_of(wrong.get("code"), wrong.get("decline_code")))
        case _:
            raise Unsettled(intent.status)


def _at_counter(intent: stripe.PaymentIntent) -> Awaiting | None:
    """Where and until when to pay in cash, when that is what the intent waits for."""
    details = plain(intent.next_action).get("konbini_display_details")
    if details is None:
        return None
    # The numbers differ from chain to chain; Stripe's page has them all, and the first is for those who only read.
    chains = details.get("stores") or {}
    first: dict[str, Any] = next((chains[name] for name in CHAINS if chains.get(name)), {})
    return Awaiting(
        intent.id,
        Instructions(
            number=first.get("payment_code") or "",
            confirmation=first.get("confirmation_number") or "",
            url=details.get("hosted_voucher_url") or "",
            pay_by=moment(details["expires_at"]),
        ),
    )


def refund_of(refund: stripe.Refund) -> Outflow:
    """What a refund of Stripe's says."""
    match refund.status:
        case "succeeded":
            return Arrived(refund.id)
        case "failed" | "canceled":
            return Failed(plain(refund).get("failure_reason") or refund.status)
        case _:
            return Sent(refund.id)


def payout_of(payout: stripe.Payout) -> Outflow:
    """What a payout of Stripe's says."""
    match payout.status:
        case "paid":
            return Arrived(payout.id)
        case "failed" | "canceled":
            return Failed(plain(payout).get("failure_code") or payout.status)
        case _:
            return Sent(payout.id)


def reason_of(code: str | None, decline_code: str | None) -> DeclineReason:
    """Why a charge was refused, as far as buyers can do something about it."""
    return REASONS.get(decline_code or "") or REASONS.get(code or "") or "card_declined"


def refusal_of(param: str | None) -> DeclineReason:
    """Why nothing came of a request that Stripe does not take as it is; `param` is what it finds wrong in it."""
    return "card_declined" if param == "payment_method" else "processing_error"


def note(thing: stripe.PaymentIntent | stripe.Refund | stripe.Payout, name: str) -> str | None:
    """What we wrote on it when we asked for it."""
    return plain(thing.metadata).get(name)


def plain(thing: stripe.StripeObject | None) -> dict[str, Any]:
    """As a dictionary: the SDK's objects raise for what Stripe leaves out."""
    return thing.to_dict() if thing else {}


def moment(seconds: int) -> datetime:
    """A time as Stripe writes it."""
    return datetime.fromtimestamp(seconds, UTC)
