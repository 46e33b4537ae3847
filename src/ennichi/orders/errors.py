"""What can stand against looking at an order."""

from ennichi.kit.errors import NotFound


class OrderNotFound(NotFound):
    """No such order, or it is between other people."""

    message = "There is no such order of yours."
