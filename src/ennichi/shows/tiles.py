"""Turns rows of shows into what the market and the pages show, a whole list with a handful of statements."""

from collections.abc import Sequence

from ennichi.accounts import Account
from ennichi.catalog import CatalogService
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection
from ennichi.photos import PhotoService
from ennichi.shows import queries
from ennichi.shows.model import LineupItem, Pinned, Show, ShowRow, ShowTile, State
from ennichi.shows.ports import Crowd
from ennichi.stores import StoreService


class Tiles:
    """Reads what a tile needs from the parts around a show."""

    def __init__(
        self, clock: Clock, stores: StoreService, photos: PhotoService, catalog: CatalogService, crowd: Crowd
    ) -> None:
        self._clock = clock
        self._stores = stores
        self._photos = photos
        self._catalog = catalog
        self._crowd = crowd

    async def tiles(self, where: Connection, rows: Sequence[ShowRow]) -> list[ShowTile]:
        """A tile for each row, in the same order."""
        stores = await self._stores.briefs(where, {row.store_id for row in rows})
        photos = await self._photos.load(where, {row.cover_id for row in rows if row.cover_id})
        pins = await self._pins(where, rows)
        return [
            ShowTile(
                id=row.id,
                title=row.title,
                state=row.state,
                store=stores[row.store_id],
                cover=photos.get(row.cover_id) if row.cover_id else None,
                frame=self.frame(row.id, row.state),
                planned_at=row.planned_at,
                started_at=row.started_at,
                ended_at=row.ended_at,
                viewers=self._crowd.viewers(row.id) if row.state == "live" else 0,
                likes=self._likes(row),
                pinned=pins.get(row.id),
                sold=row.sold,
            )
            for row in rows
        ]

    async def page(self, where: Connection, row: ShowRow, visitor: Account | None) -> Show:
        """One show as its own page needs it."""
        (tile,) = await self.tiles(where, [row])
        fields = {name: getattr(tile, name) for name in tile.__struct_fields__}
        count = await queries.LINEUP_COUNT.one(where, show_id=row.id)
        mine = visitor is not None and await self._stores.is_member(where, row.store_id, visitor)
        return Show(**fields, lineup_count=count, mine=mine, away=self._crowd.away(row.id))

    async def lineup(self, where: Connection, show_id: str) -> list[LineupItem]:
        """The listings of a show with their numbers; archived ones keep their number and are left out."""
        rows = await queries.LINEUP.all(where, show_id=show_id)
        listings = await self._catalog.load(where, [row.listing_id for row in rows])
        return [
            LineupItem(number=row.number, listing=listings[row.listing_id])
            for row in rows
            if row.listing_id in listings and not listings[row.listing_id].archived
        ]

    async def _pins(self, where: Connection, rows: Sequence[ShowRow]) -> dict[str, Pinned]:
        wanted = {row.id: row.pinned_id for row in rows if row.pinned_id}
        listings = await self._catalog.load(where, list(set(wanted.values())))
        pins: dict[str, Pinned] = {}
        for place in await queries.PLACES.all(where, show_ids=list(wanted)):
            listing = listings.get(place.listing_id)
            if listing and not listing.archived and wanted[place.show_id] == place.listing_id:
                pins[place.show_id] = Pinned(
                    title=listing.title, price=listing.price, number=place.number, available=listing.available
                )
        return pins

    def frame(self, show_id: str, state: State) -> str | None:
        """The address of a fresh picture of a live show; None while its stall is away."""
        if state != "live" or self._crowd.away(show_id):
            return None
        return f"/media/shows/{show_id}/frame.jpg?t={int(self._clock.now().timestamp())}"

    def _likes(self, row: ShowRow) -> int:
        likes = self._crowd.likes(row.id)
        return row.likes if likes is None else likes
