"""Charges: written down, asked for, looked up, given up.

A charge is committed as pending before the gateway hears of it, and its id is the gateway's idempotency key: whatever
falls over in between, one can ask what became of it, and go on from there. What the gateway says now is followed
wherever it comes from, an answer, a message or a look, so these may come in any order and any number.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog

from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database, Transaction
from ennichi.kit.ids import Ids
from ennichi.kit.outage import outage
from ennichi.payments import queries
from ennichi.payments.model import (
    OPEN_STATES,
    ActionRequired,
    Answer,
    Authorised,
    Awaiting,
    Captured,
    Charge,
    Declined,
    Means,
    NewCharge,
    Outcome,
)
from ennichi.payments.ports import Ask, Gateway
from ennichi.payments.service.payees import Payees, fee_of
from ennichi.payments.service.rows import added, as_json, charge_of, sought
from ennichi.payments.service.settling import Settling

log = structlog.get_logger(__name__)

CURRENCY = "JPY"

GATEWAY_SECONDS = 20.0
"""How long a call to the gateway may take before its outcome counts as unknown."""

SURELY_OVER = timedelta(seconds=30)
"""After this time no call to the gateway can still be on its way, in any process."""

BATCH = 100
AT_ONCE = 8


class Charging:
    """Taking money."""

    def __init__(
        self, db: Database, clock: Clock, ids: Ids, gateway: Gateway, settling: Settling, *, payees: Payees | None
    ) -> None:
        self._payees = payees
        self._db = db
        self._clock = clock
        self._ids = ids
        self._gateway = gateway
        self._settling = settling

    async def begin(self, tx: Transaction, charges: Sequence[NewCharge]) -> list[Charge]:
        """See PaymentService.begin."""
        now = self._clock.now()
        shared = await self._payees.shared(tx, charges) if self._payees else {}
        begun = [self._new(charge, shared.get(charge.store_id or "")) for charge in charges]
        if begun:
            await queries.ADD_CHARGES.run(
                tx,
                rows=as_json([added(charge) for charge in begun]),
                gateway=self._gateway.name,
                now=now,
                look_at=now + SURELY_OVER,
            )
        return begun

    async def ask(self, charge: Charge) -> Outcome:
        """See PaymentService.ask."""
        async with asyncio.timeout(GATEWAY_SECONDS):
            answer = await self._gateway.authorise(
                Ask(
                    charge_id=charge.id,
                    account_id=charge.account_id,
                    amount=charge.amount,
                    currency=charge.currency,
                    means=Means(method=charge.method, card=charge.card),
                    save=charge.save,
                    destination=charge.destination,
                    fee=charge.fee,
                    return_url=charge.return_url,
                    payer_name=charge.payer_name,
                    payer_email=charge.payer_email,
                )
            )
            return await self._taken(charge, answer)

    async def charge(self, where: Connection, charge_id: str) -> Charge:
        """See PaymentService.charge."""
        return charge_of(await queries.CHARGE.one(where, id=charge_id))

    async def look(self, charge_id: str) -> Charge:
        """See PaymentService.look."""
        async with self._db.read() as conn:
            charge = await self.charge(conn, charge_id)
        if charge.state == "succeeded":
            return charge
        async with asyncio.timeout(GATEWAY_SECONDS):
            found = await self._gateway.find(sought(charge))
            if charge.state not in OPEN_STATES:
                return await self._close(charge, found)
            if isinstance(found, ActionRequired) and found.expires_at <= self._clock.now():
                return await self._withdraw(charge, found.reference, Declined("expired"))
            if found is None:
                return await self._never_was(charge)
            outcome = await self._taken(charge, found)
        return await self._settling.settle(charge.id, outcome)

    async def give_up(self, charge_id: str) -> Charge:
        """See PaymentService.give_up."""
        async with self._db.read() as conn:
            charge = await self.charge(conn, charge_id)
        if charge.state not in OPEN_STATES:
            return charge
        async with asyncio.timeout(GATEWAY_SECONDS):
            found = await self._gateway.find(sought(charge))
            if found is None:
                return await self._never_was(charge)
            if isinstance(found, Captured | Declined):
                return await self._settling.settle(charge.id, found)
            end = Declined("cancelled") if charge.state == "awaiting" or isinstance(found, Awaiting) else None
            return await self._withdraw(charge, found.reference, end)

    async def reconcile(self) -> None:
        """See PaymentService.reconcile."""
        async with self._db.transaction() as tx:
            due = await queries.DUE_CHARGES.all(tx, now=self._clock.now(), gateway=self._gateway.name, limit=BATCH)
        lanes = asyncio.Semaphore(AT_ONCE)

        async def one(charge_id: str) -> None:
            async with lanes:
                try:
                    await self.look(charge_id)
                except Exception as problem:  # one that cannot be looked at now must not keep the others from it
                    if not outage.noticed(problem):
                        log.exception("a charge could not be looked at", charge=charge_id)

        await asyncio.gather(*(one(charge_id) for charge_id in due))

    def _new(self, charge: NewCharge, shared: tuple[str, int] | None) -> Charge:
        destination, fee_bps = shared or (None, 0)
        return Charge(
            id=self._ids.new(),
            account_id=charge.account_id,
            method=charge.means.method,
            card=charge.means.card,
            amount=charge.amount,
            currency=CURRENCY,
            save=charge.save,
            destination=destination,
            fee=fee_of(charge.amount, fee_bps),
            return_url=charge.return_url,
            payer_name=charge.payer_name,
            payer_email=charge.payer_email,
            state="pending",
            reason=None,
            reference=None,
            action=None,
            instructions=None,
            expires_at=None,
            created_at=self._clock.now(),
        )

    async def _taken(self, charge: Charge, answer: Answer) -> Outcome:
        if isinstance(answer, Authorised):
            return await self._gateway.capture(answer.reference, charge.amount, f"{charge.id}-capture")
        return answer

    async def _never_was(self, charge: Charge) -> Charge:
        """The gateway knows nothing of it; a request that may still be on its way is waited for."""
        if charge.state == "pending" and charge.created_at > self._clock.now() - SURELY_OVER:
            return charge
        return await self._settling.settle(charge.id, Declined("cancelled") if charge.state == "awaiting" else None)

    async def _withdraw(self, charge: Charge, reference: str, end: Declined | None) -> Charge:
        late = await self._gateway.cancel(reference, f"{charge.id}-cancel")
        return await self._settling.settle(charge.id, late or end)

    async def _close(self, charge: Charge, found: Answer | None) -> Charge:
        """A charge that is over must not take money; what was taken nevertheless goes back."""
        if found is None or isinstance(found, Declined):
            return charge
        if not isinstance(found, Captured):
            late = await self._gateway.cancel(found.reference, f"{charge.id}-cancel")
            return await self._settling.settle(charge.id, late) if late else charge
        return await self._settling.settle(charge.id, found)
