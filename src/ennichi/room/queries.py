"""All SQL of the room."""

from datetime import datetime

from msgspec import Struct

from ennichi.kit.db import Command, Query


class LineRow(Struct, frozen=True, kw_only=True):
    """A line as it is kept."""

    id: str
    place: int
    at: datetime
    account_id: str
    name: str
    seller: bool
    text: str
    question: bool
    listing_id: str | None
    queue: str | None


_COLUMNS = "id, place, at, account_id, name, seller, text, question, listing_id, queue"

KEEP = Command(
    "insert into lines (id, show_id, epoch, place, at, account_id, name, seller, text, question, listing_id, queue)"
    " values (%(id)s, %(show_id)s, %(epoch)s, %(place)s, %(at)s, %(account_id)s, %(name)s, %(seller)s, %(text)s,"
    " %(question)s, %(listing_id)s, %(queue)s)"
)
MOVE = Command("update lines set queue = %(queue)s where id = %(id)s and show_id = %(show_id)s and question")
QUESTION = Query(LineRow, f"select {_COLUMNS} from lines where id = %(id)s and show_id = %(show_id)s and question")
NEWEST = Query(
    LineRow, f"select {_COLUMNS} from lines where show_id = %(show_id)s order by at desc, place desc limit %(limit)s"
)
WAITING = Query(
    LineRow,
    f"select {_COLUMNS} from lines where show_id = %(show_id)s and queue in ('open', 'answering') order by at, place",
)
