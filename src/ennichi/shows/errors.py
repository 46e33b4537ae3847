"""What can stand against a change of a show."""

from ennichi.kit.errors import Conflict, NotFound


class ShowNotFound(NotFound):
    """No such show."""

    message = "There is no such show."


class WrongState(Conflict):
    """The show is not in a state that allows this; params.state says which it is in."""

    code = "show.wrong_state"
    message = "The show's state does not allow this."


class AnotherLive(Conflict):
    """A store has one live show at a time; params.show_id names it."""

    code = "show.another_live"
    message = "Another show of this store is live."


class NotInLineup(Conflict):
    """Only a listing of the line-up can be pinned."""

    code = "show.not_in_lineup"
    message = "That listing is not in the line-up."


class LineupForeign(Conflict):
    """A line-up holds listings of its own store, once each, not archived; params.listing_id names the odd one."""

    code = "show.lineup_foreign"
    message = "The line-up can hold only this store's own, unarchived listings, once each."
