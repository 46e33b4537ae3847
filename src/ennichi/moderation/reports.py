"""Reports: what people hold should not stand, and what becomes of it.

What the store's own people said is not the store's to settle: such reports are seen and settled by the operator alone.
"""

from ennichi.accounts import Account, AccountService
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Transaction
from ennichi.kit.ids import Ids
from ennichi.moderation import queries as q
from ennichi.moderation.errors import ReportNotFound
from ennichi.moderation.events import ReportsChanged
from ennichi.moderation.model import Person, Reason, Report, ReportedLine
from ennichi.moderation.queries import ReportRow
from ennichi.room import Said, said
from ennichi.stores import StoreService

LISTED = 200


class Reports:
    """The book of reports."""

    def __init__(self, clock: Clock, ids: Ids, accounts: AccountService, stores: StoreService) -> None:
        self._clock = clock
        self._ids = ids
        self._accounts = accounts
        self._stores = stores

    async def add(
        self, tx: Transaction, actor: Account, store_id: str, line: Said, *, reason: Reason, note: str
    ) -> None:
        """Keep a report; the second one of the same person about the same line changes nothing."""
        added = await q.ADD_REPORT.run(
            tx,
            id=self._ids.new(),
            store_id=store_id,
            show_id=line.show_id,
            line_id=line.id,
            about_staff=line.staff,
            reporter_id=actor.id,
            reason=reason,
            note=note,
            at=self._clock.now(),
        )
        if added:
            tx.record(ReportsChanged(line.show_id))

    async def settle(self, tx: Transaction, actor: Account, show_id: str, line_id: str) -> int:
        """Settle all that waits about a line and is the actor's to settle; returns how many reports those were."""
        settled = await q.SETTLE.all(tx, line_id=line_id, now=self._clock.now(), by=actor.id, operator=actor.operator)
        if settled:
            tx.record(ReportsChanged(show_id))
        return len(settled)

    async def get(self, where: Connection, actor: Account, store_id: str, report_id: str) -> ReportRow:
        """A report the actor may settle; ReportNotFound."""
        row = await q.REPORT.first(where, id=report_id, store_id=store_id)
        if row is None or (row.about_staff and not actor.operator):
            raise ReportNotFound
        return row

    async def waiting(self, where: Connection, actor: Account, store_id: str | None) -> list[Report]:
        """The newest reports that wait in a store (None: everywhere), as far as they are for the actor to see."""
        if store_id is None:
            rows = await q.REPORTS_EVERYWHERE.all(where, limit=LISTED)
        else:
            rows = await q.REPORTS.all(where, store_id=store_id, operator=actor.operator, limit=LISTED)
        lines = await said(where, {row.line_id for row in rows})
        reporters = {row.reporter_id for row in rows} if actor.operator else set()
        people = await self._accounts.load(where, {line.account_id for line in lines.values()} | reporters)
        names = {key: Person(id=key, name=account.name) for key, account in people.items()}
        stores = await self._stores.briefs(where, {row.store_id for row in rows})
        return [
            Report(
                id=row.id,
                at=row.at,
                reason=row.reason,
                note=row.note,
                line=_line(lines[row.line_id], names),
                show_id=row.show_id,
                store=Person(id=row.store_id, name=stores[row.store_id].name),
                about_staff=row.about_staff,
                reporter=names[row.reporter_id] if actor.operator else None,
            )
            for row in rows
        ]


def _line(line: Said, names: dict[str, Person]) -> ReportedLine:
    return ReportedLine(
        id=line.id,
        at=line.at,
        media_ms=line.media_ms,
        account=names[line.account_id],
        text=line.text,
        removed=line.removed,
    )
