"""What can be wrong with a card, a payment or a word from a gateway."""

from ennichi.kit.errors import Conflict, Invalid, NotFound, Problem


class CardInvalid(Invalid):
    """Not a card that can be used; params.fields says what is wrong."""

    code = "card.invalid"
    message = "This card cannot be used."


class CardNotFound(NotFound):
    """No such saved card of this account."""

    message = "There is no such card of yours."


class MethodUnavailable(Conflict):
    """The gateway in use does not take this `method`."""

    code = "payment.method_unavailable"
    message = "This way to pay is not available here."


class RefundTooLarge(Conflict):
    """More than is `left` of what was taken."""

    code = "refund.too_large"
    message = "More than was taken cannot be given back."


class WebhookInvalid(Problem):
    """Not a message of the gateway it claims to be of, or an old one sent again."""

    status = 422
    code = "webhook.invalid"
    message = "This is not a message of that gateway."


class GatewayUnknown(NotFound):
    """No gateway of this name is in use here."""

    message = "There is no such gateway here."


class PaymentMoved(Conflict):
    """The sandbox's payment is not waiting for this any more (`state`)."""

    code = "sandbox.moved"
    message = "This payment is not waiting for that."


class GatewaySilent(Problem):
    """The gateway did not answer; what became of the request is unknown."""

    status = 503
    code = "payment.silent"
    message = "The payment house does not answer now."
