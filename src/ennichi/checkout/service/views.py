"""Turns rows of holds into what their buyers see."""

from collections.abc import Sequence

import msgspec

from ennichi.accounts import AccountService, Address
from ennichi.catalog import Offer, Stock
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
from ennichi.kit.db import Connection
from ennichi.payments import Card, PaymentService
from ennichi.photos import PhotoService
from ennichi.stores import StoreService


def totals_of_hold(row: HoldRow) -> Totals:
    """What confirming this hold costs."""
    return totals_of([(row.unit_price * row.quantity, row.tax_rate)], row.shipping)


class Views:
    """Reads what a hold needs from the parts around it."""

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

    async def one(self, where: Connection, row: HoldRow) -> Hold:
        """One hold as its buyer sees it."""
        (hold,) = await self.many(where, [row])
        return hold

    async def many(self, where: Connection, rows: Sequence[HoldRow]) -> list[Hold]:
        """Holds as their buyers see them, in order; the saved address and card only of those that still run."""
        stores = await self._stores.briefs(where, {row.store_id for row in rows})
        photos = await self._photos.load(where, {row.photo_id for row in rows if row.photo_id})
        offers = await self._stock.offers(where, {row.variant_id for row in rows})
        now = self._clock.now()
        holds = []
        for row in rows:
            state: HoldState = "expired" if row.state == "held" and row.expires_at <= now else row.state
            address, card = await self._saved(where, row.account_id) if state == "held" else (None, None)
            photo = photos.get(row.photo_id) if row.photo_id else None
            holds.append(
                Hold(
                    id=row.id,
                    show_id=row.show_id,
                    listing=HeldListing(id=row.listing_id, title=row.title, photo=photo, store=stores[row.store_id]),
                    variant=HeldVariant(id=row.variant_id, name=row.variant_name),
                    quantity=row.quantity,
                    max_quantity=_most(row, state, offers[row.variant_id]),
                    unit_price=row.unit_price,
                    tax_rate=row.tax_rate,
                    totals=totals_of_hold(row),
                    state=state,
                    expires_at=row.expires_at,
                    server_time=now,
                    address=address,
                    card=card,
                    terms=msgspec.convert(row.terms, Terms),
                    order_id=row.order_id,
                )
            )
        return holds

    async def _saved(self, where: Connection, account_id: str) -> tuple[Address | None, Card | None]:
        cards = await self._payments.cards(where, account_id)
        return await self._accounts.address(where, account_id), cards[0] if cards else None


def _most(row: HoldRow, state: HoldState, offer: Offer) -> int:
    """How many the hold could be of; what it is of already never counts as too many."""
    if state != "held" or offer.archived:
        return row.quantity
    return max(row.quantity, min(MAX_QUANTITY, row.quantity + offer.available))
