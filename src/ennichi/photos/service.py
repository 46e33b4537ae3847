"""Use cases of photos."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import obstore
from obstore.store import LocalStore, ObjectStore

from ennichi.accounts import Account
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database
from ennichi.kit.errors import TooLarge
from ennichi.kit.ids import Ids, is_id
from ennichi.photos import queries
from ennichi.photos.errors import PhotoNotFound, PhotoUnknown
from ennichi.photos.model import MAX_BYTES, Photo, PhotoRow, Size, to_photo
from ennichi.photos.picture import render

AT_ONCE = 2
"""Pictures decoded at the same time: each may need a few hundred megabytes for a moment."""

KNOWN = 10_000
"""So many photos are remembered: they never change."""


def open_photo_store(folder: Path) -> ObjectStore:
    """Files in a folder, which is made when it is missing."""
    return LocalStore(prefix=folder, mkdir=True)


class PhotoService:
    """Takes pictures in and hands them out."""

    def __init__(self, db: Database, store: ObjectStore, ids: Ids, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._ids = ids
        self._clock = clock
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._known: dict[str, Photo] = {}

    async def take(self, actor: Account, data: bytes) -> Photo:
        """Keep an uploaded picture. Raises TooLarge, or Unreadable when it is none."""
        if len(data) > MAX_BYTES:
            raise TooLarge(limit=MAX_BYTES)
        async with self._turn:
            made = await asyncio.to_thread(render, data)
        row = PhotoRow(
            id=self._ids.new(),
            account_id=actor.id,
            width=made.width,
            height=made.height,
            placeholder=made.placeholder,
            created_at=self._clock.now(),
        )
        # Files before the row: a photo that can be found can be shown.
        for size, content in made.sizes.items():
            await obstore.put_async(self._store, _path(row.id, size), content)
        async with self._db.transaction() as tx:
            await queries.ADD.run(
                tx,
                id=row.id,
                account_id=row.account_id,
                width=row.width,
                height=row.height,
                placeholder=row.placeholder,
                created_at=row.created_at,
            )
        return to_photo(row)

    async def load(self, where: Connection, ids: Iterable[str]) -> dict[str, Photo]:
        """The photos among `ids` that exist, by id, in one statement at most."""
        wanted = {photo_id for photo_id in ids if is_id(photo_id)}
        found = {photo_id: self._known[photo_id] for photo_id in wanted if photo_id in self._known}
        if len(found) < len(wanted):
            read = {row.id: to_photo(row) for row in await queries.BY_IDS.all(where, ids=list(wanted - found.keys()))}
            if len(self._known) > KNOWN:
                self._known.clear()
            self._known |= read
            found |= read
        return found

    async def require_own(self, where: Connection, ids: Iterable[str], account: Account) -> None:
        """Raise PhotoUnknown unless each of `ids` is a photo this account uploaded."""
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return
        known = [photo_id for photo_id in wanted if is_id(photo_id)]
        own = {row.id for row in await queries.BY_IDS.all(where, ids=known) if row.account_id == account.id}
        for photo_id in wanted:
            if photo_id not in own:
                raise PhotoUnknown(photo_id=photo_id)

    async def read(self, photo_id: str, size: Size) -> bytes:
        """The WebP file of one size; PhotoNotFound."""
        if not is_id(photo_id):
            raise PhotoNotFound
        try:
            answer = await obstore.get_async(self._store, _path(photo_id, size))
        except FileNotFoundError as missing:
            raise PhotoNotFound from missing
        return bytes(await answer.bytes_async())


def _path(photo_id: str, size: Size) -> str:
    return f"{photo_id}/{size}.webp"
