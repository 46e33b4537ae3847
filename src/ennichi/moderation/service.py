"""Use cases of moderation: how a store keeps its rooms, and what those who keep order may do there.

Owners, moderators and the operator are the staff. Every act is written down in the transaction that does it. What the
doorman knows of a store is forgotten once a write is committed.
"""

from datetime import timedelta

from msgspec import UNSET

from ennichi.accounts import Account, AccountService
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database, Transaction
from ennichi.kit.ids import Ids
from ennichi.kit.limits import Limits
from ennichi.kit.text import clean
from ennichi.moderation import queries as q
from ennichi.moderation.doorman import Doorman, rules_of
from ennichi.moderation.errors import IsOwner, IsStaff
from ennichi.moderation.events import RulesChanged, StaffChanged
from ennichi.moderation.houses import Houses
from ennichi.moderation.lines import Lines
from ennichi.moderation.model import Act, House, Reason, Report, RuleChanges
from ennichi.moderation.policy import must_be_operator
from ennichi.moderation.refused import RefusedWords
from ennichi.moderation.reports import Reports
from ennichi.moderation.trail import Trail
from ennichi.room import Done, HeardBy, HouseRules, LineNotFound, RoomService, Saying
from ennichi.shows import ShowService
from ennichi.stores import StoreService

REPORTS_EACH = (20, 600)
"""Reports of one person: so many in so many seconds."""


class ModerationService:
    """Order in the rooms; the `House` they ask. `words` are those that are refused."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        limits: Limits,
        *,
        accounts: AccountService,
        stores: StoreService,
        shows: ShowService,
        room: RoomService,
    ) -> None:
        self._db = db
        self._clock = clock
        self._limits = limits
        self._accounts = accounts
        self._stores = stores
        self._shows = shows
        self._doorman = Doorman(db, clock, stores)
        self._trail = Trail(clock, ids, accounts)
        self._reports = Reports(clock, ids, accounts, stores)
        self._lines = Lines(db, clock, stores=stores, room=room, reports=self._reports)
        self._houses = Houses(clock, accounts, stores, self._reports)
        self.words = RefusedWords(db, clock, ids, self._houses, self._trail, self._doorman)

    async def rules(self, where: Connection, store_id: str) -> HouseRules:
        """How the store keeps its rooms; the shield is up until somebody lowers it."""
        return await rules_of(where, store_id)

    async def judge(self, saying: Saying) -> HeardBy:
        """Who is to hear a line. TimedOut, FollowersOnly, SlowMode, WordRefused when it may not be said."""
        return await self._doorman.judge(saying)

    async def blocked(self, store_id: str, account_id: str) -> bool:
        """Whether this person is blocked here."""
        return await self._doorman.blocked(store_id, account_id)

    async def reported(self, where: Connection, show_id: str) -> int:
        """How many reports of this show wait for the store."""
        return await q.REPORTED.one(where, show_id=show_id)

    async def note(self, tx: Transaction, done: Done) -> None:
        """Write down what somebody did in a room, in the transaction that keeps it."""
        await self._trail.note(tx, done)

    async def house(self, actor: Account, store_id: str) -> House:
        """How the store keeps its rooms, and what waits; for its staff. StoreNotFound, Forbidden."""
        async with self._db.read() as conn:
            await self._houses.require_staff(conn, actor, store_id)
            return await self._houses.view(conn, actor, store_id)

    async def change_rules(self, actor: Account, store_id: str, changes: RuleChanges) -> House:
        """Keep the rooms otherwise, from the next line on."""
        given = {name: value for name in changes.__struct_fields__ if (value := getattr(changes, name)) is not UNSET}
        async with self._db.transaction() as tx:
            await self._houses.require_staff(tx, actor, store_id)
            before = await rules_of(tx, store_id)
            changed = {name: value for name, value in given.items() if value != getattr(before, name)}
            if changed:
                await q.SET_RULES.run(
                    tx, store_id=store_id, **{name: given.get(name) for name in changes.__struct_fields__}
                )
                await self._trail.write(tx, actor.id, "rules.changed", store_id=store_id, detail=changed)
                tx.record(RulesChanged(store_id))
            house = await self._houses.view(tx, actor, store_id)
        self._doorman.forget(store_id)
        return house

    async def appoint(self, actor: Account, store_id: str, account_id: str) -> House:
        """Let somebody keep order in the store's rooms, whatever stood against them; for owners. IsOwner, IsStaff."""
        async with self._db.transaction() as tx:
            await self._stores.require_member(tx, store_id, actor)
            account = await self._accounts.get(tx, account_id)
            if await self._stores.role(tx, store_id, account) == "owner":
                raise IsOwner
            if account.operator:
                raise IsStaff
            if await self._stores.appoint(tx, store_id, account_id):
                await q.UNBLOCK.run(tx, store_id=store_id, account_id=account_id)
                await q.RELEASE.run(tx, store_id=store_id, account_id=account_id)
                await self._trail.write(tx, actor.id, "moderator.appointed", store_id=store_id, account_id=account_id)
                tx.record(StaffChanged(store_id, account_id))
            house = await self._houses.view(tx, actor, store_id)
        self._doorman.forget(store_id)
        return house

    async def dismiss(self, actor: Account, store_id: str, account_id: str) -> House:
        """A moderator keeps order no more; for owners. IsOwner."""
        async with self._db.transaction() as tx:
            await self._stores.require_member(tx, store_id, actor)
            account = await self._accounts.get(tx, account_id)
            if await self._stores.role(tx, store_id, account) == "owner":
                raise IsOwner
            if await self._stores.dismiss(tx, store_id, account_id):
                await self._trail.write(tx, actor.id, "moderator.dismissed", store_id=store_id, account_id=account_id)
                tx.record(StaffChanged(store_id, account_id))
            return await self._houses.view(tx, actor, store_id)

    async def block(self, actor: Account, store_id: str, account_id: str, *, remove_lines: bool = False) -> House:
        """Let what somebody says be heard by themselves alone, without their knowing. IsStaff.

        What they said before stays; with `remove_lines` their newest lines in the live show are taken out.
        """
        async with self._db.transaction() as tx:
            await self._require_other(tx, actor, store_id, account_id)
            if await q.BLOCK.run(tx, store_id=store_id, account_id=account_id, now=self._clock.now()):
                await self._trail.write(tx, actor.id, "account.blocked", store_id=store_id, account_id=account_id)
            lines = await self._lines.recent(tx, store_id, account_id) if remove_lines else []
            house = await self._houses.view(tx, actor, store_id)
        self._doorman.forget(store_id)
        await self._lines.remove(actor, store_id, lines)
        return house

    async def unblock(self, actor: Account, store_id: str, account_id: str) -> House:
        """Let somebody be heard again."""
        return await self._lift(actor, store_id, account_id, "account.unblocked")

    async def time_out(self, actor: Account, store_id: str, account_id: str, seconds: int) -> House:
        """Let somebody say nothing for so long, from now on. IsStaff."""
        now = self._clock.now()
        until = now + timedelta(seconds=seconds)
        async with self._db.transaction() as tx:
            await self._require_other(tx, actor, store_id, account_id)
            await q.TIME_OUT.run(tx, store_id=store_id, account_id=account_id, until=until, now=now)
            await self._trail.write(
                tx,
                actor.id,
                "account.timed_out",
                store_id=store_id,
                account_id=account_id,
                detail={"seconds": seconds, "until": until},
            )
            house = await self._houses.view(tx, actor, store_id)
        self._doorman.forget(store_id)
        return house

    async def release(self, actor: Account, store_id: str, account_id: str) -> House:
        """Let somebody who was sent out speak again."""
        return await self._lift(actor, store_id, account_id, "account.released")

    async def remove_line(self, actor: Account, show_id: str, line_id: str) -> None:
        """Take a line out, wherever it stands; what was reported about it is settled. LineNotFound, Forbidden."""
        async with self._db.read() as conn:
            store_id = (await self._shows.get(conn, show_id)).store_id
            await self._stores.require_staff(conn, store_id, actor)
            line = await self._lines.get(conn, show_id, line_id)
        if not line.removed:
            await self._lines.remove(actor, store_id, [line])

    async def report(self, actor: Account, show_id: str, line_id: str, reason: Reason, note: str) -> None:
        """Say that a line should not stand; once per line and person. LineNotFound, TooFast."""
        self._limits.take(f"report {actor.id}", *REPORTS_EACH)
        async with self._db.transaction() as tx:
            store_id = (await self._shows.get(tx, show_id)).store_id
            line = await self._lines.get(tx, show_id, line_id)
            if line.heard_by != "all":
                raise LineNotFound
            if not line.removed:
                await self._reports.add(tx, actor, store_id, line, reason=reason, note=clean(note))

    async def settle(self, actor: Account, store_id: str, report_id: str) -> House:
        """A report is dealt with, and with it what else was reported about its line. ReportNotFound."""
        async with self._db.transaction() as tx:
            await self._houses.require_staff(tx, actor, store_id)
            report = await self._reports.get(tx, actor, store_id, report_id)
            if settled := await self._reports.settle(tx, actor, report.show_id, report.line_id):
                line = await self._lines.get(tx, report.show_id, report.line_id)
                await self._trail.write(
                    tx,
                    actor.id,
                    "report.settled",
                    store_id=store_id,
                    show_id=report.show_id,
                    account_id=line.account_id,
                    line_id=line.id,
                    detail={"reports": settled},
                )
            return await self._houses.view(tx, actor, store_id)

    async def reports_everywhere(self, actor: Account) -> list[Report]:
        """The reports that wait anywhere; for the operator."""
        must_be_operator(actor)
        async with self._db.read() as conn:
            return await self._reports.waiting(conn, actor, None)

    async def acts(self, actor: Account, store_id: str, before: str | None = None) -> list[Act]:
        """Who did what in the store's rooms, newest first; for its staff. Invalid when `before` is no id."""
        async with self._db.read() as conn:
            await self._houses.require_staff(conn, actor, store_id)
            return await self._trail.page(conn, store_id, before)

    async def acts_everywhere(self, actor: Account, before: str | None = None) -> list[Act]:
        """What the operator did for every room, newest first; for the operator."""
        must_be_operator(actor)
        async with self._db.read() as conn:
            return await self._trail.page(conn, None, before)

    async def _require_other(self, where: Connection, actor: Account, store_id: str, account_id: str) -> None:
        """The actor keeps order here, and the other one does not."""
        await self._houses.require_staff(where, actor, store_id)
        account = await self._accounts.get(where, account_id)
        if await self._stores.role(where, store_id, account) is not None:
            raise IsStaff

    async def _lift(self, actor: Account, store_id: str, account_id: str, act: str) -> House:
        lifted = q.UNBLOCK if act == "account.unblocked" else q.RELEASE
        async with self._db.transaction() as tx:
            await self._houses.require_staff(tx, actor, store_id)
            if await lifted.run(tx, store_id=store_id, account_id=account_id):
                await self._trail.write(tx, actor.id, act, store_id=store_id, account_id=account_id)
            house = await self._houses.view(tx, actor, store_id)
        self._doorman.forget(store_id)
        return house
