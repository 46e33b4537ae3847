"""What can stand against a purchase."""

from ennichi.kit.errors import Conflict, NotFound


class HoldNotFound(NotFound):
    """No such hold, or it is somebody else's."""

    message = "There is no such hold of yours."


class HoldExpired(Conflict):
    """The time of the hold is over; its units went back."""

    code = "hold.expired"
    message = "The hold has run out."


class WrongState(Conflict):
    """The hold is not in a state that allows this; params.state says which it is in."""

    code = "hold.wrong_state"
    message = "The hold's state does not allow this."


class TooManyHolds(Conflict):
    """One account holds at most params.limit things at a time."""

    code = "hold.limit"
    message = "Too many things are held for this account."


class PerBuyer(Conflict):
    """One buyer has at most params.limit units of this listing, and may have params.left more."""

    code = "hold.per_buyer"
    message = "A buyer may have only so many of it."


class WaitNotFound(NotFound):
    """No such place in a line, or it is somebody else's."""

    message = "There is no such place of yours in a line."


class OwnListing(Conflict):
    """Members of a store do not buy from it."""

    code = "checkout.own_listing"
    message = "This is a listing of your own store."


class AddressMissing(Conflict):
    """Neither given nor saved."""

    code = "checkout.address_missing"
    message = "An address is needed."


class CardMissing(Conflict):
    """Neither given nor saved."""

    code = "checkout.card_missing"
    message = "A card is needed."


class PaymentDeclined(Conflict):
    """The gateway took no money; params.reason says why. The hold goes on."""

    code = "payment.declined"
    message = "The card was declined."


class PaymentUnsettled(Conflict):
    """Whether money was taken is not known yet. The same request again, a little later, tells."""

    code = "payment.unsettled"
    message = "The payment is not settled yet; repeat this request with the same key."


class KeyReused(Conflict):
    """The Idempotency-Key was used before, for something else."""

    code = "idempotency.reused"
    message = "This Idempotency-Key came with another request before."


class MixedStores(Conflict):
    """What is bought at once is of one store."""

    code = "checkout.mixed_stores"
    message = "These holds are of several stores; buy from one at a time."


class TotalChanged(Conflict):
    """The buyer was shown another total than params.total, and is bound to nothing."""

    code = "checkout.total_changed"
    message = "The total is another than the one shown; look at it again."


class PurchaseNotFound(NotFound):
    """No such purchase, or it is somebody else's."""

    message = "There is no such purchase of yours."


class PurchaseWrongState(Conflict):
    """The purchase is not in a state that allows this; params.state says which it is in."""

    code = "purchase.wrong_state"
    message = "The purchase's state does not allow this."
