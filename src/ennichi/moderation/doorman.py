"""Asked before every line: may it be said, and who hears it."""

from datetime import datetime, timedelta
from functools import lru_cache

from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database
from ennichi.kit.remembered import Remembered
from ennichi.moderation import queries as q
from ennichi.moderation.errors import FollowersOnly
from ennichi.moderation.model import SLOW_MAX
from ennichi.moderation.policy import (
    Standing,
    heard_by,
    must_hold_no_refused_word,
    must_not_be_timed_out,
    must_wait_its_turn,
)
from ennichi.moderation.shield import Shield
from ennichi.moderation.standing import Turns
from ennichi.moderation.words import Words
from ennichi.room import HeardBy, HouseRules, Saying
from ennichi.stores import StoreService

AS_IT_COMES = HouseRules(shield=True, slow_s=0, followers_only=False)
KNOWN_FOR = timedelta(seconds=10)
LISTS_PREPARED = 256
EVERYWHERE = ""
"""The key of the operator's words."""


class Doorman:
    """Judges lines from memory. One statement is left: whether somebody follows, where only followers speak."""

    def __init__(self, db: Database, clock: Clock, stores: StoreService) -> None:
        self._db = db
        self._clock = clock
        self._stores = stores
        self._shield = Shield.load()
        self._standings = Remembered[str, Standing](clock, KNOWN_FOR)
        self._everywhere = Remembered[str, Words](clock, KNOWN_FOR)
        self._turns = Turns()
        # A list is read often and changes seldom; preparing five hundred words takes longer than reading them.
        self._prepared = lru_cache(maxsize=LISTS_PREPARED)(Words)

    async def judge(self, saying: Saying) -> HeardBy:
        """Who hears it. TimedOut, FollowersOnly, SlowMode, WordRefused; the staff may say anything to everyone."""
        if saying.role is not None:
            return "all"
        store_id, account_id, now = saying.store_id, saying.actor.id, self._clock.now()
        standing = await self._standings.get(store_id, lambda: self._standing(store_id, now))
        everywhere = await self._everywhere.get(EVERYWHERE, self._words_everywhere)
        must_not_be_timed_out(standing, account_id, now)
        rules = standing.rules
        if rules.followers_only:
            await self._must_follow(store_id, account_id)
        must_wait_its_turn(rules.slow_s, self._turns.last(store_id, account_id), now)
        must_hold_no_refused_word(saying.text, standing.words, everywhere)
        if rules.slow_s:
            self._turns.take(store_id, account_id, now, timedelta(seconds=SLOW_MAX))
        return heard_by(standing, account_id, saying.text, self._shield)

    async def blocked(self, store_id: str, account_id: str) -> bool:
        """Whether this person is heard by themselves alone."""
        now = self._clock.now()
        standing = await self._standings.get(store_id, lambda: self._standing(store_id, now))
        return account_id in standing.blocked

    def forget(self, store_id: str | None) -> None:
        """Something about this store was written (None: the operator's words were)."""
        if store_id is None:
            self._everywhere.forget(EVERYWHERE)
        else:
            self._standings.forget(store_id)

    async def _must_follow(self, store_id: str, account_id: str) -> None:
        async with self._db.read() as conn:
            if not await self._stores.follows(conn, store_id, account_id):
                raise FollowersOnly

    async def _standing(self, store_id: str, now: datetime) -> Standing:
        async with self._db.read() as conn:
            restraints = await q.RESTRAINTS.all(conn, store_id=store_id, now=now)
            rules = await rules_of(conn, store_id)
            words = await q.WORDS.all(conn, store_id=store_id)
        return Standing(
            rules=rules,
            words=self._prepared(tuple(row.word for row in words)),
            blocked=frozenset(row.account_id for row in restraints if row.until is None),
            timed_out={row.account_id: row.until for row in restraints if row.until is not None},
        )

    async def _words_everywhere(self) -> Words:
        async with self._db.read() as conn:
            return self._prepared(tuple(row.word for row in await q.WORDS_EVERYWHERE.all(conn)))


async def rules_of(where: Connection, store_id: str) -> HouseRules:
    """How the store keeps its rooms; the shield is up until somebody lowers it."""
    return await q.RULES.first(where, store_id=store_id) or AS_IT_COMES
