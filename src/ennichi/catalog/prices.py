"""Which former price may be shown struck through: a pure rule over what something cost since when.

It follows the guideline of the Consumer Affairs Agency on double price displays: a price somebody really sold at
lately. "Lately" are the eight weeks up to now, or as much of them as the thing was on offer; the former price must
have stood for more than half of that and for two weeks in all, and must have stood within the last two weeks. The time
in which a thing is put away counts for nothing; that it was sold out is no change of its price.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from msgspec import Struct

WINDOW = timedelta(weeks=8)
AT_LEAST = timedelta(weeks=2)
AT_LATEST = timedelta(weeks=2)


class Priced(Struct, frozen=True):
    """From this moment on it cost that much; None: it was not on offer."""

    price: int | None
    since: datetime


def former_price(history: Sequence[Priced], price: int, now: datetime) -> int | None:
    """The price that may be shown beside `price`, which it costs now; None when history proves none.

    `history` is in the order in which it happened, and tells all of the last eight weeks.
    """
    begin = now - WINDOW
    stood: defaultdict[int, timedelta] = defaultdict(timedelta)
    last: dict[int, datetime] = {}
    for this, after in pairwise([*history, Priced(None, now)]):
        start, end = max(this.since, begin), min(after.since, now)
        if this.price is not None and start < end:
            stood[this.price] += end - start
            last[this.price] = max(end, last.get(this.price, end))
    on_offer = sum(stood.values(), timedelta())
    for former, time in stood.items():
        if former > price and time >= AT_LEAST and 2 * time > on_offer and now - last[former] < AT_LATEST:
            return former
    return None
