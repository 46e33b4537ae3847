"""All SQL of the room."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from ennichi.kit.db import Command, Query


class LineRow(Struct, frozen=True, kw_only=True):
    """A line as it is kept."""

    id: str
    place: int
    at: datetime
    media_ms: int | None
    kind: str
    account_id: str
    name: str
    seller: bool
    moderator: bool
    text: str
    question: bool
    listing_id: str | None
    quantity: int | None
    heard_by: str
    queue: str | None
    asked: int
    answer: str | None
    taken_up_ms: int | None


_COLUMNS = (
    "id, place, at, media_ms, kind, account_id, name, seller, moderator, text, question, listing_id, quantity,"
    " heard_by, queue, asked, answer, taken_up_ms"
)

KEEP = Command("""
    insert into lines (id, show_id, epoch, place, at, media_ms, kind, account_id, name, seller, moderator, text,
        question, listing_id, quantity, heard_by, queue)
    values (%(id)s, %(show_id)s, %(epoch)s, %(place)s, %(at)s, %(media_ms)s, %(kind)s, %(account_id)s, %(name)s,
        %(seller)s, %(moderator)s, %(text)s, %(question)s, %(listing_id)s, %(quantity)s, %(heard_by)s, %(queue)s)
""")
MOVE = Command("update lines set queue = %(queue)s where id = %(id)s and show_id = %(show_id)s and question")
QUESTION = Query(LineRow, f"select {_COLUMNS} from lines where id = %(id)s and show_id = %(show_id)s and question")
NEWEST = Query(
    LineRow,
    f"""
    select {_COLUMNS} from lines where show_id = %(show_id)s and removed_at is null and heard_by = 'all'
    order by place desc limit %(limit)s
    """,
)
QUIET = Query(
    LineRow,
    f"""
    select {_COLUMNS} from lines where show_id = %(show_id)s and removed_at is null and heard_by <> 'all'
    order by place desc limit %(limit)s
    """,
)
WAITING = Query(
    LineRow,
    f"""
    select {_COLUMNS} from lines
    where show_id = %(show_id)s and queue in ('open', 'answering') and removed_at is null order by place
    """,
)
LAST_PLACE = Query(int, "select coalesce(max(place), 0) from lines where show_id = %(show_id)s")


class Said(Struct, frozen=True, kw_only=True):
    """A line as those who keep order need it. `staff`: its author spoke for the store."""

    id: str
    show_id: str
    at: datetime
    media_ms: int | None
    account_id: str
    name: str
    text: str
    heard_by: str
    staff: bool
    removed: bool


_SAID = (
    "id, show_id, at, media_ms, account_id, name, text, heard_by, seller or moderator as staff,"
    " removed_at is not null as removed"
)
SAID = Query(Said, f"select {_SAID} from lines where id = any(%(ids)s)")
SAID_SINCE = Query(
    Said,
    f"""
    select {_SAID} from lines
    where show_id = %(show_id)s and account_id = %(account_id)s and at > %(since)s and removed_at is null
    order by place
    """,
)


class RoomRow(Struct, frozen=True, kw_only=True):
    """What is kept of a room besides its lines."""

    peak: int
    notice: dict[str, Any] | None


ROOM = Query(RoomRow, "select peak, notice from rooms where show_id = %(show_id)s")
RAISE_PEAK = Command("""
    insert into rooms (show_id, peak) values (%(show_id)s, %(peak)s)
    on conflict (show_id) do update set peak = greatest(rooms.peak, excluded.peak)
""")
SET_NOTICE = Command("""
    insert into rooms (show_id, notice) values (%(show_id)s, %(notice)s)
    on conflict (show_id) do update set notice = excluded.notice
""")
VISITORS = Query(str, "select visitor from visits where show_id = %(show_id)s")
VISIT = Command("insert into visits (show_id, visitor) values (%(show_id)s, %(visitor)s) on conflict do nothing")
