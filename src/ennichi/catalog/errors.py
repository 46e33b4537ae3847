"""What can stand against offering or taking something."""

from ennichi.kit.errors import Conflict, NotFound


class ListingNotFound(NotFound):
    """No such listing."""

    message = "There is no such listing."


class VariantNotFound(NotFound):
    """No such variant."""

    message = "There is no such variant."


class SoldOut(Conflict):
    """Fewer units are left than asked for: `available` says how many, `waiting` how many people stand in line."""

    code = "stock.sold_out"
    message = "Not enough of it is left."


class Archived(Conflict):
    """The store does not offer this listing any more."""

    code = "listing.archived"
    message = "This listing is archived."


class ShippingNotFound(NotFound):
    """No such shipping profile."""

    message = "There is no such shipping profile."


class TooManyShippings(Conflict):
    """The store has as many shipping profiles as one may have (`limit`)."""

    code = "shipping.too_many"
    message = "This store has as many shipping profiles as one may have."
