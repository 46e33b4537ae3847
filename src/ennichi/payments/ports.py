"""The outside world of money."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from ennichi.payments.model import (
    Answer,
    Captured,
    Declined,
    GatewayCard,
    Hint,
    Means,
    Method,
    Onboarding,
    Outflow,
    Transfer,
)


class Ask(Struct, kw_only=True, frozen=True):
    """A charge as the gateway is asked for it. `charge_id` is the idempotency key."""

    charge_id: str
    account_id: str
    amount: int
    currency: str
    means: Means
    save: bool = False
    destination: str | None = None
    fee: int = 0
    return_url: str = ""
    payer_name: str = ""
    payer_email: str = ""


class Sought(Struct, kw_only=True, frozen=True):
    """All that helps to find a charge again: the gateway's own `reference`, where it is known, and what it was for."""

    charge_id: str
    account_id: str
    reference: str | None
    created_at: datetime


class Gateway(Protocol):
    """Somebody who can take money. Never called inside a database transaction.

    Any method may raise when the gateway cannot be reached or does not answer; whether anything happened is then
    unknown until `find`, `find_refund` or `find_payout` says. A call repeated with the same key does nothing more.
    """

    @property
    def name(self) -> str:
        """What its rows and its webhook's address are named by."""
        ...

    @property
    def methods(self) -> list[Method]:
        """Ways to pay that it takes."""
        ...

    @property
    def publishable_key(self) -> str | None:
        """What its program in the page is started with."""
        ...

    @property
    def by_hand(self) -> bool:
        """Whether it only keeps account of transfers to banks, and the market makes them itself."""
        ...

    async def card(self, ref: str) -> GatewayCard | None:
        """The card behind a reference, or None when there is none."""
        ...

    async def authorise(self, ask: Ask) -> Answer:
        """Have the money set aside, where the method can; `Captured` where it takes it at once.

        `Declined` also for what the gateway does not take as it is asked: nothing is under way then.
        """
        ...

    async def capture(self, reference: str, amount: int, key: str) -> Captured | Declined:
        """Take what was set aside; `Declined` when that cannot be any more, and then it is let go of."""
        ...

    async def cancel(self, reference: str, key: str) -> Captured | None:
        """Let go of what was set aside or asked for; Captured when it was too late for that."""
        ...

    async def find(self, sought: Sought) -> Answer | None:
        """What came of a charge; None when no such charge ever arrived, or it was cancelled."""
        ...

    async def refund(self, reference: str, amount: int, key: str) -> Outflow:
        """Give back `amount` of a captured charge; `key` is the refund's id."""
        ...

    async def find_refund(self, reference: str, key: str) -> Outflow | None:
        """What came of the refund with this key; None when it never arrived."""
        ...

    async def payout(self, transfer: Transfer) -> Outflow:
        """Send money to a store's bank."""
        ...

    async def find_payout(self, transfer: Transfer) -> Outflow | None:
        """What came of a transfer; None when it never arrived."""
        ...

    async def onboard(self, store_id: str, account: str | None, back: str) -> Onboarding | None:
        """Let a store open its own account there, or complete `account`; None where stores have none.

        The same store again is given the same account. `back` is the page to come back to.
        """
        ...

    async def payee_ready(self, account: str) -> bool:
        """Whether a store's account may take money, and send it on to its bank."""
        ...

    async def webhook(self, body: bytes, headers: Mapping[str, str]) -> Hint:
        """What a message of its own is about; WebhookInvalid unless its signature proves it.

        Header names are in lower case.
        """
        ...

    async def close(self) -> None:
        """Let go of the connections that it keeps open; nothing is asked of it afterwards."""
        ...


class Customers(Protocol):
    """Remembers under which name a gateway knows an account."""

    async def of(self, gateway: str, account_id: str) -> str | None:
        """The gateway's name for the account, or None."""
        ...

    async def keep(self, gateway: str, account_id: str, customer: str) -> str:
        """Keep it; returns the one that was kept first."""
        ...
