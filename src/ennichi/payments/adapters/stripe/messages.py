"""Stripe's messages: believed for their signature, read for what they are about and for nothing else.

https://docs.stripe.com/webhooks#verify-manually
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
import stripe

from ennichi.payments.adapters.stripe.reading import moment
from ennichi.payments.errors import WebhookInvalid
from ennichi.payments.model import Hint

TOLERANCE = timedelta(minutes=5)
"""How old a message may be; Stripe signs anew each time it sends one again."""


class _About(msgspec.Struct):
    """The thing a message is about, as far as it matters."""

    object: str = ""
    metadata: dict[str, str] | None = None


class _Data(msgspec.Struct):
    object: _About


class _Event(msgspec.Struct):
    """A message of Stripe's, as far as it matters: everything else is asked for."""

    id: str
    type: str
    data: _Data


def hint_of(body: bytes, headers: Mapping[str, str], *, secret: str, now: datetime) -> Hint:
    """What a message is about. WebhookInvalid unless it was signed with `secret` just now."""
    signature = headers.get("stripe-signature")
    if signature is None:
        raise WebhookInvalid(problem="signature_missing")
    try:
        stripe.WebhookSignature.verify_header(body.decode("utf-8"), signature, secret)
    except (stripe.SignatureVerificationError, UnicodeDecodeError) as wrong:
        raise WebhookInvalid(problem="signature_wrong") from wrong
    # By our own clock: the SDK would look at the machine's.
    if abs(now - _signed_at(signature)) > TOLERANCE:
        raise WebhookInvalid(problem="too_old")
    try:
        event = msgspec.json.decode(body, type=_Event)
    except msgspec.DecodeError as wrong:
        raise WebhookInvalid(problem="not_a_message") from wrong
    about = event.data.object
    notes = about.metadata or {}
    return Hint(
        event_id=event.id,
        type=event.type,
        charge_id=notes.get("charge_id") if about.object == "payment_intent" else None,
        refund_id=notes.get("refund_id") if about.object == "refund" else None,
    )


def _signed_at(header: str) -> datetime:
    """The time in a signature that was verified before."""
    return moment(int(next(part[2:] for part in header.split(",") if part.startswith("t="))))
