"""What holds that are bought together come to, and what they bind to."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from ennichi.catalog import Parcel, fee_for
from ennichi.checkout.errors import HoldNotFound, MixedStores
from ennichi.checkout.model import HoldRow, Terms, Totals, totals_of


def basket_of(
    account_id: str, hold_ids: Iterable[str], found: Mapping[str, HoldRow], require_held: Callable[[HoldRow], None]
) -> list[HoldRow]:
    """Those of the `found` holds that somebody names to buy together; `require_held` raises for one that does not run.

    Raises HoldNotFound for one that is not theirs, MixedStores.
    """
    basket = []
    for hold_id in hold_ids:
        hold = found.get(hold_id)
        if hold is None or hold.account_id != account_id:
            raise HoldNotFound
        require_held(hold)
        basket.append(hold)
    if len({hold.store_id for hold in basket}) > 1:
        raise MixedStores
    return basket


def shipping_of(holds: Iterable[HoldRow], prefecture: str | None) -> int:
    """What sending these holds together costs."""
    parcels = [
        Parcel(terms_of(hold).shipping, hold.size, hold.quantity, hold.unit_price * hold.quantity) for hold in holds
    ]
    return fee_for(parcels, prefecture)


def totals_with(holds: Iterable[HoldRow], shipping: int) -> Totals:
    """What these holds cost with a shipping fee for all of them."""
    return totals_of([(hold.unit_price * hold.quantity, hold.tax_rate) for hold in holds], shipping)


def totals_of_basket(holds: Sequence[HoldRow], prefecture: str | None) -> Totals:
    """What these holds cost when they are bought together and sent there."""
    return totals_with(holds, shipping_of(holds, prefecture))


def terms_of(hold: HoldRow) -> Terms:
    """The terms a hold was taken under."""
    return msgspec.convert(hold.terms, Terms)


def terms_of_basket(holds: Sequence[HoldRow]) -> Terms:
    """The terms of the hold taken last, with the time the slowest of them takes: all of it is sent together."""
    terms = [terms_of(hold) for hold in sorted(holds, key=lambda hold: (hold.created_at, hold.id))]
    return replace(
        terms[-1],
        ships_within_days=max(one.ships_within_days for one in terms),
        arrives_from=max(one.arrives_from for one in terms),
        arrives_to=max(one.arrives_to for one in terms),
    )
