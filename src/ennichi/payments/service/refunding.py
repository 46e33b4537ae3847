"""Giving money back: written down with what it is for, carried out by a job that may be cut off anywhere."""

import asyncio

import structlog

from ennichi.kit.clock import Clock
from ennichi.kit.db import Database, Transaction
from ennichi.kit.outage import outage
from ennichi.payments import queries
from ennichi.payments.errors import RefundTooLarge
from ennichi.payments.events import RefundBegun, RefundsSettled
from ennichi.payments.model import Arrived, Failed, Outflow, Refund
from ennichi.payments.ports import Gateway
from ennichi.payments.queries import RefundRow
from ennichi.payments.service.charging import AT_ONCE, BATCH, GATEWAY_SECONDS
from ennichi.payments.service.rows import as_json

log = structlog.get_logger(__name__)


class CameBack(Exception):
    """Money that had arrived with its buyer is the market's again, and somebody has to see to it."""


class Refunding:
    """Refunds."""

    def __init__(self, db: Database, clock: Clock, gateway: Gateway) -> None:
        self._db = db
        self._clock = clock
        self._gateway = gateway

    async def begin(self, tx: Transaction, charge_id: str, amount: int, refund_id: str) -> Refund:
        """See PaymentService.refund."""
        rows = await queries.LOCK_CHARGES.all(tx, ids=[charge_id])
        earlier = await queries.REFUND.first(tx, id=refund_id)
        if earlier is not None:
            return earlier
        taken = sum(row.amount for row in rows if row.state == "succeeded")
        left = taken - await queries.GIVEN_BACK.one(tx, charge_id=charge_id)
        if not 0 < amount <= left:
            raise RefundTooLarge(left=left)
        await queries.ADD_REFUND.run(tx, id=refund_id, charge_id=charge_id, amount=amount, now=self._clock.now())
        tx.record(RefundBegun())
        return await queries.REFUND.one(tx, id=refund_id)

    async def work(self) -> None:
        """See PaymentService.work_refunds."""
        async with self._db.transaction() as tx:
            due = await queries.DUE_REFUNDS.all(tx, now=self._clock.now(), gateway=self._gateway.name, limit=BATCH)
        if not due:
            return
        lanes = asyncio.Semaphore(AT_ONCE)

        async def one(row: RefundRow) -> Outflow | None:
            async with lanes:
                try:
                    return await self._carry_out(row)
                except Exception as problem:  # it is due again later, and then looked for before it is asked for
                    if not outage.noticed(problem):
                        log.exception("a refund is not known to have arrived", refund=row.id)
                    return None

        answers = await asyncio.gather(*(one(row) for row in due))
        await self._write([(row, answer) for row, answer in zip(due, answers, strict=True) if answer is not None])

    async def look_soon(self, refund_id: str) -> None:
        """Somebody says that this one has moved. CameBack when it had arrived, and did not stay."""
        async with self._db.transaction() as tx:
            if await queries.REFUND_SOON.run(tx, id=refund_id, now=self._clock.now()):
                tx.record(RefundBegun())
                return
            reference = await queries.CHARGE_OF_ARRIVED.first(tx, id=refund_id)
        if reference is None:
            return
        async with asyncio.timeout(GATEWAY_SECONDS):
            said = await self._gateway.find_refund(reference, refund_id)
        if isinstance(said, Failed):
            raise CameBack(said.reason)

    async def _carry_out(self, row: RefundRow) -> Outflow:
        if row.charge_reference is None:
            return Failed("nothing_taken")
        async with asyncio.timeout(GATEWAY_SECONDS):
            found = None
            if row.state == "sent" or row.tries > 1:
                found = await self._gateway.find_refund(row.charge_reference, row.id)
            return found or await self._gateway.refund(row.charge_reference, row.amount, row.id)

    async def _write(self, answered: list[tuple[RefundRow, Outflow]]) -> None:
        if not answered:
            return
        strays = {row.id for row, _ in answered if row.stray}
        async with self._db.transaction() as tx:
            moved = await queries.MOVE_REFUNDS.all(
                tx, rows=as_json([_record(row, answer) for row, answer in answered]), now=self._clock.now()
            )
            for refund in moved:
                if refund.state == "failed":
                    log.error("money could not be given back", refund=refund.id, reason=refund.reason)
            ended = [one for one in moved if one.state in ("succeeded", "failed") and one.id not in strays]
            if ended:
                tx.record(RefundsSettled(ended))


def _record(row: RefundRow, answer: Outflow) -> dict[str, object]:
    if isinstance(answer, Failed):
        return {"id": row.id, "state": "failed", "reason": answer.reason, "reference": None}
    state = "succeeded" if isinstance(answer, Arrived) else "sent"
    return {"id": row.id, "state": state, "reason": None, "reference": answer.reference}
