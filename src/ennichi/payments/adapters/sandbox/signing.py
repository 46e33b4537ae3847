"""How the sandbox signs what it tells: HMAC-SHA256 over the time and the body, as Stripe does it."""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from ennichi.payments.errors import WebhookInvalid

HEADER = "sandbox-signature"
TOLERANCE = timedelta(minutes=5)
"""An older message may be one that somebody wrote down and sends again."""


def signed(secret: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers of a message."""
    at = int(now.timestamp())
    return {HEADER: f"t={at},v1={_digest(secret, at, body)}"}


def verify(secret: str, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
    """WebhookInvalid unless the message is signed with this secret, and was so just now."""
    parts = dict(part.partition("=")[::2] for part in headers.get(HEADER, "").split(","))
    stamp = parts.get("t", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise WebhookInvalid(problem="signature_missing")
    if not hmac.compare_digest(_digest(secret, int(stamp), body).encode(), parts.get("v1", "").encode()):
        raise WebhookInvalid(problem="signature_wrong")
    if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        raise WebhookInvalid(problem="too_old")


def _digest(secret: str, at: int, body: bytes) -> str:
    return hmac.digest(secret.encode(), b"%d." % at + body, "sha256").hex()
