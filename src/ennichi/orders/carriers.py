"""Who carries parcels in Japan, how many days they take, and where they say how far a parcel is."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from urllib.parse import quote

from msgspec import Struct

_KEPT = re.compile(r"[^0-9A-Za-z-]")


class Carrier(Struct, frozen=True):
    """A known carrier: the page about a parcel (`{}` stands for its number), and the days it takes at most."""

    page: str
    days: int


CARRIERS: Mapping[str, Carrier] = {
    "yamato": Carrier("https://toi.kuronekoyamato.co.jp/cgi-bin/tneko?init&number01={}", 3),
    "sagawa": Carrier("https://k2k.sagawa-exp.co.jp/p/web/okurijosearch.do?okurijoNo={}", 3),
    "japan_post": Carrier(
        "https://trackings.post.japanpost.jp/services/srv/search/direct?searchKind=S004&locale=ja&reqCodeNo1={}", 4
    ),
    "seino": Carrier("https://track.seino.co.jp/cgi-bin/gnpquery.pgm?GNPNO1={}", 4),
    "fukuyama": Carrier("https://corp.fukutsu.co.jp/situation/tracking_no_hunt/{}", 4),
}
"""By the code that is kept. A store may write any other name: it then has no page, and takes `OTHERS_TAKE` days."""

OTHERS_TAKE = 4


def number_of(text: str) -> str:
    """A parcel's number as it is kept: plain letters, digits and hyphens."""
    return _KEPT.sub("", unicodedata.normalize("NFKC", text))[:40]


def page_of(carrier: str, number: str) -> str | None:
    """Where the carrier says how far the parcel is; None when it is not known, or has no number."""
    known = CARRIERS.get(carrier)
    plain = number.replace("-", "")
    return known.page.format(quote(plain)) if known and plain else None


def arrival_of(carrier: str, shipped: date) -> date:
    """The day by which a parcel that left on `shipped` has come."""
    known = CARRIERS.get(carrier)
    return shipped + timedelta(days=known.days if known else OTHERS_TAKE)
