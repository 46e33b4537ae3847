"""A store's ways of charging for shipping: made, changed and taken away by its members, read by everyone."""

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from ennichi.accounts import Account
from ennichi.catalog import queries
from ennichi.catalog.errors import ShippingNotFound, TooManyShippings
from ennichi.catalog.events import ListingChanged
from ennichi.catalog.model import ProfileRow
from ennichi.catalog.shipping import Shipping, checked
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database, Transaction
from ennichi.kit.errors import Invalid
from ennichi.kit.ids import Ids, is_id
from ennichi.stores import StoreService

PROFILES_EACH = 20


class ShippingProfile(Struct, kw_only=True, frozen=True):
    """A way of charging for shipping that listings may name."""

    id: str
    shipping: Shipping


class ShippingProfiles:
    """The ways in which stores charge for shipping."""

    def __init__(self, db: Database, clock: Clock, ids: Ids, *, stores: StoreService) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._stores = stores

    async def of_store(self, store_id: str) -> list[ShippingProfile]:
        """Those of a store, the oldest first; StoreNotFound."""
        async with self._db.read() as conn:
            row = await self._stores.row(conn, store_id)
            return [profile_of(one) for one in await queries.PROFILES_OF_STORE.all(conn, store_id=row.id)]

    async def create(self, actor: Account, store_id: str, shipping: Shipping) -> ShippingProfile:
        """One more. Raises StoreNotFound, Forbidden, Invalid, TooManyShippings."""
        made = ShippingProfile(id=self._ids.new(), shipping=checked(shipping))
        async with self._db.transaction() as tx:
            store = await self._stores.require_member(tx, store_id, actor)
            if len(await queries.PROFILES_OF_STORE.all(tx, store_id=store.id)) >= PROFILES_EACH:
                raise TooManyShippings(limit=PROFILES_EACH)
            await queries.ADD_PROFILE.run(
                tx, id=made.id, store_id=store.id, content=_text(made.shipping), made_at=self._clock.now()
            )
        return made

    async def edit(self, actor: Account, profile_id: str, shipping: Shipping) -> ShippingProfile:
        """Charge otherwise from now on; what is held keeps its fee. Raises ShippingNotFound, Forbidden, Invalid."""
        now = ShippingProfile(id=profile_id, shipping=checked(shipping))
        async with self._db.transaction() as tx:
            row = await self._own(tx, profile_id, actor)
            await queries.EDIT_PROFILE.run(tx, id=row.id, content=_text(now.shipping))
            for listing_id in await queries.SENT_BY.all(tx, id=row.id):
                tx.record(ListingChanged(listing_id, row.store_id))
        return now

    async def remove(self, actor: Account, profile_id: str) -> None:
        """Take it away; listings that named it cost the store's one fee again. Raises ShippingNotFound, Forbidden."""
        async with self._db.transaction() as tx:
            row = await self._own(tx, profile_id, actor)
            for listing_id in await queries.LEAVE_PROFILE.all(tx, id=row.id):
                tx.record(ListingChanged(listing_id, row.store_id))
            await queries.REMOVE_PROFILE.run(tx, id=row.id)

    async def load(self, where: Connection, ids: Iterable[str]) -> dict[str, Shipping]:
        """Those of `ids` that exist, by id; no statement when there are none."""
        wanted = list(set(ids))
        if not wanted:
            return {}
        return {row.id: profile_of(row).shipping for row in await queries.PROFILES.all(where, ids=wanted)}

    async def keep(self, tx: Transaction, profile_id: str) -> str:
        """See to it that nobody takes it away before the transaction ends; returns its store's id. Invalid without it.

        Comes before a listing is locked: who takes a profile away locks it first and its listings after.
        """
        row = await queries.HOLD_PROFILE.first(tx, id=profile_id) if is_id(profile_id) else None
        if row is None:
            raise Invalid(("shipping_id", "unknown"))
        return row.store_id

    async def _own(self, tx: Transaction, profile_id: str, actor: Account) -> ProfileRow:
        row = await queries.LOCK_PROFILE.first(tx, id=profile_id) if is_id(profile_id) else None
        if row is None:
            raise ShippingNotFound
        await self._stores.require_member(tx, row.store_id, actor)
        return row


def profile_of(row: ProfileRow) -> ShippingProfile:
    """A profile out of its row."""
    return ShippingProfile(id=row.id, shipping=msgspec.convert(row.content, Shipping))


def _text(shipping: Shipping) -> str:
    return msgspec.json.encode(shipping).decode()
