"""Closed stretches of feeds as objects: named by what is in them, never changed, compressed once."""

import asyncio
import gzip
import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import obstore
from msgspec import Raw, Struct
from obstore.store import LocalStore, ObjectStore

NAME = re.compile(r"[1-9][0-9]{0,8}-[0-9a-f]{32}", re.ASCII)
"""An object's number and digest."""
_encoder = msgspec.json.Encoder()


class Stretch(Struct, kw_only=True):
    """What an object holds: events as they were on the feed, each with its time and its place in the video."""

    show_id: str
    number: int
    events: Sequence[Raw]


def open_shelf_store(folder: Path) -> ObjectStore:
    """Files in a folder, which is made when it is missing."""
    return LocalStore(prefix=folder, mkdir=True)


def carries(event: bytes | Raw, line_id: str) -> bool:
    """Whether an encoded event says or shows this line. Quotes in what people write are escaped: nobody can fake it."""
    return b'id":"%s"' % line_id.encode() in bytes(event)


class Shelf:
    """The objects of all shows."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, show_id: str, number: int, events: Iterable[bytes | Raw]) -> tuple[str, int]:
        """Keep a stretch; returns its name and how many bytes it takes."""
        stretch = Stretch(show_id=show_id, number=number, events=[Raw(event) for event in events])
        name, packed = await asyncio.to_thread(_packed, stretch)
        await obstore.put_async(self._store, _path(show_id, name), packed)
        return name, len(packed)

    async def packed(self, show_id: str, name: str) -> bytes:
        """An object's JSON, compressed with gzip; FileNotFoundError."""
        answer = await obstore.get_async(self._store, _path(show_id, name))
        return bytes(await answer.bytes_async())

    async def events(self, show_id: str, name: str) -> Sequence[Raw]:
        """The encoded events of an object; FileNotFoundError."""
        return await asyncio.to_thread(_unpacked, await self.packed(show_id, name))

    async def keep_only(self, show_id: str, names: Iterable[str], *, number: int | None = None) -> None:
        """Delete the objects of a show (of one number of it) that have none of these names."""
        kept = {_path(show_id, name) for name in names}
        found = await obstore.list_with_delimiter_async(self._store, show_id)
        start = f"{show_id}/" if number is None else f"{show_id}/{number}-"
        gone = [one["path"] for one in found["objects"] if one["path"].startswith(start) and one["path"] not in kept]
        if gone:
            await obstore.delete_async(self._store, gone)


def _packed(stretch: Stretch) -> tuple[str, bytes]:
    data = _encoder.encode(stretch)
    digest = hashlib.blake2b(data, digest_size=16).hexdigest()
    return f"{stretch.number}-{digest}", gzip.compress(data, 6, mtime=0)


def _unpacked(packed: bytes) -> Sequence[Raw]:
    return msgspec.json.decode(gzip.decompress(packed), type=Stretch).events


def _path(show_id: str, name: str) -> str:
    return f"{show_id}/{name}.json.gz"
