"""Use cases of the catalog."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import UNSET, structs

from ennichi.accounts import Account
from ennichi.catalog import drafts, queries
from ennichi.catalog.errors import ListingNotFound
from ennichi.catalog.events import ListingChanged
from ennichi.catalog.model import (
    Listed,
    Listing,
    ListingEdit,
    ListingRow,
    NewListing,
    NewVariant,
    VariantEdit,
    VariantRow,
    price_of,
    to_listing,
)
from ennichi.catalog.prices import WINDOW, Priced, former_price
from ennichi.catalog.profiles import ShippingProfiles
from ennichi.catalog.shipping import flat
from ennichi.catalog.stock import Stock
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database, Transaction
from ennichi.kit.errors import Invalid, NotFound
from ennichi.kit.ids import Ids, is_id
from ennichi.kit.text import clean, clean_block
from ennichi.photos import PhotoService
from ennichi.stores import StoreService

LIST_LIMIT = 500
SEARCH_LIMIT = 40


class CatalogService:
    """Listings: made, changed and put away by the members of their store, read by everyone."""

    def __init__(
        self, db: Database, clock: Clock, ids: Ids, *, stores: StoreService, photos: PhotoService, stock: Stock
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._stores = stores
        self._photos = photos
        self._stock = stock
        self.shipping = ShippingProfiles(db, clock, ids, stores=stores)

    async def create(self, actor: Account, store_id: str, new: NewListing) -> Listing:
        """Offer something. The photos must be the actor's own."""
        names = drafts.check_names(new.variants)
        photo_ids = drafts.unique_photos(new.photo_ids)
        title = drafts.title_of(new.title)
        async with self._db.transaction() as tx:
            await self._stores.require_member(tx, store_id, actor)
            await self._photos.require_own(tx, photo_ids, actor)
            if new.shipping_id is not None and await self.shipping.keep(tx, new.shipping_id) != store_id:
                raise Invalid(("shipping_id", "unknown"))
            listing_id = self._ids.new()
            await queries.ADD_LISTING.run(
                tx,
                id=listing_id,
                store_id=store_id,
                title=title,
                story=clean_block(new.story),
                condition=new.condition,
                price=new.price,
                tax_rate=new.tax_rate,
                photo_ids=photo_ids,
                created_at=self._clock.now(),
                shipping_id=new.shipping_id,
                size=new.size,
                per_buyer=new.per_buyer,
                show_former=new.show_former,
            )
            for place, (variant, name) in enumerate(zip(new.variants, names, strict=True)):
                await self._add_variant(tx, listing_id, place, structs.replace(variant, name=name))
            await self._keep_prices(tx, listing_id)
            return await self._one(tx, listing_id)

    async def edit(self, actor: Account, listing_id: str, edit: ListingEdit) -> Listing:
        """Change what `edit` names. Variants it leaves out are taken away; what is held of them stays held."""
        async with self._db.transaction() as tx:
            of_store = await self.shipping.keep(tx, edit.shipping_id) if isinstance(edit.shipping_id, str) else None
            row = await self._own(tx, listing_id, actor)
            new = drafts.merged(row, edit)
            if of_store not in (None, row.store_id):
                raise Invalid(("shipping_id", "unknown"))
            await self._photos.require_own(tx, [p for p in new.photo_ids if p not in row.photo_ids], actor)
            await queries.EDIT_LISTING.run(
                tx,
                id=row.id,
                title=new.title,
                story=new.story,
                condition=new.condition,
                price=new.price,
                tax_rate=new.tax_rate,
                photo_ids=new.photo_ids,
                shipping_id=new.shipping_id,
                size=new.size,
                per_buyer=new.per_buyer,
                show_former=new.show_former,
            )
            if edit.variants is not UNSET:
                await self._edit_variants(tx, row.id, edit.variants)
            await self._keep_prices(tx, row.id)
            tx.record(ListingChanged(row.id, row.store_id))
            return await self._one(tx, row.id)

    async def archive(self, actor: Account, listing_id: str, *, archived: bool = True) -> Listing:
        """Put a listing away, or bring it back (`archived=False`). Again is no error. What is held stays held."""
        async with self._db.transaction() as tx:
            row = await self._own(tx, listing_id, actor)
            if row.archived != archived:
                await queries.ARCHIVE.run(tx, id=row.id, archived=archived)
                await self._keep_prices(tx, row.id)
                tx.record(ListingChanged(row.id, row.store_id))
            return await self._one(tx, row.id)

    async def get(self, listing_id: str) -> Listing:
        """One listing, archived or not; ListingNotFound."""
        async with self._db.read() as conn:
            return await self._one(conn, listing_id)

    async def list_by_store(self, store_id: str, *, archived: bool = False) -> list[Listing]:
        """A store's listings, newest first: those on offer, or those put away. NotFound without such a store."""
        async with self._db.read() as conn:
            if not is_id(store_id) or not await self._stores.briefs(conn, {store_id}):
                raise NotFound
            ids = await queries.OF_STORE.all(conn, store_id=store_id, archived=archived, limit=LIST_LIMIT)
            return await self._in_order(conn, ids)

    async def listed(self, where: Connection, store_ids: Sequence[str], since: datetime) -> Listed:
        """How many listings these stores made after `since`, and have on offer now: not put away nor sold out."""
        return await queries.LISTED.one(where, store_ids=list(store_ids), since=since)

    async def search(self, where: Connection, q: str) -> list[Listing]:
        """Listings on offer whose title or story has `q` in it; titles come first."""
        wanted = clean(q)[:100]
        if not wanted:
            return []
        for special in ("\\", "%", "_"):
            wanted = wanted.replace(special, f"\\{special}")
        ids = await queries.SEARCH.all(where, like=f"%{wanted}%", limit=SEARCH_LIMIT)
        return await self._in_order(where, ids)

    async def load(self, where: Connection, ids: Iterable[str]) -> dict[str, Listing]:
        """The listings among `ids` that exist, by id, with a handful of statements however many there are."""
        wanted = [listing_id for listing_id in set(ids) if is_id(listing_id)]
        rows = await queries.LISTINGS.all(where, ids=wanted) if wanted else []
        if not rows:
            return {}
        variants: dict[str, list[VariantRow]] = {row.id: [] for row in rows}
        for variant in await queries.VARIANTS.all(where, listing_ids=list(variants)):
            variants[variant.listing_id].append(variant)
        stores = await self._stores.rows(where, {row.store_id for row in rows})
        briefs = await self._stores.briefs_of(where, stores.values())
        photos = await self._photos.load(where, {photo_id for row in rows for photo_id in row.photo_ids})
        profiles = await self.shipping.load(where, {row.shipping_id for row in rows if row.shipping_id})
        former = await self._former(where, rows, variants)
        return {
            row.id: to_listing(
                row,
                variants[row.id],
                briefs[row.store_id],
                photos,
                shipping=profiles.get(row.shipping_id or "") or flat(stores[row.store_id].shipping_fee),
                former=former,
            )
            for row in rows
        }

    async def _former(
        self, where: Connection, rows: Iterable[ListingRow], variants: Mapping[str, Sequence[VariantRow]]
    ) -> dict[str, int]:
        """Former prices that may be shown, by variant: of listings that want it, where history proves them."""
        wanted = {v.id: price_of(row, v) for row in rows if row.show_former for v in variants[row.id]}
        if not wanted:
            return {}
        now = self._clock.now()
        past = await queries.PRICES.all(where, variant_ids=list(wanted), since=now - WINDOW)
        history: dict[str, list[Priced]] = {variant_id: [] for variant_id in wanted}
        for row in past:
            history[row.variant_id].append(Priced(row.price, row.since))
        found = {variant_id: former_price(history[variant_id], price, now) for variant_id, price in wanted.items()}
        return {variant_id: price for variant_id, price in found.items() if price is not None}

    async def _one(self, where: Connection, listing_id: str) -> Listing:
        found = (await self.load(where, [listing_id])).get(listing_id)
        if found is None:
            raise ListingNotFound
        return found

    async def _in_order(self, where: Connection, ids: list[str]) -> list[Listing]:
        found = await self.load(where, ids)
        return [found[listing_id] for listing_id in ids if listing_id in found]

    async def _keep_prices(self, tx: Transaction, listing_id: str) -> None:
        """Write down what each variant costs from now on, where that is another price than before."""
        await queries.KEEP_PRICES.run(tx, listing_id=listing_id, since=self._clock.now())

    async def _own(self, tx: Transaction, listing_id: str, actor: Account) -> ListingRow:
        row = await queries.LOCK_LISTING.first(tx, id=listing_id) if is_id(listing_id) else None
        if row is None:
            raise ListingNotFound
        await self._stores.require_member(tx, row.store_id, actor)
        return row

    async def _edit_variants(self, tx: Transaction, listing_id: str, edits: list[VariantEdit]) -> None:
        names = drafts.check_names(edits)
        known = await queries.LOCK_VARIANTS.all(tx, listing_id=listing_id)
        drafts.check_ids(edits, known)
        by_id = {variant.id: variant for variant in known}
        for place, (edit, name) in enumerate(zip(edits, names, strict=True)):
            if edit.id is None:
                await self._add_variant(tx, listing_id, place, drafts.added(edit, name))
                continue
            new = drafts.edited(by_id.pop(edit.id), edit, name)
            await queries.EDIT_VARIANT.run(
                tx,
                id=new.id,
                place=place,
                name=new.name,
                price=new.price,
                keyword=new.keyword,
            )
            if edit.stock is not None:
                await self._stock.set_available(tx, new.id, edit.stock)
        for gone in by_id.values():
            await self._stock.set_available(tx, gone.id, 0)
            await queries.REMOVE_VARIANT.run(tx, id=gone.id)

    async def _add_variant(self, tx: Transaction, listing_id: str, place: int, new: NewVariant) -> None:
        await queries.ADD_VARIANT.run(
            tx,
            id=self._ids.new(),
            listing_id=listing_id,
            place=place,
            name=new.name,
            price=new.price,
            keyword=clean(new.keyword),
            stock=new.stock,
        )
