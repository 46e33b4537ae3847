"""The terms holds are taken under: kept once for all holds with the same words, under a name that tells the content."""

import hashlib

import msgspec
from msgspec import Struct

from ennichi.catalog import Shipping, flat
from ennichi.checkout import queries
from ennichi.checkout.model import Terms, arrival
from ennichi.kit.clock import Clock
from ennichi.kit.db import Transaction, array, texts
from ennichi.stores import StoreRow

MOST_KNOWN = 100_000


class Kept(Struct, frozen=True):
    """Terms with their name; `plain` is how a row has them."""

    id: str
    plain: dict[str, object]
    content: str


class TermsBook:
    """Makes terms, and knows which ones the database has: they are never changed or deleted."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._there: set[str] = set()

    def of(self, store: StoreRow, shipping: Shipping | None) -> Kept:
        """What this store's holds bind to now; without a way of charging for shipping of its own, its one fee."""
        arrives_from, arrives_to = arrival(self._clock.now(), store.ships_within_days)
        terms = Terms(
            ships_within_days=store.ships_within_days,
            carrier=store.carrier,
            arrives_from=arrives_from,
            arrives_to=arrives_to,
            returns=store.returns,
            cancellation=store.cancellation,
            legal=store.legal,
            shipping=shipping or flat(store.shipping_fee),
        )
        content = msgspec.json.encode(terms, order="sorted")
        return Kept(hashlib.sha256(content).hexdigest(), msgspec.to_builtins(terms), content.decode())

    async def keep(self, tx: Transaction, wanted: dict[str, Kept]) -> None:
        """Write down those of them (by their names) that are new."""
        new = [one for name, one in sorted(wanted.items()) if name not in self._there]
        if new:
            ids, contents = array(one.id for one in new), texts(one.content for one in new)
            await queries.ADD_TERMS.run(tx, ids=ids, contents=contents)

    def committed(self, names: set[str]) -> None:
        """They are in the database now."""
        if len(self._there) > MOST_KNOWN:
            self._there.clear()
        self._there |= names
