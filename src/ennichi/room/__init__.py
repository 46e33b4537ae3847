"""The gathering around a show: its feed, chat, questions, likes and viewers.

Each show that somebody looks at has one `Room`, the single writer of its feed. `RoomService` is what other parts use.
"""

from ennichi.room.actor import Room
from ennichi.room.acts import Done, LineTaken
from ennichi.room.archive import said, said_since
from ennichi.room.ballots import choice_of
from ennichi.room.errors import LineNotFound, QuestionGone, QuestionNotFound, RoomClosed
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
    Stamp,
    Stock,
    Vote,
)
from ennichi.room.notices import NOTICE_MAX
from ennichi.room.ports import HeardBy, House, Saying, Spoken
from ennichi.room.queries import Said
from ennichi.room.questions import ANSWER_MAX, Step, Which
from ennichi.room.segments import Index, Segment, Segments
from ennichi.room.service import TEXT_MAX, RoomService
from ennichi.room.shelf import Shelf, open_shelf_store
from ennichi.room.stream import Stream
from ennichi.room.votes import NewVote

__all__ = [
    "ANSWER_MAX",
    "NOTICE_MAX",
    "TEXT_MAX",
    "Asked",
    "Done",
    "Event",
    "Gathering",
    "HeardBy",
    "House",
    "HouseRules",
    "Index",
    "Line",
    "LineNotFound",
    "LineTaken",
    "NewVote",
    "Notice",
    "Option",
    "Question",
    "QuestionGone",
    "QuestionNotFound",
    "QuestionState",
    "Room",
    "RoomClosed",
    "RoomService",
    "Said",
    "Saying",
    "Segment",
    "Segments",
    "Shelf",
    "Speaker",
    "Spoken",
    "Stamp",
    "Step",
    "Stock",
    "Stream",
    "Vote",
    "Which",
    "apply",
    "choice_of",
    "open_shelf_store",
    "said",
    "said_since",
]
