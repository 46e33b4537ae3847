"""What can stand against saying something."""

from ennichi.kit.errors import Conflict, NotFound


class RoomClosed(Conflict):
    """The show is over: its room takes nothing in any more; params.state says which state it is in."""

    code = "room.closed"
    message = "The show is over."


class QuestionNotFound(NotFound):
    """No such question in this room."""

    message = "There is no such question."
