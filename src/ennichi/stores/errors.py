"""What can stand against opening or keeping a stall."""

from ennichi.kit.errors import Conflict, NotFound


class StoreNotFound(NotFound):
    """No such store."""

    message = "There is no such store."


class HandleTaken(Conflict):
    """Another store has this handle (`handle`)."""

    code = "store.handle_taken"
    message = "Another store has this handle."


class TooManyStores(Conflict):
    """The account keeps as many stores as one may keep (`limit`)."""

    code = "store.too_many"
    message = "This account keeps as many stores as one may keep."
