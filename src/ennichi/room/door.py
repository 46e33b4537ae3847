"""The way into a room for those who keep it."""

from ennichi.accounts import Account
from ennichi.kit.db import Database
from ennichi.room.rooms import Opened, Rooms
from ennichi.stores import StoreService


class Door:
    """Lets the staff of its store into a room, and nobody else."""

    def __init__(self, db: Database, rooms: Rooms, stores: StoreService) -> None:
        self._db = db
        self._rooms = rooms
        self._stores = stores

    async def staff(self, actor: Account, show_id: str) -> Opened:
        """The room as it is, for somebody of its staff; ShowNotFound, Forbidden.

        What follows without waiting happens before anything else does.
        """
        store_id = (await self._rooms.open(show_id)).room.now.show.store.id
        async with self._db.read() as conn:
            await self._stores.require_staff(conn, store_id, actor)
        # Asked for again after what was waited for: the room may have closed meanwhile.
        return await self._rooms.open(show_id)
