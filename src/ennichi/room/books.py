"""What a tick brings into the books besides its lines: questions, votes, what was taken out.

These travel through the room like events, to nobody (`NOBODY`), so that the books are written in the order of the feed
by its one writer.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

import msgspec
from msgspec import Struct

from ennichi.kit.db import Transaction
from ennichi.room import queries
from ennichi.room.acts import Done, LineTaken
from ennichi.room.events import LineRemoved, NoticeSet, QuestionMoved
from ennichi.room.log import Audience
from ennichi.room.model import Notice, Question, Vote

NOBODY: Audience = ()
Posting: TypeAlias = tuple[Struct, Audience]
"""What is put into a tick, and for whom."""
Postings: TypeAlias = list[Posting]


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


class VoteKept(Struct, kw_only=True, frozen=True):
    """A vote as it is now; it is not shown any more when it is `away`."""

    vote: Vote
    away: bool = False


class Ballot(Struct, kw_only=True, frozen=True):
    """Somebody chose, or chose otherwise."""

    vote_id: str
    account_id: str
    option: int


KEPT = (Asking, Merged, HeadMoved, QuestionMoved, LineRemoved, NoticeSet, VoteKept, Ballot, Done)
"""What `write` writes."""


async def write(tx: Transaction, show_id: str, at: datetime, events: Sequence[Struct]) -> None:
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
                await queries.TAKE_NOTICE_OF.run(tx, line_id=line_id, show_id=show_id)
                if await queries.REMOVE.run(tx, id=line_id, show_id=show_id, now=at):
                    tx.record(LineTaken(show_id=show_id, line_id=line_id))
            case NoticeSet(notice=notice):
                await queries.SET_NOTICE.run(tx, show_id=show_id, notice=_json(notice))
            case Done():
                tx.record(event)
    await _write_moves(tx, show_id, at, moved)
    await _write_votes(tx, show_id, at, events)


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


async def _write_votes(tx: Transaction, show_id: str, at: datetime, events: Sequence[Struct]) -> None:
    """Votes in their order, then the ballots, in one statement for each vote."""
    ballots: dict[str, dict[str, int]] = {}
    for event in events:
        match event:
            case VoteKept(vote=vote, away=away):
                await queries.KEEP_VOTE.run(
                    tx,
                    id=vote.id,
                    show_id=show_id,
                    question=vote.question,
                    options=[one.text for one in vote.options],
                    state="away" if away else vote.state,
                    now=at,
                    closes_at=vote.closes_at,
                )
            case Ballot(vote_id=vote_id, account_id=account_id, option=option):
                ballots.setdefault(vote_id, {})[account_id] = option
    for vote_id, chosen in ballots.items():
        await queries.KEEP_BALLOTS.run(tx, vote_id=vote_id, account_ids=list(chosen), options=list(chosen.values()))


def _json(notice: Notice | None) -> str | None:
    return None if notice is None else msgspec.json.encode(notice).decode()
