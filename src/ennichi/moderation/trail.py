"""The audit trail: every act of those who keep order, written in the transaction that does it."""

from typing import Any

import msgspec

from ennichi.accounts import AccountService
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Transaction
from ennichi.kit.errors import Invalid
from ennichi.kit.ids import Ids, is_id
from ennichi.moderation import queries as q
from ennichi.moderation.model import Act, ActLine, Person
from ennichi.room import Done, said

PAGE = 50


class Trail:
    """Writes acts and reads them; the table refuses anything else."""

    def __init__(self, clock: Clock, ids: Ids, accounts: AccountService) -> None:
        self._clock = clock
        self._ids = ids
        self._accounts = accounts

    async def write(
        self,
        tx: Transaction,
        actor_id: str,
        act: str,
        *,
        store_id: str | None = None,
        show_id: str | None = None,
        account_id: str | None = None,
        line_id: str | None = None,
        detail: dict[str, Any] | None = None,
    ) -> None:
        """Write down an act."""
        await q.ADD_ACT.run(
            tx,
            id=self._ids.new(),
            store_id=store_id,
            show_id=show_id,
            actor_id=actor_id,
            act=act,
            account_id=account_id,
            line_id=line_id,
            detail=msgspec.json.encode(detail or {}).decode(),
            at=self._clock.now(),
        )

    async def note(self, tx: Transaction, done: Done) -> None:
        """Write down what somebody did in a room."""
        await self.write(
            tx,
            done.actor_id,
            done.act,
            store_id=done.store_id,
            show_id=done.show_id,
            account_id=done.account_id,
            line_id=done.line_id,
            detail=done.detail,
        )

    async def page(self, where: Connection, store_id: str | None, before: str | None) -> list[Act]:
        """The newest acts in a store (None: the operator's for all rooms), those before the act `before` if given."""
        if before is not None and not is_id(before):
            raise Invalid(("before", "not an id"))
        if store_id is None:
            rows = await q.ACTS_EVERYWHERE.all(where, before=before, limit=PAGE)
        else:
            rows = await q.ACTS.all(where, store_id=store_id, before=before, limit=PAGE)
        people = await self._accounts.load(
            where, {key for row in rows for key in (row.actor_id, row.account_id) if key}
        )
        lines = await said(where, {row.line_id for row in rows if row.line_id})
        return [
            Act(
                id=row.id,
                at=row.at,
                actor=Person(id=row.actor_id, name=people[row.actor_id].name),
                act=row.act,
                account=Person(id=row.account_id, name=people[row.account_id].name) if row.account_id else None,
                line=ActLine(id=row.line_id, text=lines[row.line_id].text) if row.line_id else None,
                show_id=row.show_id,
                detail=row.detail,
            )
            for row in rows
        ]
