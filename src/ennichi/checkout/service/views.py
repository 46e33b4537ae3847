"""Turns rows of holds into what their buyers see."""

from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from typing import NamedTuple

import msgspec

from ennichi.accounts import AccountService, Address
from ennichi.catalog import Parcel, Stock, fee_for
from ennichi.checkout import queries
from ennichi.checkout.model import (
    MAX_QUANTITY,
    HeldListing,
    HeldVariant,
    Hold,
    HoldRow,
    HoldState,
    Terms,
    Totals,
    totals_of,
)
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, array
from ennichi.payments import Card, PaymentService
from ennichi.photos import PhotoService
from ennichi.stores import StoreRow, StoreService

MOST_TERMS = 1_000


class Buyers(NamedTuple):
    """What buyers kept for next time, by account."""

    addresses: Mapping[str, Address]
    cards: Mapping[str, Card]


class Free(NamedTuple):
    """What can be had besides: units by variant; by account and listing, where there is a limit, how many more."""

    units: Mapping[str, int]
    left: Mapping[tuple[str, str], int]


class Views:
    """Reads what holds need from the parts around them: a few statements, however many there are."""

    def __init__(
        self,
        clock: Clock,
        *,
        accounts: AccountService,
        stores: StoreService,
        photos: PhotoService,
        stock: Stock,
        payments: PaymentService,
    ) -> None:
        self._clock = clock
        self._accounts = accounts
        self._stores = stores
        self._photos = photos
        self._stock = stock
        self._payments = payments
        self._terms: dict[str, Terms] = {}

    async def one(self, where: Connection, row: HoldRow) -> Hold:
        """One hold as its buyer sees it."""
        (hold,) = await self.many(where, [row])
        return hold

    async def buyers_later(self, where: Connection, accounts: Set[str]) -> Callable[[], Awaitable[Buyers]]:
        """Ask for what these kept, `together` with other statements."""
        addresses = await self._accounts.addresses_later(where, accounts)
        cards = await self._payments.latest_cards_later(where, accounts)

        async def buyers() -> Buyers:
            return Buyers(await addresses, await cards)

        return buyers

    async def _buyers(self, where: Connection, accounts: Set[str]) -> Buyers:
        return await (await self.buyers_later(where, accounts))() if accounts else Buyers({}, {})

    async def _free(self, where: Connection, rows: Sequence[HoldRow]) -> Free:
        offers = await self._stock.offers(where, {row.variant_id for row in rows})
        limits = {offer.listing_id: offer.per_buyer for offer in offers.values() if offer.per_buyer is not None}
        left = {(row.account_id, row.listing_id): limits[row.listing_id] for row in rows if row.listing_id in limits}
        if limits:
            accounts = array({row.account_id for row in rows})
            for had in await queries.HAD.all(where, account_ids=accounts, listing_ids=array(limits)):
                left[had.account_id, had.listing_id] = limits[had.listing_id] - had.units
        return Free({o.variant_id: 0 if o.archived else o.available for o in offers.values()}, left)

    async def many(
        self,
        where: Connection,
        rows: Sequence[HoldRow],
        *,
        free: Free | None = None,
        stores: Mapping[str, StoreRow] | None = None,
        buyers: Buyers | None = None,
    ) -> list[Hold]:
        """Holds as their buyers see them, in order; the saved address and card only of those that still run.

        What the caller knows already is not read again: what is `free` of their variants, their `stores`, and what
        those who hold them kept (`buyers`).
        """
        if not rows:
            return []
        if stores is None:
            stores = await self._stores.rows(where, {row.store_id for row in rows})
        briefs = await self._stores.briefs_of(where, stores.values())
        photos = await self._photos.load(where, {row.photo_id for row in rows if row.photo_id})
        if buyers is None:
            buyers = await self._buyers(where, {row.account_id for row in rows if row.state == "held"})
        addresses, cards = buyers
        if free is None:
            free = await self._free(where, rows)
        now = self._clock.now()
        listings: dict[tuple[str, str, str | None], HeldListing] = {}
        variants: dict[tuple[str, str], HeldVariant] = {}
        totals: dict[tuple[int, int, int, int, str, str | None], Totals] = {}
        holds = []
        for row in rows:
            state: HoldState = "expired" if row.state == "held" and row.expires_at <= now else row.state
            held = state == "held"
            address = addresses.get(row.account_id) if held else None
            which = (row.listing_id, row.title, row.photo_id)
            if (listing := listings.get(which)) is None:
                photo = photos.get(row.photo_id) if row.photo_id else None
                listing = listings[which] = HeldListing(
                    id=row.listing_id, title=row.title, photo=photo, store=briefs[row.store_id]
                )
            called = (row.variant_id, row.variant_name)
            if (variant := variants.get(called)) is None:
                variant = variants[called] = HeldVariant(id=row.variant_id, name=row.variant_name)
            terms = self._terms.get(row.terms_id) or self._terms_of(row)
            to = address.prefecture if address else None
            costs = (row.unit_price, row.quantity, row.tax_rate, row.size, row.terms_id, to)
            if (total := totals.get(costs)) is None:
                total = totals[costs] = _totals(row, terms, to)
            holds.append(
                Hold(
                    id=row.id,
                    show_id=row.show_id,
                    listing=listing,
                    variant=variant,
                    quantity=row.quantity,
                    max_quantity=_most(row, free) if held else row.quantity,
                    unit_price=row.unit_price,
                    tax_rate=row.tax_rate,
                    totals=total,
                    state=state,
                    expires_at=row.expires_at,
                    server_time=now,
                    address=address,
                    card=cards.get(row.account_id) if held else None,
                    terms=terms,
                    purchase_id=row.purchase_id,
                    order_id=row.order_id,
                )
            )
        return holds

    def _terms_of(self, row: HoldRow) -> Terms:
        """Decoded once: what a name of terms means never changes."""
        if len(self._terms) >= MOST_TERMS:
            self._terms.clear()
        terms = self._terms[row.terms_id] = msgspec.convert(row.terms, Terms)
        return terms


def _totals(row: HoldRow, terms: Terms, prefecture: str | None) -> Totals:
    """What it costs when it is bought alone and sent there."""
    amount = row.unit_price * row.quantity
    shipping = fee_for([Parcel(terms.shipping, row.size, row.quantity, amount)], prefecture)
    return totals_of([(amount, row.tax_rate)], shipping)


def _most(row: HoldRow, free: Free) -> int:
    """How many the hold could be of; what it is of already never counts as too many."""
    units = free.units[row.variant_id]
    more = max(0, min(units, free.left.get((row.account_id, row.listing_id), units)))
    return max(row.quantity, min(MAX_QUANTITY, row.quantity + more))
