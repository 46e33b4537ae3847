"""Votes: the stall asks, everyone signed in chooses once and may think again, until it is closed or its time is up."""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import structlog
from msgspec import Meta, Struct

from ennichi.accounts import Account
from ennichi.kit.clock import Clock
from ennichi.kit.db import Database
from ennichi.kit.errors import Invalid
from ennichi.kit.ids import Ids
from ennichi.kit.limits import Limits
from ennichi.kit.outage import outage
from ennichi.kit.text import clean
from ennichi.room import queries
from ennichi.room.books import Posting
from ennichi.room.door import Door
from ennichi.room.errors import VoteClosed
from ennichi.room.model import OPTIONS, Option, Vote
from ennichi.room.rooms import Opened, Rooms
from ennichi.shows import ShowMoved

log = structlog.get_logger(__name__)

QUESTION_MAX = 80
OPTION_MAX = 40
AGAIN = 5.0


class NewVote(Struct, kw_only=True, frozen=True):
    """What the staff wants to know; it closes by itself after `seconds`, if there are any."""

    question: Annotated[str, Meta(min_length=1, max_length=4 * QUESTION_MAX, description="1 to 80 characters.")]
    options: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=4 * OPTION_MAX)]],
        Meta(min_length=OPTIONS[0], max_length=OPTIONS[1], description="Of 1 to 40 characters, no two the same."),
    ]
    seconds: Annotated[int, Meta(ge=10, le=600)] | None = None


class Votes:
    """Use cases of the votes in all rooms."""

    def __init__(  # noqa: PLR0917 (what a service is built of)
        self, db: Database, clock: Clock, ids: Ids, limits: Limits, rooms: Rooms, door: Door
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._limits = limits
        self._rooms = rooms
        self._door = door
        self._begun = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Close what is overdue, and from now on what becomes so."""
        self._task = asyncio.create_task(self._watch(), name="votes")

    async def stop(self) -> None:
        """Watch no more."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def begin(self, actor: Account, show_id: str, new: NewVote) -> Vote:
        """The staff asks; a closed vote that is still shown makes place. VoteRunning, RoomClosed."""
        question, options = _text("question", new.question, QUESTION_MAX), _options(new.options)
        opened = await self._door.staff(actor, show_id)
        opened.must_be_open()
        vote = Vote(
            id=self._ids.new(),
            question=question,
            options=[Option(text=text, votes=0) for text in options],
            state="open",
            closes_at=self._clock.now() + timedelta(seconds=new.seconds) if new.seconds else None,
        )
        done = opened.done(actor, "vote.begun", question=question, options=options)
        await opened.room.post_kept(*opened.box.begin(vote), done)
        self._begun.set()
        return vote

    async def choose(self, actor: Account, show_id: str, vote_id: str, option: int) -> Vote:
        """A ballot, or another instead of it; returns the count with it, once it is kept. VoteClosed."""
        self._limits.take(f"vote {actor.id}", 10, 10)
        opened = await self._rooms.open(show_id)
        opened.must_be_open()
        vote = opened.box.shown(vote_id)
        if vote.closes_at and vote.closes_at <= self._clock.now():
            raise VoteClosed
        postings = opened.box.choose(vote_id, actor.id, option)
        counted = opened.box.shown(vote_id)
        await opened.room.post_kept(*postings)
        return counted

    async def close(self, actor: Account, show_id: str, vote_id: str) -> Vote:
        """The staff takes no more ballots; once more changes nothing."""
        opened = await self._door.staff(actor, show_id)
        if postings := opened.box.close(vote_id):
            vote = opened.box.shown(vote_id)
            await opened.room.post_kept(*postings, _closed(opened, actor, vote))
            return vote
        return opened.box.shown(vote_id)

    async def put_away(self, actor: Account, show_id: str, vote_id: str) -> None:
        """The staff takes it out of sight; one that is open is closed by it."""
        opened = await self._door.staff(actor, show_id)
        if postings := opened.box.close(vote_id):
            postings.append(_closed(opened, actor, opened.box.shown(vote_id)))
        await opened.room.post_kept(*postings, *opened.box.put_away())

    async def on_show_moved(self, event: ShowMoved) -> None:
        """When the show is over, so is its vote."""
        opened = await self._rooms.open(event.show_id)
        vote = opened.box.vote
        if event.state != "live" and vote and (postings := opened.box.close(vote.id)):
            await opened.room.post_kept(*postings)

    async def _watch(self) -> None:
        while True:
            self._begun.clear()
            try:
                wait = await self._close_due()
            except Exception as problem:
                if not outage.noticed(problem):
                    log.exception("a vote could not be closed in time")
                wait = AGAIN
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._begun.wait()

    async def _close_due(self) -> float | None:
        """Close what is overdue; returns in how many seconds the next one will be."""
        async with self._db.read() as conn:
            waiting = await queries.VOTES_CLOSING.all(conn)
        now = self._clock.now()
        for row in waiting:
            if row.closes_at > now:
                return (row.closes_at - now).total_seconds()
            opened = await self._rooms.open(row.show_id)
            if opened.box.vote and opened.box.vote.id == row.id and (postings := opened.box.close(row.id)):
                await opened.room.post_kept(*postings)
            else:  # the room has closed it with its show, and the books have not
                async with self._db.transaction() as tx:
                    await queries.CLOSE_VOTE.run(tx, id=row.id)
        return None


def _text(name: str, text: str, most: int) -> str:
    text = clean(text)
    if not text:
        raise Invalid((name, "empty"))
    if len(text) > most:
        raise Invalid((name, f"at most {most} characters"))
    return text


def _options(texts: Sequence[str]) -> list[str]:
    cleaned = [_text(f"options[{n}]", text, OPTION_MAX) for n, text in enumerate(texts)]
    if len(set(cleaned)) < len(cleaned):
        raise Invalid(("options", "two are the same"))
    return cleaned


def _closed(opened: Opened, actor: Account, vote: Vote) -> Posting:
    votes = [one.votes for one in vote.options]
    return opened.done(actor, "vote.closed", question=vote.question, votes=votes)
