"""Order in the rooms: rules of the house, who may speak, reports, and the trail of every act."""

from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database
from ennichi.kit.ids import Ids
from ennichi.moderation import queries as q
from ennichi.room import HeardBy, HouseRules, Saying
from ennichi.stores import StoreService


class ModerationService:
    """The `House` the rooms ask."""

    def __init__(self, db: Database, clock: Clock, ids: Ids, *, stores: StoreService) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._stores = stores

    async def rules(self, where: Connection, store_id: str) -> HouseRules:
        """How the store keeps its rooms; the shield is on until somebody lowers it."""
        return await q.RULES.first(where, store_id=store_id) or HouseRules(shield=True, slow_s=0, followers_only=False)

    async def reported(self, where: Connection, show_id: str) -> int:
        """How many reports of this show wait."""
        return await q.REPORTED.one(where, show_id=show_id)

    async def judge(self, where: Connection, saying: Saying) -> HeardBy:
        """Who is to hear a line."""
        return "all"
