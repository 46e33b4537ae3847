"""Use cases of moderation: how a store keeps its rooms, and what those who keep order may do there.

Owners, moderators and the operator are the staff. Every act is written down in the transaction that does it. What the
doorman knows of a store is forgotten once a write is committed.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from msgspec import UNSET

from ennichi.accounts import Account, AccountService
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database, Transaction
from ennichi.kit.errors import Forbidden
from ennichi.kit.ids import Ids
from ennichi.kit.limits import Limits
from ennichi.kit.text import clean
from ennichi.moderation import queries as q
from ennichi.moderation.doorman import Doorman, rules_of
from ennichi.moderation.errors import IsOwner, IsStaff, TooManyWords
from ennichi.moderation.events import RulesChanged, StaffChanged
from ennichi.moderation.model import (
    WORDS_EACH,
    Act,
    House,
    PersonSince,
    PersonUntil,
    Reason,
    Report,
    RuleChanges,
    Word,
)
from ennichi.moderation.reports import Reports
from ennichi.moderation.trail import Trail
from ennichi.moderation.words import clean_word
from ennichi.room import Done, HeardBy, HouseRules, LineNotFound, RoomService, Said, Saying, said, said_since
from ennichi.shows import ShowService
from ennichi.stores import StoreService

REMOVED_WITH_BLOCK = timedelta(minutes=15)
REPORTS_EACH = (20, 600)
"""Reports of one person: so many in so many seconds."""


class ModerationService:
    """Order in the rooms; the `House` they ask."""

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
        self._ids = ids
        self._limits = limits
        self._accounts = accounts
        self._stores = stores
        self._shows = shows
        self._room = room
        self._doorman = Doorman(clock, stores)
        self._trail = Trail(clock, ids, accounts)
        self._reports = Reports(clock, ids, accounts, stores)

    async def rules(self, where: Connection, store_id: str) -> HouseRules:
        """How the store keeps its rooms; the shield is up until somebody lowers it."""
        return await rules_of(where, store_id)

    async def judge(self, where: Connection, saying: Saying) -> HeardBy:
        """Who is to hear a line. TimedOut, FollowersOnly, SlowMode, WordRefused when it may not be said."""
        return await self._doorman.judge(where, saying)

    async def blocked(self, where: Connection, store_id: str, account_id: str) -> bool:
        """Whether this person is blocked here."""
        return await self._doorman.blocked(where, store_id, account_id)

    async def reported(self, where: Connection, show_id: str) -> int:
        """How many reports of this show wait for the store."""
        return await q.REPORTED.one(where, show_id=show_id)

    async def note(self, tx: Transaction, done: Done) -> None:
        """Write down what somebody did in a room, in the transaction that keeps it."""
        await self._trail.note(tx, done)

    async def house(self, actor: Account, store_id: str) -> House:
        """How the store keeps its rooms, and what waits; for its staff. StoreNotFound, Forbidden."""
        async with self._db.read() as conn:
            await self._require_staff(conn, actor, store_id)
            return await self._house(conn, actor, store_id)

    async def change_rules(self, actor: Account, store_id: str, changes: RuleChanges) -> House:
        """Keep the rooms otherwise, from the next line on."""
        given = {name: value for name in changes.__struct_fields__ if (value := getattr(changes, name)) is not UNSET}
        async with self._db.transaction() as tx:
            await self._require_staff(tx, actor, store_id)
            before = await rules_of(tx, store_id)
            changed = {name: value for name, value in given.items() if value != getattr(before, name)}
            if changed:
                await q.SET_RULES.run(
                    tx, store_id=store_id, **{name: given.get(name) for name in changes.__struct_fields__}
                )
                await self._trail.write(tx, actor.id, "rules.changed", store_id=store_id, detail=changed)
                tx.record(RulesChanged(store_id))
            house = await self._house(tx, actor, store_id)
        self._doorman.forget(store_id)
        return house

    async def add_word(self, actor: Account, store_id: str, word: str) -> House:
        """Have a word refused in the store's rooms; twice is once. Invalid, TooManyWords."""
        async with self._db.transaction() as tx:
            await self._require_staff(tx, actor, store_id)
            await self._add_word(tx, actor, store_id, word)
            house = await self._house(tx, actor, store_id)
        self._doorman.forget(store_id)
        return house

    async def drop_word(self, actor: Account, store_id: str, word_id: str) -> House:
        """Let a word be said again."""
        async with self._db.transaction() as tx:
            await self._require_staff(tx, actor, store_id)
            await self._drop_word(tx, actor, store_id, word_id)
            house = await self._house(tx, actor, store_id)
        self._doorman.forget(store_id)
        return house

    async def words_everywhere(self, actor: Account) -> list[Word]:
        """The words that are refused in every room; for the operator."""
        _require_operator(actor)
        async with self._db.read() as conn:
            return await q.WORDS_EVERYWHERE.all(conn)

    async def add_word_everywhere(self, actor: Account, word: str) -> list[Word]:
        """Have a word refused in every room; for the operator. Invalid, TooManyWords."""
        _require_operator(actor)
        async with self._db.transaction() as tx:
            await self._add_word(tx, actor, None, word)
            words = await q.WORDS_EVERYWHERE.all(tx)
        self._doorman.forget(None)
        return words

    async def drop_word_everywhere(self, actor: Account, word_id: str) -> list[Word]:
        """Let a word be said again where no store refuses it; for the operator."""
        _require_operator(actor)
        async with self._db.transaction() as tx:
            await self._drop_word(tx, actor, None, word_id)
            words = await q.WORDS_EVERYWHERE.all(tx)
        self._doorman.forget(None)
        return words

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
            house = await self._house(tx, actor, store_id)
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
            return await self._house(tx, actor, store_id)

    async def block(self, actor: Account, store_id: str, account_id: str, *, remove_lines: bool = False) -> House:
        """Let what somebody says be heard by themselves alone, without their knowing. IsStaff.

        What they said before stays; with `remove_lines` their newest lines in the live show are taken out.
        """
        async with self._db.transaction() as tx:
            await self._require_other(tx, actor, store_id, account_id)
            if await q.BLOCK.run(tx, store_id=store_id, account_id=account_id, now=self._clock.now()):
                await self._trail.write(tx, actor.id, "account.blocked", store_id=store_id, account_id=account_id)
            lines = await self._recent_lines(tx, store_id, account_id) if remove_lines else []
            house = await self._house(tx, actor, store_id)
        self._doorman.forget(store_id)
        await self._remove(actor, store_id, lines)
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
            house = await self._house(tx, actor, store_id)
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
            line = await self._line(conn, show_id, line_id)
        if not line.removed:
            await self._remove(actor, store_id, [line])

    async def report(self, actor: Account, show_id: str, line_id: str, reason: Reason, note: str) -> None:
        """Say that a line should not stand; once per line and person. LineNotFound, TooFast."""
        self._limits.take(f"report {actor.id}", *REPORTS_EACH)
        async with self._db.transaction() as tx:
            store_id = (await self._shows.get(tx, show_id)).store_id
            line = await self._line(tx, show_id, line_id)
            if line.heard_by != "all":
                raise LineNotFound
            if not line.removed:
                await self._reports.add(tx, actor, store_id, line, reason=reason, note=clean(note))

    async def settle(self, actor: Account, store_id: str, report_id: str) -> House:
        """A report is dealt with, and with it what else was reported about its line. ReportNotFound."""
        async with self._db.transaction() as tx:
            await self._require_staff(tx, actor, store_id)
            report = await self._reports.get(tx, actor, store_id, report_id)
            if settled := await self._reports.settle(tx, actor, report.show_id, report.line_id):
                line = await self._line(tx, report.show_id, report.line_id)
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
            return await self._house(tx, actor, store_id)

    async def reports_everywhere(self, actor: Account) -> list[Report]:
        """The reports that wait anywhere; for the operator."""
        _require_operator(actor)
        async with self._db.read() as conn:
            return await self._reports.waiting(conn, actor, None)

    async def acts(self, actor: Account, store_id: str, before: str | None = None) -> list[Act]:
        """Who did what in the store's rooms, newest first; for its staff. Invalid when `before` is no id."""
        async with self._db.read() as conn:
            await self._require_staff(conn, actor, store_id)
            return await self._trail.page(conn, store_id, before)

    async def acts_everywhere(self, actor: Account, before: str | None = None) -> list[Act]:
        """What the operator did for every room, newest first; for the operator."""
        _require_operator(actor)
        async with self._db.read() as conn:
            return await self._trail.page(conn, None, before)

    async def _house(self, where: Connection, actor: Account, store_id: str) -> House:
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

    async def _require_staff(self, where: Connection, actor: Account, store_id: str) -> None:
        await self._stores.row(where, store_id)
        await self._stores.require_staff(where, store_id, actor)

    async def _require_other(self, where: Connection, actor: Account, store_id: str, account_id: str) -> None:
        """The actor keeps order here, and the other one does not."""
        await self._require_staff(where, actor, store_id)
        account = await self._accounts.get(where, account_id)
        if await self._stores.role(where, store_id, account) is not None:
            raise IsStaff

    async def _line(self, where: Connection, show_id: str, line_id: str) -> Said:
        line = (await said(where, [line_id])).get(line_id)
        if line is None or line.show_id != show_id:
            raise LineNotFound
        return line

    async def _recent_lines(self, where: Connection, store_id: str, account_id: str) -> list[Said]:
        show_id = (await self._stores.row(where, store_id)).live_show_id
        if show_id is None:
            return []
        return await said_since(where, show_id, account_id, self._clock.now() - REMOVED_WITH_BLOCK)

    async def _remove(self, actor: Account, store_id: str, lines: Sequence[Said]) -> None:
        """Through the room, the one writer of its lines; it hands the act back to `note` in the same transaction."""

        def done(line: Said) -> Done:
            return Done(
                store_id=store_id,
                show_id=line.show_id,
                actor_id=actor.id,
                act="line.removed",
                account_id=line.account_id,
                line_id=line.id,
            )

        await asyncio.gather(*(self._room.remove_line(line.show_id, line.id, done(line)) for line in lines))
        # Not in the room's transaction: rooms are told of it, and a room cannot wait for itself.
        async with self._db.transaction() as tx:
            for line in lines:
                await self._reports.settle(tx, actor, line.show_id, line.id)

    async def _lift(self, actor: Account, store_id: str, account_id: str, act: str) -> House:
        lifted = q.UNBLOCK if act == "account.unblocked" else q.RELEASE
        async with self._db.transaction() as tx:
            await self._require_staff(tx, actor, store_id)
            if await lifted.run(tx, store_id=store_id, account_id=account_id):
                await self._trail.write(tx, actor.id, act, store_id=store_id, account_id=account_id)
            house = await self._house(tx, actor, store_id)
        self._doorman.forget(store_id)
        return house

    async def _add_word(self, tx: Transaction, actor: Account, store_id: str | None, word: str) -> None:
        word = clean_word(word)
        known = await (q.WORDS_EVERYWHERE.all(tx) if store_id is None else q.WORDS.all(tx, store_id=store_id))
        if word in {one.word for one in known}:
            return
        if len(known) >= WORDS_EACH:
            raise TooManyWords(limit=WORDS_EACH)
        new = {"id": self._ids.new(), "store_id": store_id, "word": word, "at": self._clock.now(), "by": actor.id}
        if await q.ADD_WORD.run(tx, **new):
            await self._trail.write(tx, actor.id, "word.added", store_id=store_id, detail={"word": word})

    async def _drop_word(self, tx: Transaction, actor: Account, store_id: str | None, word_id: str) -> None:
        word = await q.DROP_WORD.first(tx, id=word_id, store_id=store_id)
        if word is not None:
            await self._trail.write(tx, actor.id, "word.removed", store_id=store_id, detail={"word": word})


def _require_operator(actor: Account) -> None:
    if not actor.operator:
        raise Forbidden
