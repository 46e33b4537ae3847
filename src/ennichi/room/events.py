"""What can happen in a room. docs/reference/feed.md says what each means to a client."""

from datetime import datetime
from typing import TypeAlias

from msgspec import Struct

from ennichi.room.model import Asked, HouseRules, Line, Notice, Question, Vote
from ennichi.shows import LineupItem, State


class LineSaid(Struct, tag_field="type", tag="line"):
    """Somebody said something."""

    line: Line


class LineRemoved(Struct, tag_field="type", tag="removed"):
    """A line is taken out, wherever it stands: in the chat, the queue, on the video, over the chat."""

    line_id: str


class LikesCounted(Struct, tag_field="type", tag="likes"):
    """Likes so far. A value: within a tick the last one wins."""

    total: int


class ViewersCounted(Struct, tag_field="type", tag="viewers"):
    """People watching now, the most there were at once, and how many different ones came. A value."""

    now: int
    peak: int = 0
    unique: int = 0


class Arrived(Struct, tag_field="type", tag="arrived"):
    """Who has come: a few names of `count` people. It passes; nothing of it stays in the room."""

    names: list[str]
    count: int


class Pin(Struct, tag_field="type", tag="pinned"):
    """Another listing is shown, or none."""

    listing_id: str | None


class StockMoved(Struct, tag_field="type", tag="stock"):
    """What is left of a variant. A value, per variant."""

    variant_id: str
    listing_id: str
    available: int


class ShowTurned(Struct, tag_field="type", tag="show"):
    """The show went live, ended or was cancelled."""

    state: State
    started_at: datetime | None
    ended_at: datetime | None


class LineupSet(Struct, tag_field="type", tag="lineup"):
    """The line-up, or a listing in it, is another."""

    items: list[LineupItem]


class Answering(Struct, tag_field="type", tag="answering"):
    """The question being answered on the video, or none. A value."""

    question: Question | None


class StallAway(Struct, tag_field="type", tag="away"):
    """The stall's picture stopped, or moves again. A value."""

    away: bool


class SoldCounted(Struct, tag_field="type", tag="sold"):
    """Units sold so far, at this show and by the store in all. A value."""

    show: int
    store: int


class NoticeSet(Struct, tag_field="type", tag="notice"):
    """Another line stays over the chat, or none."""

    notice: Notice | None


class VoteMoved(Struct, tag_field="type", tag="vote"):
    """A vote began, was counted, closed, or was put away. A value."""

    vote: Vote | None


class HouseSet(Struct, tag_field="type", tag="house"):
    """The store keeps its rooms otherwise."""

    rules: HouseRules


class QuestionMoved(Struct, tag_field="type", tag="question"):
    """For the store's staff: a question came, was asked again, or went to another state. A value, per question."""

    question: Question


class ReportsCounted(Struct, tag_field="type", tag="reported"):
    """For the store's staff: how many reports of this show wait. A value."""

    open: int


class AskedMoved(Struct, tag_field="type", tag="asked"):
    """For those who asked: what became of the question. A value, per question: it is told to no fewer than before."""

    question: Asked


Event: TypeAlias = (
    LineSaid
    | LikesCounted
    | ViewersCounted
    | Pin
    | StockMoved
    | ShowTurned
    | LineupSet
    | Answering
    | StallAway
    | SoldCounted
    | LineRemoved
    | Arrived
    | NoticeSet
    | VoteMoved
    | HouseSet
    | QuestionMoved
    | ReportsCounted
    | AskedMoved
)


def value_key(event: Struct) -> tuple[str, ...] | None:
    """What makes two events of one tick the same value, or None for what is never coalesced."""
    match event:
        case (
            LikesCounted()
            | ViewersCounted()
            | StallAway()
            | SoldCounted()
            | VoteMoved()
            | HouseSet()
            | ReportsCounted()
            | Answering()
        ):
            return (type(event).__name__,)
        case QuestionMoved(question=question) | AskedMoved(question=question):
            return (type(event).__name__, question.id)
        case StockMoved(variant_id=variant):
            return ("StockMoved", variant)
        case _:
            return None
