"""What was said, looked up in the books: also what was taken out, or was never heard by everyone."""

from collections.abc import Iterable
from datetime import datetime

from ennichi.kit.db import Connection
from ennichi.room import queries
from ennichi.room.queries import Said


async def said(where: Connection, line_ids: Iterable[str]) -> dict[str, Said]:
    """Those of the lines that exist, by id, in one statement."""
    return {line.id: line for line in await queries.SAID.all(where, ids=list(set(line_ids)))}


async def said_since(where: Connection, show_id: str, account_id: str, since: datetime) -> list[Said]:
    """What this account has said at the show since then and still stands."""
    return await queries.SAID_SINCE.all(where, show_id=show_id, account_id=account_id, since=since)
