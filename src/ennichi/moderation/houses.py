"""A store's house as those who keep it see it, and who they are."""

from typing import Any

from ennichi.accounts import Account, AccountService
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection
from ennichi.moderation import queries as q
from ennichi.moderation.doorman import rules_of
from ennichi.moderation.model import House, PersonSince, PersonUntil
from ennichi.moderation.reports import Reports
from ennichi.stores import StoreService


class Houses:
    """The house of every store."""

    def __init__(self, clock: Clock, accounts: AccountService, stores: StoreService, reports: Reports) -> None:
        self._clock = clock
        self._accounts = accounts
        self._stores = stores
        self._reports = reports

    async def require_staff(self, where: Connection, actor: Account, store_id: str) -> None:
        """Raise unless the actor keeps order there. StoreNotFound, Forbidden."""
        await self._stores.row(where, store_id)
        await self._stores.require_staff(where, store_id, actor)

    async def view(self, where: Connection, actor: Account, store_id: str) -> House:
        """Rules, words, people, and the reports that wait, as far as they are for the actor to see."""
        rules = await rules_of(where, store_id)
        restraints = await q.RESTRAINTS.all(where, store_id=store_id, now=self._clock.now())
        moderators = await self._stores.moderators(where, store_id)
        named = {row.account_id for row in restraints} | {row.account_id for row in moderators}
        people = await self._accounts.load(where, named)

        def since(row: Any) -> PersonSince:
            return PersonSince(id=row.account_id, name=people[row.account_id].name, since=row.since)

        return House(
            shield=rules.shield,
            slow_s=rules.slow_s,
            followers_only=rules.followers_only,
            words=await q.WORDS.all(where, store_id=store_id),
            moderators=[since(row) for row in moderators],
            blocked=[since(row) for row in restraints if row.until is None],
            timed_out=[
                PersonUntil(id=row.account_id, name=people[row.account_id].name, until=row.until)
                for row in restraints
                if row.until is not None
            ],
            reports=await self._reports.waiting(where, actor, store_id),
        )
