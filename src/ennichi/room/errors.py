"""What can stand against saying something."""

from ennichi.kit.errors import Conflict, NotFound


class RoomClosed(Conflict):
    """The show is over: its room takes nothing in any more; params.state says which state it is in."""

    code = "room.closed"
    message = "The show is over."


class QuestionNotFound(NotFound):
    """No such question in this room."""

    message = "There is no such question."


class QuestionGone(Conflict):
    """The question left the queue meanwhile; params.state says how, params.into names what it was merged into."""

    code = "room.question_gone"
    message = "The question is not in the queue any more."


class LineNotFound(NotFound):
    """No such line in this room."""

    message = "There is no such line."


class VoteNotFound(NotFound):
    """No such vote is shown in this room."""

    message = "There is no such vote."


class VoteRunning(Conflict):
    """Another vote is open; params.vote_id names it."""

    code = "vote.running"
    message = "Another vote is open: close it first."


class VoteClosed(Conflict):
    """The vote takes no ballots any more."""

    code = "vote.closed"
    message = "The vote is closed."
