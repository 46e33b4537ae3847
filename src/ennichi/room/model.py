"""What a room is made of: lines, questions, votes, and the rules of the house."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

LineKind = Literal["said", "stamp", "bought"]
Stamp = Literal["clap", "want", "cute", "laugh", "wow", "thanks"]
QuestionState = Literal["open", "answering", "answered", "dropped", "merged"]
LEFT_THE_QUEUE = ("answered", "dropped", "merged")
OPTIONS = (2, 4)
"""A vote has so many options at least and at most."""


class Speaker(Struct, kw_only=True):
    """Who said a line; `seller` when the store is theirs, `moderator` when they keep order in it."""

    id: str
    name: str
    seller: bool
    moderator: bool = False


class Line(Struct, kw_only=True):
    """Something said, at its place in the feed and in the video.

    A stamp's `text` is its name. Somebody who bought and wants it known makes a line with `listing_id`, `quantity` and
    no text. A `quiet` line is heard by its author and the store's staff only.
    """

    id: str
    offset: int
    at: datetime
    media_ms: Annotated[int | None, Meta(description="Milliseconds since the show began; null before.")] = None
    kind: LineKind = "said"
    account: Speaker
    text: str
    question: bool
    listing_id: str | None
    quantity: int | None = None
    quiet: bool = False


class Question(Struct, kw_only=True):
    """A line that waits for an answer; it has its line's id. `asked` counts the people who asked the same."""

    id: str
    line: Line
    state: QuestionState
    asked: int = 1
    answer: Annotated[str | None, Meta(description="The answer in writing, if there is one.")] = None
    media_ms: Annotated[int | None, Meta(description="When it was taken up on the video.")] = None


class Asked(Struct, kw_only=True):
    """A question as somebody who asked it sees it."""

    id: str
    text: str
    listing_id: str | None
    state: QuestionState
    asked: int
    answer: str | None
    media_ms: int | None


class Notice(Struct, kw_only=True):
    """The one line that stays over the chat: somebody's, or an answer with its question."""

    line_id: str | None
    name: str | None
    text: str
    question: str | None


class Option(Struct, kw_only=True):
    """One possible answer of a vote, and how many chose it."""

    text: str
    votes: int


class Vote(Struct, kw_only=True):
    """What the stall lets the room decide. It stays, closed, until another one begins or it is put away."""

    id: str
    question: str
    options: list[Option]
    state: Literal["open", "closed"]
    closes_at: datetime | None


class HouseRules(Struct, kw_only=True, frozen=True):
    """How the store keeps its rooms. `slow_s` seconds lie between two lines of one viewer; 0 is no limit."""

    shield: bool
    slow_s: int
    followers_only: bool


class Stock(Struct, kw_only=True):
    """What is left of a variant, free to be bought now."""

    variant_id: str
    listing_id: str
    available: int
