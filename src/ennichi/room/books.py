"""What a tick brings into the books besides its lines: who asked what, where questions went, what was taken out.

These travel through the room like events, to nobody (`NOBODY`), so that the books are written in the order of the feed
by its one writer.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec import Struct

from ennichi.kit.db import Transaction
from ennichi.room import queries
from ennichi.room.acts import Done, LineTaken
from ennichi.room.events import LineRemoved, NoticeSet, QuestionMoved
from ennichi.room.log import Audience
from ennichi.room.model import Notice, Question

NOBODY: Audience = ()


class Asking(Struct, kw_only=True, frozen=True):
    """A line asks a question: its own, or that of an earlier line. `about` is the listing it is about."""

    line_id: str
    question_id: str
    account_id: str
    folded: str
    about: str | None


class Merged(Struct, kw_only=True, frozen=True):
    """A question, with everyone who asked it, went into another."""

    question_id: str
    into: str


class HeadMoved(Struct, kw_only=True, frozen=True):
    """A question goes on under another of its lines."""

    question_id: str
    to: str


KEPT = (Asking, Merged, HeadMoved, QuestionMoved, LineRemoved, NoticeSet, Done)
"""What `write` writes."""


async def write(tx: Transaction, show_id: str, at: datetime, events: Iterable[Struct]) -> None:
    """Write everything of a tick that is not a line or a number; lines are there already."""
    moved: dict[str, Question] = {}
    for event in events:
        match event:
            case QuestionMoved(question=question):
                # A busy question moves many times in a tick; the last counts.
                moved[question.id] = question
            case Asking():
                await queries.ASK.run(
                    tx, question_id=event.question_id, account_id=event.account_id, line_id=event.line_id
                )
            case Merged(question_id=question_id, into=into):
                await _write_moves(tx, show_id, at, moved)
                await queries.MERGE.run(tx, id=question_id, into=into, show_id=show_id)
                await queries.MOVE_ASKINGS.run(tx, id=question_id, to=into)
                await queries.FORGET_ASKINGS.run(tx, id=question_id)
            case HeadMoved(question_id=question_id, to=to):
                await _write_moves(tx, show_id, at, moved)
                await queries.MOVE_HEAD.run(tx, id=question_id, to=to, show_id=show_id)
                await queries.FOLLOW_HEAD.run(tx, id=question_id, to=to, show_id=show_id)
                await queries.MOVE_ASKINGS.run(tx, id=question_id, to=to)
                await queries.FORGET_ASKINGS.run(tx, id=question_id)
            case LineRemoved(line_id=line_id):
                await queries.REMOVE.run(tx, id=line_id, show_id=show_id, now=at)
                await queries.TAKE_NOTICE_OF.run(tx, line_id=line_id, show_id=show_id)
                tx.record(LineTaken(show_id=show_id, line_id=line_id))
            case NoticeSet(notice=notice):
                await queries.SET_NOTICE.run(tx, show_id=show_id, notice=_json(notice))
            case Done():
                tx.record(event)
    await _write_moves(tx, show_id, at, moved)


async def _write_moves(tx: Transaction, show_id: str, at: datetime, moved: dict[str, Question]) -> None:
    rows = [
        {
            "id": question.id,
            "show_id": show_id,
            "queue": question.state,
            "asked": question.asked,
            "answer": question.answer,
            "taken_up_ms": question.media_ms,
            "now": at,
        }
        for question in moved.values()
        if question.state != "merged"
    ]
    if rows:
        await queries.MOVE.many(tx, rows)
    moved.clear()


def _json(notice: Notice | None) -> str | None:
    return None if notice is None else msgspec.json.encode(notice).decode()
