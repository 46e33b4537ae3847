"""The gathering around a show: its feed, chat, questions, likes and viewers.

Each show that somebody looks at has one `Room`, the single writer of its feed. `RoomService` is what other parts use.
"""

from ennichi.room.actor import Room
from ennichi.room.acts import Done
from ennichi.room.archive import said, said_since
from ennichi.room.errors import QuestionNotFound, RoomClosed
from ennichi.room.events import Event
from ennichi.room.gathering import Gathering, apply
from ennichi.room.model import (
    Asked,
    HouseRules,
    Line,
    Notice,
    Option,
    Question,
    QuestionState,
    Speaker,
    Stock,
    Vote,
)
from ennichi.room.ports import HeardBy, House, Saying
from ennichi.room.queries import Said
from ennichi.room.service import TEXT_MAX, RoomService
from ennichi.room.stream import Stream

__all__ = [
    "TEXT_MAX",
    "Asked",
    "Done",
    "Event",
    "Gathering",
    "HeardBy",
    "House",
    "HouseRules",
    "Line",
    "Notice",
    "Option",
    "Question",
    "QuestionNotFound",
    "QuestionState",
    "Room",
    "RoomClosed",
    "RoomService",
    "Said",
    "Saying",
    "Speaker",
    "Stock",
    "Stream",
    "Vote",
    "apply",
    "said",
    "said_since",
]
