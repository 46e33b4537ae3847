"""Taking, changing and releasing holds.

Locks are taken in one order everywhere: the account's queue, the hold, the variant.
"""

from datetime import timedelta

import msgspec
from msgspec.structs import replace

from ennichi.accounts import Account
from ennichi.catalog import Archived, Offer, Stock
from ennichi.checkout import queries
from ennichi.checkout.errors import HoldExpired, HoldNotFound, OwnListing, TooManyHolds, WrongState
from ennichi.checkout.events import HoldChanged
from ennichi.checkout.keys import Keys, digest_of
from ennichi.checkout.model import (
    HOLD_SECONDS,
    MAX_HOLDS,
    Hold,
    HoldRow,
    HoldState,
    NewHold,
    Terms,
    arrival,
    may_become,
)
from ennichi.checkout.service.views import Views
from ennichi.kit.clock import Clock
from ennichi.kit.db import Database, Transaction
from ennichi.kit.errors import Invalid
from ennichi.kit.ids import Ids, is_id
from ennichi.shows import ShowNotFound, ShowService
from ennichi.stores import StoreService


class Holding:
    """The first half of a purchase."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        *,
        keys: Keys,
        views: Views,
        stores: StoreService,
        shows: ShowService,
        stock: Stock,
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._keys = keys
        self._views = views
        self._stores = stores
        self._shows = shows
        self._stock = stock

    async def take(self, actor: Account, wanted: NewHold, key: str) -> Hold:
        """See CheckoutService.take."""
        digest = digest_of("take", wanted)
        async with self._db.transaction() as tx:
            await queries.QUEUE_UP.one(tx, account_id=actor.id)
            earlier = await self._keys.claim(tx, actor.id, key, digest)
            if earlier is not None and earlier.answer is not None:
                return msgspec.json.decode(earlier.answer, type=Hold)
            row = await self._take(tx, actor, wanted)
            hold = await self._told(tx, row)
            await self._keys.keep(tx, actor.id, key, answer=msgspec.json.encode(hold).decode())
            return hold

    async def change(self, actor: Account, hold_id: str, quantity: int) -> Hold:
        """See CheckoutService.change."""
        async with self._db.transaction() as tx:
            row = await self.own(tx, hold_id, actor)
            self.require_held(row)
            if quantity > row.quantity:
                await self._require_offered(tx, row.variant_id)
            return await self._told(tx, await self._set_quantity(tx, row, quantity))

    async def release(self, actor: Account, hold_id: str) -> Hold:
        """See CheckoutService.release."""
        async with self._db.transaction() as tx:
            row = await self.own(tx, hold_id, actor)
            if row.state == "released":
                return await self._views.one(tx, row)
            self.require_held(row)
            await self._stock.give_back(tx, {row.variant_id: row.quantity})
            return await self.move(tx, row, "released")

    async def own(self, tx: Transaction, hold_id: str, actor: Account) -> HoldRow:
        """The actor's hold, locked; HoldNotFound."""
        row = await queries.LOCK_HOLD.first(tx, id=hold_id) if is_id(hold_id) else None
        if row is None or row.account_id != actor.id:
            raise HoldNotFound
        return row

    def require_held(self, row: HoldRow) -> None:
        """Raise HoldExpired or WrongState unless the hold still runs."""
        if row.state == "expired" or (row.state == "held" and row.expires_at <= self._clock.now()):
            raise HoldExpired
        if row.state != "held":
            raise WrongState(state=row.state, **({"order_id": row.order_id} if row.order_id else {}))

    async def move(self, tx: Transaction, row: HoldRow, state: HoldState, order_id: str | None = None) -> Hold:
        """Bring a locked hold into another state and tell its buyer."""
        if not may_become(row.state, state):
            raise WrongState(state=row.state)
        await queries.MOVE.run(tx, id=row.id, state=state, order_id=order_id)
        return await self._told(tx, replace(row, state=state, order_id=order_id))

    async def _take(self, tx: Transaction, actor: Account, wanted: NewHold) -> HoldRow:
        offer = await self._require_offered(tx, wanted.variant_id)
        if await self._stores.is_member(tx, offer.store_id, actor):
            raise OwnListing
        await self._check_show(tx, wanted.show_id, offer.store_id)
        active = await queries.LOCK_ACTIVE.first(tx, account_id=actor.id, variant_id=offer.variant_id)
        if active is not None and active.state == "held" and active.expires_at <= self._clock.now():
            await self._stock.give_back(tx, {active.variant_id: active.quantity})
            await self.move(tx, active, "expired")
            active = None
        if active is not None:
            self.require_held(active)
            return await self._set_quantity(tx, active, wanted.quantity)
        if await queries.COUNT_ACTIVE.one(tx, account_id=actor.id) >= MAX_HOLDS:
            raise TooManyHolds(limit=MAX_HOLDS)
        await self._stock.take(tx, offer.variant_id, wanted.quantity)
        return await self._add(tx, actor, offer, wanted)

    async def _add(self, tx: Transaction, actor: Account, offer: Offer, wanted: NewHold) -> HoldRow:
        store = await self._stores.row(tx, offer.store_id)
        now = self._clock.now()
        arrives_from, arrives_to = arrival(now, store.ships_within_days)
        terms = Terms(
            ships_within_days=store.ships_within_days,
            carrier=store.carrier,
            arrives_from=arrives_from,
            arrives_to=arrives_to,
            returns=store.returns,
            cancellation=store.cancellation,
            legal=store.legal,
        )
        row = HoldRow(
            id=self._ids.new(),
            account_id=actor.id,
            store_id=offer.store_id,
            listing_id=offer.listing_id,
            variant_id=offer.variant_id,
            show_id=wanted.show_id,
            title=offer.title,
            variant_name=offer.variant_name,
            photo_id=offer.photo_id,
            quantity=wanted.quantity,
            unit_price=offer.price,
            tax_rate=offer.tax_rate,
            shipping=store.shipping_fee,
            terms=msgspec.to_builtins(terms),
            state="held",
            expires_at=now + timedelta(seconds=HOLD_SECONDS),
            created_at=now,
            order_id=None,
        )
        fields = msgspec.structs.asdict(row)
        await queries.ADD_HOLD.run(tx, **{**fields, "terms": msgspec.json.encode(terms).decode()})
        return row

    async def _set_quantity(self, tx: Transaction, row: HoldRow, quantity: int) -> HoldRow:
        if quantity > row.quantity:
            await self._stock.take(tx, row.variant_id, quantity - row.quantity)
        elif quantity < row.quantity:
            await self._stock.give_back(tx, {row.variant_id: row.quantity - quantity})
        await queries.SET_QUANTITY.run(tx, id=row.id, quantity=quantity)
        return replace(row, quantity=quantity)

    async def _require_offered(self, tx: Transaction, variant_id: str) -> Offer:
        offer = await self._stock.offer(tx, variant_id)
        if offer.archived:
            raise Archived
        return offer

    async def _check_show(self, tx: Transaction, show_id: str | None, store_id: str) -> None:
        if show_id is None:
            return
        if not is_id(show_id):
            raise ShowNotFound
        if (await self._shows.get(tx, show_id)).store_id != store_id:
            raise Invalid(("show_id", "of_another_store"))

    async def _told(self, tx: Transaction, row: HoldRow) -> Hold:
        hold = await self._views.one(tx, row)
        tx.record(HoldChanged(hold, row.account_id))
        return hold
