"""The gathering around a show: its feed, chat, questions, likes and viewers.

Each show that somebody looks at has one `Room`, the single writer of its feed. `RoomService` is what other parts use.
"""

from ennichi.room.actor import Room
from ennichi.room.errors import QuestionNotFound, RoomClosed
from ennichi.room.model import (
    Event,
    Gathering,
    Line,
    Question,
    QuestionState,
    Speaker,
    Stock,
    apply,
)
from ennichi.room.service import TEXT_MAX, RoomService
from ennichi.room.stream import Stream

__all__ = [
    "TEXT_MAX",
    "Event",
    "Gathering",
    "Line",
    "Question",
    "QuestionNotFound",
    "QuestionState",
    "Room",
    "RoomClosed",
    "RoomService",
    "Speaker",
    "Stock",
    "Stream",
    "apply",
]
