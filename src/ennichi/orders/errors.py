"""What can stand against looking at an order, or moving it."""

from ennichi.kit.errors import Conflict, NotFound


class OrderNotFound(NotFound):
    """No such order, or it is between other people."""

    message = "There is no such order of yours."


class WrongState(Conflict):
    """The order is not in a state that allows this; params.state says which it is in."""

    code = "order.wrong_state"
    message = "The order's state does not allow this."


class RefundTooLarge(Conflict):
    """More than is left of the order's money; params.left says how much that is."""

    code = "order.refund_too_large"
    message = "More is to be given back than is left of this order's money."


class RefundChanged(Conflict):
    """The seller was shown another sum than is left of the order's money; params.left says how much it is now."""

    code = "order.refund_changed"
    message = "Meanwhile more of this order's money was given back; look at it again."


class AlreadyRated(Conflict):
    """A buyer rates an order once."""

    code = "order.rated"
    message = "This order has been rated."


class TooManyMessages(Conflict):
    """As much as may be said about one order was said (`limit`)."""

    code = "order.messages_full"
    message = "No more can be written about this order."
