"""The stock of variants, moved inside the transaction of whoever sells.

Invariant, kept by the database: stocked (every unit ever put in) = available + held + sold, none of them ever
negative. Units go available -> held (`hold`), held -> available (`give_back`), held -> sold (`mark_sold`), sold ->
available (`restock`); the seller sets what is available. Everything is done for many variants at once, their rows
locked in the order of their ids. Every change of what is available is told as StockChanged.
"""

from collections.abc import Iterable, Mapping

from ennichi.catalog import queries
from ennichi.catalog.errors import VariantNotFound
from ennichi.catalog.events import StockChanged
from ennichi.catalog.model import Offer, OfferRow, StockLevel
from ennichi.kit.db import Connection, Later, Query, Transaction, array
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
        rows = await queries.OFFERS.all(where, variant_ids=array(wanted))
        return {row.variant_id: row.offer() for row in rows}

    async def lock(self, tx: Transaction, variant_ids: Iterable[str]) -> dict[str, Offer]:
        """The offers of those that exist, as they stay until the end of the transaction.

        Where a listing has a limit for each buyer its other variants are locked, too: the limit is on all together.
        """
        return await (await self.lock_later(tx, variant_ids))

    async def lock_later(self, tx: Transaction, variant_ids: Iterable[str]) -> Later[dict[str, Offer]]:
        """The same, sent `together` with other statements."""
        wanted = {variant_id for variant_id in variant_ids if is_id(variant_id)}

        def offers(rows: list[OfferRow]) -> dict[str, Offer]:
            return {row.variant_id: row.offer() for row in rows if row.variant_id in wanted}

        return await queries.LOCK_OFFERS.later(tx, offers, variant_ids=array(wanted))

    async def hold(self, tx: Transaction, units: Mapping[str, int]) -> None:
        """Hold units (a number for each variant) of locked variants that have as many available."""
        tx.record(await (await self.hold_later(tx, units)))

    async def hold_later(self, tx: Transaction, units: Mapping[str, int]) -> Later[StockChanged]:
        """The same, sent `together` with other statements; the caller tells what comes of it."""
        wanted, counts = _arrays(units)
        return await queries.HOLD_UNITS.later(
            tx, lambda levels: StockChanged(levels, rose=False), variant_ids=wanted, quantities=counts
        )

    async def give_back(self, tx: Transaction, units: Mapping[str, int]) -> None:
        """Let held units be bought again."""
        await self._move(tx, queries.GIVE_BACK, units)

    async def mark_sold(self, tx: Transaction, units: Mapping[str, int]) -> None:
        """Held units are sold; what is available does not change, so nobody is told."""
        if units:
            wanted, counts = _arrays(units)
            await queries.LOCK_STOCK.all(tx, variant_ids=wanted)
            await queries.MARK_SOLD.run(tx, variant_ids=wanted, quantities=counts)

    async def restock(self, tx: Transaction, units: Mapping[str, int]) -> None:
        """Sold units came back and can be bought again."""
        await self._move(tx, queries.RESTOCK, units)

    async def set_available(self, tx: Transaction, variant_id: str, available: int) -> None:
        """The seller says how many can be bought now; what is held or sold stays so."""
        level = await queries.SET_AVAILABLE.first(tx, variant_id=variant_id, available=available)
        if level is not None:
            tx.record(StockChanged([StockLevel(level.variant_id, level.listing_id, level.available)], rose=level.rose))

    async def _move(self, tx: Transaction, moving: Query[StockLevel], units: Mapping[str, int]) -> None:
        if units:
            wanted, counts = _arrays(units)
            await queries.LOCK_STOCK.all(tx, variant_ids=wanted)
            tx.record(StockChanged(await moving.all(tx, variant_ids=wanted, quantities=counts), rose=True))


def _arrays(units: Mapping[str, int]) -> tuple[str, str]:
    return array(units), array(units.values())
