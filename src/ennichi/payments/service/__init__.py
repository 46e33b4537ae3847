"""Use cases of payments.

Invariants: a charge is written as pending, and committed, before the gateway hears of it; its id is the gateway's
idempotency key, so it can be asked for again after a crash; it is settled once. The gateway is never called inside a
transaction. Money that comes for a charge that is over goes back by itself.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from ennichi.accounts import Account
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database, Later, Transaction
from ennichi.kit.ids import Ids
from ennichi.payments import queries
from ennichi.payments.model import (
    Card,
    Charge,
    GatewayCard,
    Means,
    Method,
    NewCharge,
    Outcome,
    Outflow,
    Pay,
    Refund,
    Till,
    Transfer,
)
from ennichi.payments.ports import Gateway
from ennichi.payments.service.cards import Cards
from ennichi.payments.service.charging import GATEWAY_SECONDS, Charging
from ennichi.payments.service.inbox import Inbox
from ennichi.payments.service.payees import Payees
from ennichi.payments.service.refunding import Refunding
from ennichi.payments.service.rows import charge_of
from ennichi.payments.service.settling import Settling


class PaymentService:
    """Saved cards; charges, refunds and payouts through the gateway; the gateway's messages."""

    def __init__(self, db: Database, clock: Clock, ids: Ids, gateway: Gateway, *, payees: Payees | None = None) -> None:
        self._db = db
        self._gateway = gateway
        self._payees = payees
        self._settling = Settling(db, clock, ids)
        self._cards = Cards(db, clock, ids, gateway)
        self._charging = Charging(db, clock, ids, gateway, self._settling, payees=payees)
        self._refunding = Refunding(db, clock, gateway)
        self._inbox = Inbox(db, clock, gateway, self._charging, self._refunding)

    def methods(self) -> list[Method]:
        """Ways to pay that are taken here."""
        return self._gateway.methods

    def till(self) -> Till:
        """What a page has to know to let somebody pay."""
        gateway = self._gateway
        return Till(gateway=gateway.name, methods=gateway.methods, publishable_key=gateway.publishable_key)

    async def cards(self, where: Connection, account_id: str) -> list[Card]:
        """Saved cards, the one used last first."""
        return await self._cards.of(where, account_id)

    async def latest_cards(self, where: Connection, account_ids: Iterable[str]) -> dict[str, Card]:
        """The card each of these accounts used last, of those that saved one, in one statement."""
        return await self._cards.latest(where, account_ids)

    async def latest_cards_later(self, where: Connection, account_ids: Iterable[str]) -> Later[dict[str, Card]]:
        """The same, sent `together` with other statements."""
        return await self._cards.latest_later(where, account_ids)

    async def my_cards(self, actor: Account) -> list[Card]:
        """The actor's saved cards, the one used last first."""
        async with self._db.read() as conn:
            return await self._cards.of(conn, actor.id)

    async def forget_card(self, actor: Account, card_id: str) -> list[Card]:
        """Take a saved card away; returns those left. CardNotFound."""
        return await self._cards.forget(actor, card_id)

    async def keep_card(self, tx: Transaction, account_id: str, card: GatewayCard) -> Card:
        """Save a card for next time; the same card again replaces its reference. Charges with `save` do it alone."""
        return await self._cards.keep(tx, account_id, card)

    async def choose(self, account_id: str, pay: Pay | None) -> Means | None:
        """What to pay with: as said, else the saved card used last, else None.

        Raises CardInvalid for a token the gateway does not know, CardNotFound for a card that is not saved,
        MethodUnavailable for a way to pay the gateway does not take.
        """
        return await self._cards.choose(account_id, pay)

    async def begin(self, tx: Transaction, charges: Sequence[NewCharge]) -> list[Charge]:
        """Write down charges that are about to be made; they come back in the same order, pending."""
        return await self._charging.begin(tx, charges)

    async def ask(self, charge: Charge) -> Outcome:
        """Have the gateway make the charge: authorise, then capture. Call it outside any transaction, after the commit.

        It takes at most 20 seconds. Whatever it raises leaves the outcome unknown: `look` and `reconcile` find it.
        """
        return await self._charging.ask(charge)

    async def settle(self, charge_id: str, outcome: Outcome | None) -> Charge:
        """Note what became of a charge (None: void, it never was), many in one commit; returns it as it stands then.

        Whoever listens to PaymentsSettled is told inside that transaction. What a charge cannot become any more changes
        nothing. Money for one that is declined or void is refunded by itself.
        """
        return await self._settling.settle(charge_id, outcome)

    async def look(self, charge_id: str) -> Charge:
        """Ask the gateway now what became of a charge, go on from there, settle it; returns it as it stands then.

        Call it outside any transaction. A charge the gateway never heard of becomes void once no request can be on its
        way any more; one that wants something of its buyer for too long is cancelled and declined (`expired`).
        """
        return await self._charging.look(charge_id)

    async def give_up(self, charge_id: str) -> Charge:
        """Cancel a charge at the gateway and settle it; returns it as it stands then.

        Void, or declined (`cancelled`) where it awaited payment; succeeded when it was too late; pending still, when
        the gateway has not heard of it yet and may do so at any moment. Call it outside any transaction.
        """
        return await self._charging.give_up(charge_id)

    async def charge(self, where: Connection, charge_id: str) -> Charge:
        """A charge as it stands."""
        return await self._charging.charge(where, charge_id)

    async def charges(self, where: Connection, charge_ids: Sequence[str]) -> dict[str, Charge]:
        """Charges as they stand, by id; unknown ids are left out."""
        rows = await queries.CHARGES.all(where, ids=list(charge_ids))
        return {row.id: charge_of(row) for row in rows}

    async def reconcile(self) -> None:
        """A job: look at every charge whose time has come, because something fell over or nobody said anything."""
        await self._charging.reconcile()

    async def refund(self, tx: Transaction, charge_id: str, amount: int, *, id: str) -> Refund:  # noqa: A002 (its name)
        """Write down that `amount` of a charge goes back; the job carries it out. The same id again adds nothing.

        Raises RefundTooLarge for more than is left of what was taken.
        """
        return await self._refunding.begin(tx, charge_id, amount, id)

    async def refunds(self, where: Connection, charge_id: str) -> list[Refund]:
        """Every refund of a charge, the first one first."""
        return await queries.REFUNDS.all(where, charge_id=charge_id)

    async def work_refunds(self) -> None:
        """A job: carry out the refunds that are due, and tell RefundsSettled of those that came to their end."""
        await self._refunding.work()

    async def receive(self, gateway: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Keep a gateway's message, once; the job works it. Header names are lower case.

        Raises GatewayUnknown, and WebhookInvalid unless the message proves that it is the gateway's.
        """
        await self._inbox.receive(gateway, body, headers)

    async def work_webhooks(self) -> None:
        """A job: follow the messages that are due."""
        await self._inbox.work()

    @property
    def by_hand(self) -> bool:
        """Whether the gateway only keeps account of transfers to banks, and the market makes them itself."""
        return self._gateway.by_hand

    async def payout(self, transfer: Transfer) -> Outflow:
        """Send money to a store's bank. What it raises leaves the outcome unknown; the same id sends nothing more."""
        async with asyncio.timeout(GATEWAY_SECONDS):
            return await self._gateway.payout(await self._placed(transfer))

    async def find_payout(self, transfer: Transfer) -> Outflow | None:
        """What came of a transfer; None when the gateway never heard of it."""
        async with asyncio.timeout(GATEWAY_SECONDS):
            return await self._gateway.find_payout(await self._placed(transfer))

    async def _placed(self, transfer: Transfer) -> Transfer:
        """With the store's own account at the gateway, where the money is already."""
        if self._payees is None:
            return transfer
        return replace(transfer, destination=await self._payees.account(transfer.store_id))

    async def stop(self) -> None:
        """Return when everything asked for is written; the gateway is closed."""
        await self._settling.stop()
        await self._gateway.close()
