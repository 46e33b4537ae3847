"""The vote of one room in memory.

A box's steps wait for nothing and return what is to be posted in one go, so the ballots of a tick are counted at once
and written in one transaction.
"""

from collections import Counter

from msgspec import structs

from ennichi.kit.db import Connection
from ennichi.kit.errors import Invalid
from ennichi.room import queries
from ennichi.room.books import NOBODY, Ballot, Postings, VoteKept
from ennichi.room.errors import VoteClosed, VoteNotFound, VoteRunning
from ennichi.room.events import VoteMoved
from ennichi.room.model import Option, Vote


class Box:
    """The vote of one room, and who chose what. It may be ahead of what the room shows by a tick."""

    def __init__(self, vote: Vote | None, choices: dict[str, int]) -> None:
        self.vote = vote
        self._choices = choices
        self._tally = Counter(choices.values())

    def begin(self, vote: Vote) -> Postings:
        """Another vote; the one before it is put away. VoteRunning while that is open."""
        if self.vote and self.vote.state == "open":
            raise VoteRunning(vote_id=self.vote.id)
        away = self.put_away()[:1] if self.vote else []
        self.vote, self._choices, self._tally = vote, {}, Counter()
        return [*away, (VoteKept(vote=vote), NOBODY), (VoteMoved(vote), None)]

    def choose(self, vote_id: str, account_id: str, option: int) -> Postings:
        """Count a ballot instead of the account's earlier one."""
        vote = self.shown(vote_id)
        if vote.state != "open":
            raise VoteClosed
        if option >= len(vote.options):
            raise Invalid(("option", "no such option"))
        earlier = self._choices.get(account_id)
        if earlier is not None:
            self._tally[earlier] -= 1
        self._choices[account_id] = option
        self._tally[option] += 1
        counted = [Option(text=one.text, votes=self._tally[n]) for n, one in enumerate(vote.options)]
        self.vote = structs.replace(vote, options=counted)
        ballot = Ballot(vote_id=vote_id, account_id=account_id, option=option)
        return [(ballot, NOBODY), (VoteMoved(self.vote), None)]

    def close(self, vote_id: str) -> Postings:
        """No more ballots; nothing when it is closed already."""
        vote = self.shown(vote_id)
        if vote.state == "closed":
            return []
        self.vote = structs.replace(vote, state="closed")
        return [(VoteKept(vote=self.vote), NOBODY), (VoteMoved(self.vote), None)]

    def put_away(self) -> Postings:
        """Do not show it any more."""
        vote, self.vote = self.vote, None
        return [(VoteKept(vote=vote, away=True), NOBODY), (VoteMoved(None), None)] if vote else []

    def shown(self, vote_id: str) -> Vote:
        """The vote, as it will be after the next tick; VoteNotFound when another is shown, or none."""
        if self.vote is None or self.vote.id != vote_id:
            raise VoteNotFound
        return self.vote


async def load(where: Connection, show_id: str, *, over: bool) -> Box:
    """The vote that a room shows, with its ballots; once the show is over it is closed."""
    row = await queries.VOTE_SHOWN.first(where, show_id=show_id)
    if row is None:
        return Box(None, {})
    choices = {one.account_id: one.option for one in await queries.BALLOTS.all(where, vote_id=row.id)}
    counts = Counter(choices.values())
    vote = Vote(
        id=row.id,
        question=row.question,
        options=[Option(text=text, votes=counts[n]) for n, text in enumerate(row.options)],
        state="closed" if over or row.state == "closed" else "open",
        closes_at=row.closes_at,
    )
    return Box(vote, choices)


async def choice_of(where: Connection, vote_id: str, account_id: str) -> int | None:
    """What this account chose, if it did."""
    return await queries.CHOICE.first(where, vote_id=vote_id, account_id=account_id)
