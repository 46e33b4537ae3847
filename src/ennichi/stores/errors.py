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


class NoticeIncomplete(Conflict):
    """The store may not sell yet: its legal notice lacks what `missing` names."""

    code = "store.notice_incomplete"
    message = "This store may not sell before its legal notice is complete."


class NothingToRequest(Conflict):
    """The store's notice stands on its page, or is not written yet: there is nothing to be sent."""

    code = "store.nothing_to_request"
    message = "This store's notice is not one that is given on request."


class EmailNeeded(Conflict):
    """The account has no address that mail can be sent to."""

    code = "account.email_needed"
    message = "This account has no e-mail address; sign in with a code by e-mail."
