"""Writes new holds, many at once: what the buyer is shown of each is fixed here."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

import msgspec

from ennichi.catalog import Offer
from ennichi.checkout import queries
from ennichi.checkout.model import HOLD_SECONDS, HoldRow
from ennichi.checkout.service.terms import Kept, TermsBook
from ennichi.kit.clock import Clock
from ennichi.kit.db import Transaction, array
from ennichi.stores import StoreRow


class Draft(NamedTuple):
    """A hold that is to be written."""

    id: str
    account_id: str
    variant_id: str
    show_id: str | None
    quantity: int


class Drafts:
    """Writes new holds; their units are the caller's concern."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._book = TermsBook(clock)

    async def add(
        self,
        tx: Transaction,
        drafts: Sequence[Draft],
        offers: Mapping[str, Offer],
        stores: Mapping[str, StoreRow],
        *,
        seconds: int = HOLD_SECONDS,
    ) -> dict[str, HoldRow]:
        """Write them, at what is offered now; returns them by their ids."""
        if not drafts:
            return {}
        now = self._clock.now()
        expires_at = now + timedelta(seconds=seconds)
        kept = self._terms({draft.variant_id for draft in drafts}, offers, stores)
        await self._book.keep(tx, {one.id: one for one in kept.values()})
        await queries.ADD_HOLDS.run(
            tx,
            ids=array(draft.id for draft in drafts),
            account_ids=array(draft.account_id for draft in drafts),
            variant_ids=array(draft.variant_id for draft in drafts),
            show_ids=array(draft.show_id or "null" for draft in drafts),
            quantities=array(draft.quantity for draft in drafts),
            offers=_constants(kept, offers),
            now=now,
            expires_at=expires_at,
        )
        rows = {}
        for draft in drafts:
            offer, terms = offers[draft.variant_id], kept[draft.variant_id]
            rows[draft.id] = HoldRow(
                draft.id,
                draft.account_id,
                offer.store_id,
                offer.listing_id,
                offer.variant_id,
                draft.show_id,
                offer.title,
                offer.variant_name,
                offer.photo_id,
                draft.quantity,
                offer.price,
                offer.tax_rate,
                offer.size,
                terms.id,
                terms.plain,
                "held",
                expires_at,
                now,
                None,
                None,
            )
        return rows

    def committed(self, rows: Mapping[str, HoldRow]) -> None:
        """These are in the database now, with their terms."""
        self._book.committed({row.terms_id for row in rows.values()})

    def _terms(
        self, variant_ids: set[str], offers: Mapping[str, Offer], stores: Mapping[str, StoreRow]
    ) -> dict[str, Kept]:
        """By variant; most of a store's have the same."""
        made: dict[tuple[str, bytes], Kept] = {}
        kept = {}
        for variant_id in variant_ids:
            offer = offers[variant_id]
            same = (offer.store_id, msgspec.json.encode(offer.shipping))
            if same not in made:
                made[same] = self._book.of(stores[offer.store_id], offer.shipping)
            kept[variant_id] = made[same]
        return kept


def _constants(kept: Mapping[str, Kept], offers: Mapping[str, Offer]) -> str:
    """What all holds of a variant have in common, as JSON."""
    rows = [
        {
            "variant_id": variant_id,
            "variant_name": offers[variant_id].variant_name,
            "listing_id": offers[variant_id].listing_id,
            "store_id": offers[variant_id].store_id,
            "title": offers[variant_id].title,
            "photo_id": offers[variant_id].photo_id,
            "price": offers[variant_id].price,
            "tax_rate": offers[variant_id].tax_rate,
            "size": offers[variant_id].size,
            "terms_id": terms.id,
        }
        for variant_id, terms in kept.items()
    ]
    return msgspec.json.encode(rows).decode()
