"""Looks at the whole database and says what should not be."""

from collections.abc import Mapping

import structlog
from msgspec import Struct

from ennichi.doctor import queries
from ennichi.doctor.queries import Violation
from ennichi.kit.clock import Clock
from ennichi.kit.db import Database, Query

log = structlog.get_logger(__name__)

INVARIANTS: Mapping[str, Query[Violation]] = {
    "stock.adds_up": queries.STOCK_ADDS_UP,
    "stock.held": queries.HELD_IS_HELD,
    "holds.end_in_time": queries.HOLDS_END_IN_TIME,
    "holds.sold_have_an_order": queries.SOLD_HAS_AN_ORDER,
    "ledger.sums_to_zero": queries.ENTRIES_SUM_TO_ZERO,
    "ledger.nothing_overdrawn": queries.NOBODY_OWES_US,
    "orders.paid_have_their_money": queries.PAID_HAS_ITS_MONEY,
    "orders.never_shipped_unpaid": queries.NEVER_SHIPPED_UNPAID,
    "orders.refunds_are_booked": queries.REFUNDS_ARE_BOOKED,
    "orders.settled_are_settled": queries.SETTLED_IS_SETTLED,
    "payments.money_has_an_order": queries.MONEY_HAS_AN_ORDER,
    "payments.not_more_back_than_taken": queries.NOT_MORE_BACK_THAN_TAKEN,
    "payments.are_settled": queries.PAYMENTS_ARE_SETTLED,
    "refunds.go_on": queries.REFUNDS_GO_ON,
    "refunds.strays_go_back": queries.STRAYS_GO_BACK,
    "payouts.are_booked": queries.PAYOUTS_ARE_BOOKED,
    "payouts.go_on": queries.PAYOUTS_GO_ON,
    "webhooks.are_worked": queries.WEBHOOKS_ARE_WORKED,
}
"""What must always be true, by name, in the order it is looked at."""


class Finding(Struct, frozen=True, kw_only=True):
    """One row that breaks one invariant."""

    invariant: str
    subject: str
    detail: str


class Doctor:
    """Looks at everything and changes nothing."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def examine(self) -> list[Finding]:
        """Everything that breaks an invariant; each is looked at in what is committed when its turn comes."""
        found: list[Finding] = []
        async with self._db.read() as conn:
            for name, query in INVARIANTS.items():
                rows = await query.all(conn, now=self._clock.now())
                found += [Finding(invariant=name, subject=row.subject, detail=row.detail) for row in rows]
        return found

    async def make_rounds(self) -> None:
        """Examine, and log each finding as an error. For a job."""
        for one in await self.examine():
            log.error("an invariant is broken", invariant=one.invariant, subject=one.subject, detail=one.detail)
