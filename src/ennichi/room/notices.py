"""The one line that stays over the chat: somebody's of this show, or a word of the stall's own."""

from ennichi.accounts import Account
from ennichi.kit.db import Database
from ennichi.kit.errors import Invalid
from ennichi.kit.ids import is_id
from ennichi.kit.text import clean
from ennichi.room import queries
from ennichi.room.books import Posting
from ennichi.room.door import Door
from ennichi.room.errors import LineNotFound
from ennichi.room.events import NoticeSet
from ennichi.room.model import Notice
from ennichi.room.rooms import Opened

NOTICE_MAX = 200


class Notices:
    """Use cases of the notice, all of them the staff's."""

    def __init__(self, db: Database, door: Door) -> None:
        self._db = db
        self._door = door

    async def show_line(self, actor: Account, show_id: str, line_id: str) -> Notice:
        """Let a line that everyone heard stay over the chat; LineNotFound."""
        opened = await self._door.staff(actor, show_id)
        async with self._db.read() as conn:
            row = await queries.HEARD.first(conn, id=line_id, show_id=show_id) if is_id(line_id) else None
        if row is None:
            raise LineNotFound
        notice = Notice(line_id=row.id, name=row.name, text=row.text, question=None)
        await _set(opened, notice, opened.done(actor, "notice.set", line_id=row.id))
        async with self._db.read() as conn:
            gone = not await queries.HEARD.first(conn, id=line_id, show_id=show_id)
        if gone:  # removed at the same moment
            await opened.room.post_kept((NoticeSet(None), None))
            raise LineNotFound
        return notice

    async def show_text(self, actor: Account, show_id: str, text: str) -> Notice:
        """Let a word of the stall's stay over the chat."""
        text = clean(text)
        if not text:
            raise Invalid(("text", "empty"))
        if len(text) > NOTICE_MAX:
            raise Invalid(("text", f"at most {NOTICE_MAX} characters"))
        opened = await self._door.staff(actor, show_id)
        notice = Notice(line_id=None, name=None, text=text, question=None)
        await _set(opened, notice, opened.done(actor, "notice.set", text=text))
        return notice

    async def take_away(self, actor: Account, show_id: str) -> None:
        """Let nothing stay over the chat; once more changes nothing."""
        opened = await self._door.staff(actor, show_id)
        if opened.room.now.notice:
            await opened.room.post_kept((NoticeSet(None), None), opened.done(actor, "notice.taken"))


async def _set(opened: Opened, notice: Notice, done: Posting) -> None:
    opened.must_be_open()
    await opened.room.post_kept((NoticeSet(notice), None), done)
