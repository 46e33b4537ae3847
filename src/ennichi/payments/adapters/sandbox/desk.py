"""The sandbox's own page: the bank's 3-D Secure step, and the konbini's counter."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ennichi.kit.clock import Clock
from ennichi.kit.db import Database, Transaction
from ennichi.payments.adapters.sandbox import queries
from ennichi.payments.adapters.sandbox.queries import PaymentRow, PaymentState
from ennichi.payments.adapters.sandbox.telling import Telling
from ennichi.payments.errors import PaymentMoved
from ennichi.payments.model import Brand, DeclineReason, Method

Step = Literal["approve", "fail", "pay", "expire"]


class SandboxPayment(Struct, kw_only=True, frozen=True):
    """A payment as the sandbox's page shows it."""

    reference: str
    method: Method
    state: PaymentState
    reason: DeclineReason | None
    amount: int
    currency: str
    brand: Brand | None
    last4: str | None
    number: Annotated[str | None, Meta(description="What to say at the konbini's counter.")]
    confirmation: str | None
    expires_at: datetime | None
    return_url: Annotated[str, Meta(description="Where the buyer goes afterwards, when the page stands alone.")]
    server_time: datetime


class Desk:
    """What a buyer does at the page."""

    def __init__(self, db: Database, clock: Clock, telling: Telling) -> None:
        self._db = db
        self._clock = clock
        self._telling = telling

    async def payment(self, reference: str) -> SandboxPayment:
        """See SandboxGateway.payment."""
        async with self._db.read() as conn:
            return self._shown(await queries.BY_REFERENCE.one(conn, reference=reference))

    async def step(self, reference: str, step: Step) -> SandboxPayment:
        """See SandboxGateway.step."""
        async with self._db.transaction() as tx:
            row = await queries.LOCK.one(tx, reference=reference)
            waits = {"action_required": ("approve", "fail"), "awaiting": ("pay", "expire")}
            if step not in waits.get(row.state, ()):
                raise PaymentMoved(state=row.state)
            await self._move(tx, row, step)
            return self._shown(await queries.BY_REFERENCE.one(tx, reference=reference))

    async def _move(self, tx: Transaction, row: PaymentRow, step: Step) -> None:
        state: PaymentState = "declined"
        reason: DeclineReason | None = None
        late = row.expires_at is not None and row.expires_at <= self._clock.now()
        if late or step == "expire":
            reason = "expired"
        elif step == "fail" or row.behaviour == "three_d_secure_fails":
            reason = "authentication_failed"
        else:
            state = "captured" if step == "pay" else "authorised"
        await queries.MOVE.run(tx, reference=row.reference, state=state, reason=reason)
        await self._telling.about_payment(tx, row, f"payment.{state}")

    def _shown(self, row: PaymentRow) -> SandboxPayment:
        return SandboxPayment(
            reference=row.reference,
            method=row.method,
            state=row.state,
            reason=row.reason,
            amount=row.amount,
            currency=row.currency,
            brand=row.brand,
            last4=row.last4,
            number=row.number,
            confirmation=row.confirmation,
            expires_at=row.expires_at,
            return_url=row.return_url,
            server_time=self._clock.now(),
        )
