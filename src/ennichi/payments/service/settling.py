"""What became of charges is written down here, for many in one commit, and for each of them once.

Money that comes for a charge that is over already is not ours: a refund of it is written down in the same commit.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from msgspec import Struct
from msgspec.structs import replace

from ennichi.kit.batching import Batcher
from ennichi.kit.clock import Clock
from ennichi.kit.db import Database, Transaction
from ennichi.kit.errors import NotFound
from ennichi.kit.ids import Ids
from ennichi.payments import queries
from ennichi.payments.events import PaymentsSettled, RefundBegun
from ennichi.payments.model import (
    CHARGE_TRANSITIONS,
    OPEN_STATES,
    ActionRequired,
    Awaiting,
    Captured,
    Charge,
    ChargeState,
    Declined,
    Outcome,
    Settled,
)
from ennichi.payments.service.rows import as_json, charge_of, moved

log = structlog.get_logger(__name__)

AWAITING_LOOK = timedelta(minutes=10)
"""How often one asks whether somebody has paid at the counter, when nobody says so."""

LATE_LOOK = timedelta(minutes=1)
"""When one asks first whether money came for a charge that was given up."""

_GIVEN_UP = frozenset({"expired", "cancelled"})


class Item(Struct, frozen=True):
    """What became of one charge; None: it never was."""

    charge_id: str
    outcome: Outcome | None


class Settling:
    """Group commit of what gateways said."""

    def __init__(self, db: Database, clock: Clock, ids: Ids) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._batcher: Batcher[Item, Charge] = Batcher(self._work, name="payments.settle")

    async def settle(self, charge_id: str, outcome: Outcome | None) -> Charge:
        """See PaymentService.settle."""
        return await self._batcher.do(Item(charge_id, outcome))

    async def stop(self) -> None:
        """Return when everything asked for is written."""
        await self._batcher.stop()

    async def _work(self, items: list[Item]) -> Sequence[Charge | Exception]:
        async with self._db.transaction() as tx:
            rows = await queries.LOCK_CHARGES.all(tx, ids=list({item.charge_id for item in items}))
            before = {row.id: charge_of(row) for row in rows}
            now = dict(before)
            strays: dict[str, str] = {}
            for item in items:
                charge = now.get(item.charge_id)
                if charge is None:
                    continue
                if isinstance(item.outcome, Captured) and charge.state in ("declined", "void"):
                    strays[charge.id] = item.outcome.reference
                else:
                    now[charge.id] = after(charge, item.outcome)
            settled = [
                Settled(charge=charge, before=before[charge.id].state, outcome=_outcome(charge))
                for charge in now.values()
                if charge.state != before[charge.id].state
            ]
            await self._write(tx, [one.charge for one in settled])
            await self._give_back(tx, strays)
            if settled:
                tx.record(PaymentsSettled(settled))
        return [now.get(item.charge_id) or NotFound() for item in items]

    async def _write(self, tx: Transaction, charges: list[Charge]) -> None:
        at = self._clock.now()
        if charges:
            await queries.MOVE_CHARGES.run(
                tx, rows=as_json([moved(charge, _look_at(charge, at)) for charge in charges]), now=at
            )
        taken = [charge for charge in charges if charge.state == "succeeded" and charge.card]
        if taken:
            await queries.TOUCH_CARDS.run(tx, charge_ids=[charge.id for charge in taken], now=at)
        kept: list[dict[str, object]] = [
            {"id": self._ids.new(), "charge_id": charge.id} for charge in taken if charge.save
        ]
        if kept:
            await queries.KEEP_CARDS.run(tx, rows=as_json(kept), now=at)

    async def _give_back(self, tx: Transaction, strays: dict[str, str]) -> None:
        if not strays:
            return
        rows = as_json(
            [{"id": self._ids.new(), "charge_id": charge, "reference": ref} for charge, ref in strays.items()]
        )
        await queries.NAME_STRAYS.run(tx, rows=rows)
        if await queries.ADD_STRAYS.run(tx, rows=rows, now=self._clock.now()):
            log.warning("money came for charges that are over, and goes back", charges=sorted(strays))
            tx.record(RefundBegun())


def after(charge: Charge, outcome: Outcome | None) -> Charge:
    """The charge once this is known of it; as it was, where it cannot go there any more."""
    state = _state(outcome)
    if state not in CHARGE_TRANSITIONS[charge.state]:
        return charge
    return replace(
        charge,
        state=state,
        reason=outcome.reason if isinstance(outcome, Declined) else None,
        reference=charge.reference if outcome is None or isinstance(outcome, Declined) else outcome.reference,
        action=outcome.action if isinstance(outcome, ActionRequired) else None,
        expires_at=outcome.expires_at if isinstance(outcome, ActionRequired) else None,
        instructions=outcome.instructions if isinstance(outcome, Awaiting) else charge.instructions,
    )


def _state(outcome: Outcome | None) -> ChargeState:
    match outcome:
        case Captured():
            return "succeeded"
        case ActionRequired():
            return "action_required"
        case Awaiting():
            return "awaiting"
        case Declined():
            return "declined"
        case None:
            return "void"


def _outcome(charge: Charge) -> Outcome | None:
    """What a charge that has just moved was told."""
    if charge.state == "declined" and charge.reason:
        return Declined(charge.reason)
    if charge.state == "action_required" and charge.reference and charge.action and charge.expires_at:
        return ActionRequired(charge.reference, charge.action, charge.expires_at)
    if charge.state == "awaiting" and charge.reference and charge.instructions:
        return Awaiting(charge.reference, charge.instructions)
    return Captured(charge.reference) if charge.state == "succeeded" and charge.reference else None


def _look_at(charge: Charge, now: datetime) -> datetime | None:
    """When to ask the gateway next, without being told to."""
    if charge.state == "awaiting":
        return now + AWAITING_LOOK
    if charge.state in OPEN_STATES:
        return charge.expires_at
    if charge.state == "void" or charge.reason in _GIVEN_UP:
        return now + LATE_LOOK
    return None
