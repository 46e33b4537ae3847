"""What can stand between somebody and the video of a show."""

from ennichi.kit.errors import Conflict


class RelayFull(Conflict):
    """As many people watch through this relay as it carries well (409)."""

    code = "media.full"
    message = "The relay has no room for another viewer just now."


class TicketRefused(Exception):
    """The token is not one of ours, has run out, or is for something else.

    It never reaches HTTP: the relay answers with a rejected session.
    """


class FootageUnusable(Exception):
    """A file that cannot be sent as it is; the text says why and what to do."""
