"""Use cases of the question queue. What is decided is kept before it is answered, and everyone who asked is told."""

from collections.abc import Callable
from typing import Literal, TypeAlias

from ennichi.accounts import Account
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection
from ennichi.kit.errors import Invalid
from ennichi.kit.text import clean
from ennichi.room import queries
from ennichi.room.books import Posting, Postings
from ennichi.room.door import Door
from ennichi.room.events import NoticeSet
from ennichi.room.model import Asked, Notice, Question
from ennichi.room.queries import AnsweredRow
from ennichi.room.rooms import Opened, Rooms

ANSWER_MAX = 500
ABOUT_KEPT = 50
"""So many answers about a listing are shown."""

Step: TypeAlias = Literal["open", "answering", "answered", "dropped"]
"""Where the staff can move a question."""
Which: TypeAlias = Literal["open", "answered", "all"]
Decision: TypeAlias = Callable[[Opened], tuple[Question, Postings]]


class Questions:
    """The queue as the store's staff works it, and as those who asked look at it."""

    def __init__(self, clock: Clock, rooms: Rooms, door: Door) -> None:
        self._clock = clock
        self._rooms = rooms
        self._door = door

    async def move(self, actor: Account, show_id: str, question_id: str, state: Step) -> Question:
        """Take a question up on the video, mark it answered, drop it or put it back. One is answered at a time.

        Raises Forbidden, QuestionNotFound, QuestionGone (merged), RoomClosed (taken up after the show).
        """

        def decide(opened: Opened) -> tuple[Question, Postings]:
            if state == "answering":
                opened.must_be_open()
            question, postings = opened.desk.move(question_id, state, opened.media_ms(self._clock))
            if postings and state == "dropped":
                postings.append(_done(opened, actor, "question.dropped", question))
            return question, postings

        return await self._decide(actor, show_id, decide)

    async def answer(self, actor: Account, show_id: str, question_id: str, text: str, *, pin: bool = False) -> Question:
        """Answer in writing, also after the show; with `pin` the answer stays over the chat.

        Raises Forbidden, Invalid, QuestionNotFound, QuestionGone (merged).
        """
        text = clean(text)
        if not text:
            raise Invalid(("text", "empty"))
        if len(text) > ANSWER_MAX:
            raise Invalid(("text", f"at most {ANSWER_MAX} characters"))

        def decide(opened: Opened) -> tuple[Question, Postings]:
            question, postings = opened.desk.answer(question_id, text)
            if pin:
                line = question.line
                notice = Notice(line_id=question.id, name=line.account.name, text=text, question=line.text)
                postings.append((NoticeSet(notice), None))
                postings.append(_done(opened, actor, "notice.set", question))
            return question, postings

        return await self._decide(actor, show_id, decide)

    async def merge(self, actor: Account, show_id: str, question_id: str, into: str) -> Question:
        """Make two waiting questions one; returns the one that stays.

        Raises Forbidden, Invalid (into itself), QuestionNotFound, QuestionGone (one of them does not wait any more).
        """
        if question_id == into:
            raise Invalid(("into", "the same question"))

        def decide(opened: Opened) -> tuple[Question, Postings]:
            question, postings = opened.desk.merge(question_id, into)
            postings.append(_done(opened, actor, "question.merged", question))
            return question, postings

        return await self._decide(actor, show_id, decide)

    async def listed(self, actor: Account, show_id: str, which: Which) -> list[Question]:
        """The show's questions, the newest first: those that wait, those that were answered, or every one."""
        opened = await self._door.staff(actor, show_id)
        states = {"open": ("open", "answering"), "answered": ("answered",)}.get(which)
        found = [q for q in opened.desk.questions() if states is None or q.state in states]
        return sorted(found, key=lambda question: question.id, reverse=True)

    async def about(self, where: Connection, listing_id: str) -> list[AnsweredRow]:
        """What was asked about a listing and answered in writing, the newest answer first."""
        return await queries.ANSWERED_ABOUT.all(where, listing_id=listing_id, limit=ABOUT_KEPT)

    async def asked_by(self, show_id: str, account_id: str) -> list[Asked]:
        """What this person has asked at the show, the newest question first."""
        return (await self._rooms.open(show_id)).desk.asked_by(account_id)

    async def _decide(self, actor: Account, show_id: str, decision: Decision) -> Question:
        opened = await self._door.staff(actor, show_id)
        question, postings = decision(opened)
        if postings:
            await opened.room.post_kept(*postings)
        return question


def _done(opened: Opened, actor: Account, act: str, question: Question) -> Posting:
    return opened.done(actor, act, account_id=question.line.account.id, line_id=question.id)
