"""Use cases of shows."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct, structs
from psycopg.errors import UniqueViolation

from ennichi.accounts import Account
from ennichi.catalog import CatalogService
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database, Transaction
from ennichi.kit.errors import Invalid
from ennichi.kit.ids import Ids
from ennichi.kit.text import clean
from ennichi.photos import PhotoService
from ennichi.shows import queries
from ennichi.shows.errors import AnotherLive, LineupForeign, NotInLineup, ShowNotFound, WrongState
from ennichi.shows.events import LineupChanged, ListingPinned, ShowEdited, ShowMoved
from ennichi.shows.model import LINEUP_MAX, LineupItem, Show, ShowRow, ShowTile, State, may_become
from ennichi.shows.tiles import Tiles
from ennichi.stores import StoreService


class Market(Struct, kw_only=True):
    """The shows of the market page."""

    live: list[ShowTile]
    upcoming: list[ShowTile]
    ended: list[ShowTile]


class ShowService:
    """Plans shows, moves them through their states, keeps line-ups and the pin."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        *,
        stores: StoreService,
        photos: PhotoService,
        catalog: CatalogService,
        tiles: Tiles,
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._stores = stores
        self._photos = photos
        self._catalog = catalog
        self.tiles = tiles

    async def create(
        self,
        actor: Account,
        store_id: str,
        *,
        title: str,
        cover_id: str | None,
        planned_at: datetime | None,
        listing_ids: Sequence[str],
    ) -> Show:
        """Plan a show of a store the actor belongs to."""
        async with self._db.transaction() as tx:
            await self._stores.require_member(tx, store_id, actor)
            show_id = self._ids.new()
            await self._check_cover(tx, actor, cover_id)
            await queries.INSERT.run(
                tx,
                id=show_id,
                store_id=store_id,
                title=_title(title),
                cover_id=cover_id,
                planned_at=planned_at,
                now=self._clock.now(),
            )
            await self._fill_lineup(tx, show_id, store_id, listing_ids)
            return await self._page(tx, show_id, actor)

    async def edit(self, actor: Account, show_id: str, *, changes: dict[str, object]) -> Show:
        """Change title, cover_id or planned_at; what `changes` does not name stays."""
        async with self._db.transaction() as tx:
            row = await self._own(tx, show_id, actor)
            if "title" in changes:
                changes["title"] = _title(str(changes["title"]))
            row = structs.replace(row, **changes)
            if row.cover_id and "cover_id" in changes:
                await self._check_cover(tx, actor, row.cover_id)
            await queries.EDIT.run(tx, id=row.id, title=row.title, cover_id=row.cover_id, planned_at=row.planned_at)
            tx.record(ShowEdited(show_id))
            return await self._page(tx, show_id, actor)

    async def set_lineup(self, actor: Account, show_id: str, listing_ids: Sequence[str]) -> list[LineupItem]:
        """Replace the line-up by these listings, numbered from 1 in this order."""
        async with self._db.transaction() as tx:
            row = await self._own(tx, show_id, actor)
            if row.state not in ("scheduled", "live"):
                raise WrongState(state=row.state)
            if row.pinned_id and row.pinned_id not in listing_ids:
                await self._set_pin(tx, row, None)
            await self._fill_lineup(tx, show_id, row.store_id, listing_ids)
            tx.record(LineupChanged(show_id))
            return await self.tiles.lineup(tx, show_id)

    async def move(self, actor: Account, show_id: str, wanted: State) -> Show:
        """Go live, end or cancel. Going where the show already is changes nothing and is no error."""
        async with self._db.transaction() as tx:
            row = await self._own(tx, show_id, actor)
            if row.state != wanted:
                await self._move(tx, row, wanted)
            return await self._page(tx, show_id, actor)

    async def pin(self, actor: Account, show_id: str, listing_id: str | None) -> str | None:
        """Show a listing of the line-up to everyone, or none."""
        async with self._db.transaction() as tx:
            row = await self._own(tx, show_id, actor)
            if row.state != "live":
                raise WrongState(state=row.state)
            if listing_id is not None:
                places = await queries.LINEUP.all(tx, show_id=show_id)
                if all(place.listing_id != listing_id for place in places):
                    raise NotInLineup
            if row.pinned_id != listing_id:
                await self._set_pin(tx, row, listing_id)
            return listing_id

    async def get(self, where: Connection, show_id: str) -> ShowRow:
        """A show as it is kept; ShowNotFound."""
        row = await queries.GET.first(where, id=show_id)
        if row is None:
            raise ShowNotFound
        return row

    async def page(self, show_id: str, visitor: Account | None) -> Show:
        """A show as its page needs it."""
        async with self._db.read() as conn:
            return await self._page(conn, show_id, visitor)

    async def of_store(self, store_id: str) -> list[ShowTile]:
        """The newest hundred shows of a store, without cancelled ones."""
        async with self._db.read() as conn:
            return await self.tiles.tiles(conn, await queries.BY_STORE.all(conn, store_id=store_id))

    async def market(self, q: str | None, store_ids: Sequence[str] = ()) -> Market:
        """What is live, coming up and past; with `q` those whose title has it or whose store is given."""
        like = f"%{clean(q)}%" if q and clean(q) else None
        found = {"q": like, "store_ids": list(store_ids)}
        async with self._db.read() as conn:
            live = await queries.LIVE.all(conn, **found, limit=60)
            upcoming = await queries.UPCOMING.all(conn, **found, since=self._clock.now(), limit=30)
            ended = await queries.ENDED.all(conn, **found, limit=30)
            return Market(
                live=await self.tiles.tiles(conn, live),
                upcoming=await self.tiles.tiles(conn, upcoming),
                ended=await self.tiles.tiles(conn, ended),
            )

    async def live_rows(self) -> list[ShowRow]:
        """Every live show, for whoever takes up its work after a restart."""
        async with self._db.read() as conn:
            return await queries.LIVE.all(conn, q=None, store_ids=[], limit=1000)

    async def showing(self, where: Connection, listing_id: str, among: list[str]) -> list[str]:
        """Those of these shows whose line-up has this listing, also while it is put away."""
        return await queries.SHOWING.all(where, listing_id=listing_id, among=among)

    async def keep_likes(self, where: Connection, show_id: str, likes: int) -> None:
        """Note the likes a room has counted."""
        await queries.KEEP_LIKES.run(where, id=show_id, likes=likes)

    async def add_sold(self, tx: Transaction, show_id: str, units: int) -> None:
        """Count units sold during a show."""
        await queries.ADD_SOLD.run(tx, id=show_id, units=units)

    async def _own(self, tx: Transaction, show_id: str, actor: Account) -> ShowRow:
        row = await queries.LOCK.first(tx, id=show_id)
        if row is None:
            raise ShowNotFound
        await self._stores.require_member(tx, row.store_id, actor)
        return row

    async def _page(self, where: Connection, show_id: str, visitor: Account | None) -> Show:
        return await self.tiles.page(where, await self.get(where, show_id), visitor)

    async def _move(self, tx: Transaction, row: ShowRow, wanted: State) -> None:
        if not may_become(row.state, wanted):
            raise WrongState(state=row.state)
        if wanted == "live" and (other := await queries.LIVE_OF_STORE.first(tx, store_id=row.store_id)):
            raise AnotherLive(show_id=other)
        now = self._clock.now()
        started = now if wanted == "live" else row.started_at
        ended = now if wanted == "ended" else None
        pinned = row.pinned_id if wanted == "live" else None
        try:
            await queries.MOVE.run(tx, id=row.id, state=wanted, started_at=started, ended_at=ended, pinned_id=pinned)
        except UniqueViolation as clash:  # another went live at this very moment
            raise AnotherLive(show_id=None) from clash
        if row.pinned_id != pinned:
            tx.record(ListingPinned(row.id, pinned))
        tx.record(ShowMoved(row.id, wanted, started, ended))

    async def _set_pin(self, tx: Transaction, row: ShowRow, listing_id: str | None) -> None:
        await queries.PIN.run(tx, id=row.id, listing_id=listing_id)
        tx.record(ListingPinned(row.id, listing_id))

    async def _check_cover(self, tx: Transaction, actor: Account, cover_id: str | None) -> None:
        if cover_id:
            await self._photos.require_own(tx, [cover_id], actor)

    async def _fill_lineup(self, tx: Transaction, show_id: str, store_id: str, listing_ids: Sequence[str]) -> None:
        if len(listing_ids) > LINEUP_MAX:
            raise Invalid(("listing_ids", f"at most {LINEUP_MAX}"))
        listings = await self._catalog.load(tx, list(listing_ids))
        for n, listing_id in enumerate(listing_ids):
            listing = listings.get(listing_id)
            if listing is None or listing.store.id != store_id or listing.archived or listing_id in listing_ids[:n]:
                raise LineupForeign(listing_id=listing_id)
        await queries.LINEUP_CLEAR.run(tx, show_id=show_id)
        await queries.LINEUP_FILL.run(tx, show_id=show_id, listing_ids=list(listing_ids))


def _title(title: str) -> str:
    title = clean(title)
    if not title:
        raise Invalid(("title", "empty"))
    return title
