"""Links that open one order, to be read, without signing in: for the mail of those who bought as guests.

A link names its order and until when it opens it, signed with a key of this installation. It opens nothing else.
"""

import base64
import hashlib
import hmac
from datetime import timedelta

from ennichi.kit.clock import Clock

LIFE = timedelta(days=400)
"""Longer than a year's books are open."""


class OrderLinks:
    """Signs links and checks them. `secret` may be used for other things, too: the key is made from it."""

    def __init__(self, secret: bytes, clock: Clock) -> None:
        self._key = hmac.digest(secret, b"links to orders", hashlib.sha256)
        self._clock = clock

    def path(self, order_id: str, *, signed: bool) -> str:
        """The address of an order's page; `signed`, it opens without signing in."""
        return f"/orders/{order_id}" + (f"?token={self.token(order_id)}" if signed else "")

    def token(self, order_id: str) -> str:
        """What opens this order for somebody who has nothing but the link."""
        until = f"{int((self._clock.now() + LIFE).timestamp()):x}"
        return f"{until}.{self._signature(order_id, until)}"

    def opens(self, order_id: str, token: str) -> bool:
        """Whether `token` opens the order now."""
        until, _, signature = token.partition(".")
        good = hmac.compare_digest(
            signature.encode("utf-8", "surrogatepass"), self._signature(order_id, until).encode()
        )
        return good and int(until, 16) > self._clock.now().timestamp()

    def _signature(self, order_id: str, until: str) -> str:
        digest = hmac.digest(self._key, f"{order_id}.{until}".encode("utf-8", "surrogatepass"), hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:24]).decode()
