"""What can stand against speaking in a room, and against an act of those who keep it."""

from datetime import datetime

from ennichi.kit.errors import Conflict, Forbidden, NotFound, TooFast


class TimedOut(Forbidden):
    """The store has sent this person out of its rooms; they may speak again at `until`."""

    code = "room.timed_out"
    message = "You cannot say anything here for a while."

    def __init__(self, until: datetime) -> None:
        super().__init__(until=until)


class FollowersOnly(Forbidden):
    """Only those who follow the store speak in its rooms now."""

    code = "room.followers_only"
    message = "Only followers of the store can say something now."


class SlowMode(TooFast):
    """Viewers speak once in `slow_s` seconds here; the next time is in `retry_after`."""

    code = "room.slow_mode"
    message = "Lines come slowly here; try again in a moment."

    def __init__(self, retry_after: float, slow_s: int) -> None:
        super().__init__(retry_after)
        self.params["slow_s"] = slow_s


class WordRefused(Conflict):
    """The line holds a word that is not said here; which one is told to nobody."""

    code = "room.word_refused"
    message = "The line holds a word that is not said here."


class IsOwner(Conflict):
    """One of the store's owners: they keep order as it is."""

    code = "house.is_owner"
    message = "They are an owner of the store."


class IsStaff(Conflict):
    """Somebody who keeps order here: an owner, a moderator or the operator."""

    code = "house.is_staff"
    message = "They keep order here themselves."


class TooManyWords(Conflict):
    """As many words as one house keeps (`limit`)."""

    code = "house.too_many_words"
    message = "There are as many words as one house keeps."


class ReportNotFound(NotFound):
    """No such report, or not this store's to settle."""

    message = "There is no such report."
