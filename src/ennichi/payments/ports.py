"""The outside world of money."""

from typing import Protocol

from ennichi.payments.model import Approved, Declined, GatewayCard


class Gateway(Protocol):
    """Somebody who can take money from a card. Never called inside a database transaction.

    Any method may raise when the gateway cannot be reached; whether a charge happened is then unknown until `find`
    says.
    """

    async def card(self, ref: str) -> GatewayCard | None:
        """The card behind a reference, or None when there is none."""
        ...

    async def charge(self, *, amount: int, currency: str, card_ref: str, idempotency_key: str) -> Approved | Declined:
        """Take `amount` minor units. The same key again gives the same answer and takes nothing more."""
        ...

    async def find(self, idempotency_key: str) -> Approved | Declined | None:
        """What came of the charge with this key; None when no such charge ever arrived."""
        ...
