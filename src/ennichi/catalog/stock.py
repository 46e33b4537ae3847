"""The stock of variants, moved inside the transaction of whoever sells.

Invariant, kept by the database: stocked (every unit ever put in) = available + held + sold, none of them ever
negative. Units go available -> held (`take`), held -> available (`give_back`), held -> sold (`mark_sold`); the seller
sets what is available. Rows are locked in the order of their ids. Every change of what is available is told as
StockChanged.
"""

from collections.abc import Iterable, Mapping

from ennichi.catalog import queries
from ennichi.catalog.errors import SoldOut, VariantNotFound
from ennichi.catalog.events import StockChanged
from ennichi.catalog.model import Offer, StockLevel
from ennichi.kit.db import Connection, Transaction
from ennichi.kit.ids import is_id


class Stock:
    """The one who counts units."""

    async def offer(self, where: Connection, variant_id: str) -> Offer:
        """What a buyer of this variant would be bound to; VariantNotFound."""
        found = (await self.offers(where, [variant_id])).get(variant_id)
        if found is None:
            raise VariantNotFound
        return found

    async def offers(self, where: Connection, variant_ids: Iterable[str]) -> dict[str, Offer]:
        """The offers behind those of `variant_ids` that exist, in one statement."""
        wanted = [variant_id for variant_id in set(variant_ids) if is_id(variant_id)]
        if not wanted:
            return {}
        return {row.variant_id: row.offer() for row in await queries.OFFERS.all(where, variant_ids=wanted)}

    async def take(self, tx: Transaction, variant_id: str, quantity: int) -> StockLevel:
        """Hold units; all of them or none. Raises SoldOut(available=n), VariantNotFound."""
        level = await queries.TAKE.first(tx, variant_id=variant_id, quantity=quantity)
        if level is None:
            left = await self.offer(tx, variant_id)
            raise SoldOut(available=0 if left.archived else left.available)
        _tell(tx, level)
        return level

    async def give_back(self, tx: Transaction, units: Mapping[str, int]) -> list[StockLevel]:
        """Let held units (a number for each variant) be bought again."""
        wanted = sorted(units)
        if not wanted:
            return []
        await queries.LOCK_STOCK.all(tx, variant_ids=wanted)
        levels = await queries.GIVE_BACK.all(tx, variant_ids=wanted, quantities=[units[v] for v in wanted])
        for level in levels:
            _tell(tx, level)
        return levels

    async def mark_sold(self, tx: Transaction, variant_id: str, quantity: int) -> StockLevel:
        """Held units are sold; what is available does not change, so nobody is told."""
        return await queries.MARK_SOLD.one(tx, variant_id=variant_id, quantity=quantity)

    async def set_available(self, tx: Transaction, variant_id: str, available: int) -> None:
        """The seller says how many can be bought now; what is held or sold stays so."""
        level = await queries.SET_AVAILABLE.first(tx, variant_id=variant_id, available=available)
        if level is not None:
            _tell(tx, level)


def _tell(tx: Transaction, level: StockLevel) -> None:
    tx.record(StockChanged(level.variant_id, level.listing_id, level.available))
