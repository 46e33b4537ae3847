"""What can be wrong with a card."""

from ennichi.kit.errors import Invalid, NotFound


class CardInvalid(Invalid):
    """Not a card that can be used; params.fields says what is wrong."""

    code = "card.invalid"
    message = "This card cannot be used."


class CardNotFound(NotFound):
    """No such saved card of this account."""

    message = "There is no such card of yours."
