"""Between the rooms and the database: loads a gathering, keeps what was said."""

from collections.abc import Sequence

from ennichi.accounts import Account
from ennichi.kit.db import Connection, Database
from ennichi.room import queries
from ennichi.room.actor import Pending
from ennichi.room.model import (
    LINES_KEPT,
    Gathering,
    Line,
    LineSaid,
    Question,
    QuestionMoved,
    Speaker,
    stock_of,
)
from ennichi.room.queries import LineRow
from ennichi.shows import ShowService
from ennichi.stores import StoreService


class Keeper:
    """The rooms' memory."""

    def __init__(self, db: Database, shows: ShowService, stores: StoreService) -> None:
        self._db = db
        self._shows = shows
        self._stores = stores

    async def load(self, show_id: str) -> Gathering:
        """The gathering as the database knows it; ShowNotFound."""
        nobody: Account | None = None
        async with self._db.read() as conn:
            row = await self._shows.get(conn, show_id)
            show = await self._shows.tiles.page(conn, row, nobody)
            lineup = await self._shows.tiles.lineup(conn, show_id)
            newest = await queries.NEWEST.all(conn, show_id=show_id, limit=LINES_KEPT)
            questions = [question_of(row) for row in await queries.WAITING.all(conn, show_id=show_id)]
        show.viewers, show.likes, show.lineup_count = 0, row.likes, len(lineup)
        return Gathering(
            show=show,
            lines=[line_of(row) for row in reversed(newest)],
            likes=row.likes,
            viewers=0,
            pinned=row.pinned_id,
            lineup=lineup,
            answering=next((q for q in questions if q.state == "answering"), None),
            questions=questions,
            stock=stock_of(lineup),
        )

    async def keep(self, show_id: str, epoch: str, said: Sequence[Pending], likes: int | None) -> None:
        """Write a tick's lines and queue moves, and the likes when they changed, in one transaction."""
        moved = {p.event.question.id: p.event.question.state for p in said if isinstance(p.event, QuestionMoved)}
        lines = [p.event.line for p in said if isinstance(p.event, LineSaid)]
        fresh = {line.id for line in lines}
        moves = [{"id": key, "show_id": show_id, "queue": state} for key, state in moved.items() if key not in fresh]
        if not lines and not moves and likes is None:
            return
        async with self._db.transaction() as tx:
            if lines:
                await queries.KEEP.many(tx, [_row(show_id, epoch, line) for line in lines])
            if moves:
                await queries.MOVE.many(tx, moves)
            if likes is not None:
                row = await self._shows.get(tx, show_id)
                await self._shows.keep_likes(tx, show_id, likes)
                await self._stores.add_likes(tx, row.store_id, max(0, likes - row.likes))

    async def question(self, where: Connection, show_id: str, question_id: str) -> Question | None:
        """A question of this show, whatever its state."""
        row = await queries.QUESTION.first(where, id=question_id, show_id=show_id)
        return question_of(row) if row else None


def line_of(row: LineRow) -> Line:
    """A kept line as the feed shows it."""
    return Line(
        id=row.id,
        offset=row.place,
        at=row.at,
        account=Speaker(id=row.account_id, name=row.name, seller=row.seller),
        text=row.text,
        question=row.question,
        listing_id=row.listing_id,
    )


def question_of(row: LineRow) -> Question:
    """A kept question as the queue shows it."""
    return Question(id=row.id, line=line_of(row), state=row.queue)  # type: ignore[arg-type]  # checked by the table


def _row(show_id: str, epoch: str, line: Line) -> dict[str, object]:
    return {
        "id": line.id,
        "show_id": show_id,
        "epoch": epoch,
        "place": line.offset,
        "at": line.at,
        "account_id": line.account.id,
        "name": line.account.name,
        "seller": line.account.seller,
        "text": line.text,
        "question": line.question,
        "listing_id": line.listing_id,
        "queue": "open" if line.question else None,
    }
