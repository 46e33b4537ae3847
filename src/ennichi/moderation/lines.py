"""Lines as those who keep order deal with them: found, and taken out."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from ennichi.accounts import Account
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database
from ennichi.moderation.reports import Reports
from ennichi.room import Done, LineNotFound, RoomService, Said, said, said_since
from ennichi.stores import StoreService

REMOVED_WITH_BLOCK = timedelta(minutes=15)


class Lines:
    """What was said in the rooms."""

    def __init__(
        self, db: Database, clock: Clock, *, stores: StoreService, room: RoomService, reports: Reports
    ) -> None:
        self._db = db
        self._clock = clock
        self._stores = stores
        self._room = room
        self._reports = reports

    async def get(self, where: Connection, show_id: str, line_id: str) -> Said:
        """A line of this show, also one that is removed; LineNotFound."""
        line = (await said(where, [line_id])).get(line_id)
        if line is None or line.show_id != show_id:
            raise LineNotFound
        return line

    async def recent(self, where: Connection, store_id: str, account_id: str) -> list[Said]:
        """What somebody said in the store's live show of late."""
        show_id = (await self._stores.row(where, store_id)).live_show_id
        if show_id is None:
            return []
        return await said_since(where, show_id, account_id, self._clock.now() - REMOVED_WITH_BLOCK)

    async def remove(self, actor: Account, store_id: str, lines: Sequence[Said]) -> None:
        """Take lines out, and settle what was reported about them.

        Through the room, the one writer of its lines; it hands the act back to be noted in the same transaction.
        """

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
