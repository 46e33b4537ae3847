"""News of other parts, brought into the rooms they concern.

Each is read from the database and posted under its show's lock (see `Rooms`), so the last word is always the newest.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from ennichi.catalog import Stock
from ennichi.kit.db import Connection, Database
from ennichi.room.actor import Room
from ennichi.room.events import (
    HouseSet,
    LineupSet,
    Pin,
    ReportsCounted,
    ShowTurned,
    SoldCounted,
    StallAway,
    StockMoved,
)
from ennichi.room.log import STAFF
from ennichi.room.ports import House
from ennichi.room.rooms import Rooms
from ennichi.shows import LineupChanged, ListingPinned, ShowEdited, ShowMoved, ShowService
from ennichi.stores import StoreService

AT_ONCE_MS = 100


class News:
    """Listens to shows, stock, the house and the video on behalf of the rooms."""

    def __init__(
        self,
        db: Database,
        rooms: Rooms,
        *,
        shows: Callable[[], ShowService],
        stores: StoreService,
        stock: Stock,
        house: Callable[[], House],
    ) -> None:
        self._db = db
        self._rooms = rooms
        self._shows_later = shows
        self._stores = stores
        self._stock = stock
        self._house_later = house
        self._moved: dict[str, dict[str, str]] = {}

    async def on_show_moved(self, event: ShowMoved) -> None:
        """A show went live, ended or was cancelled. What was being answered at the end waits for an answer again."""
        await self._rooms.open(event.show_id)
        async with self._rooms.lock(event.show_id):
            async with self._db.read() as conn:
                show = await self._shows_later().get(conn, event.show_id)
            if opened := self._rooms.get(event.show_id):
                opened.turned = show.state
                for news, audience in opened.desk.put_back() if show.state != "live" else ():
                    opened.room.post(news, audience)
                opened.room.post(ShowTurned(show.state, show.started_at, show.ended_at))

    async def on_show_edited(self, event: ShowEdited) -> None:
        """The show is called otherwise: too rare for an event of its own, so everybody takes a new snapshot."""
        await self._rooms.close(event.show_id, AT_ONCE_MS)

    async def on_sold(self, show_id: str) -> None:
        """Something was bought at this show."""

        async def tell(conn: Connection, room: Room) -> None:
            show = await self._shows_later().get(conn, show_id)
            store = (await self._stores.briefs(conn, [show.store_id]))[show.store_id]
            room.post(SoldCounted(show=show.sold, store=store.sold))

        await self._tell([show_id], tell)

    async def on_pinned(self, event: ListingPinned) -> None:
        """Another listing is shown."""

        async def tell(conn: Connection, room: Room) -> None:
            room.post(Pin((await self._shows_later().get(conn, event.show_id)).pinned_id))

        await self._tell([event.show_id], tell)

    async def on_lineup(self, event: LineupChanged) -> None:
        """The line-up is another."""
        await self._tell([event.show_id], self._renew_lineup)

    async def on_listing_changed(self, listing_id: str) -> None:
        """A listing was edited, put away or brought back: every room with it shows it anew."""
        async with self._db.read() as conn:
            there = await self._shows_later().showing(conn, listing_id, self._rooms.near(lambda _: True))
        shown = self._rooms.near(lambda room: room.shows(listing_id))
        await self._tell({*there, *shown}, self._renew_lineup)

    async def on_stock(self, moved: Mapping[str, str]) -> None:
        """What is left of some variants (with their listings) is another.

        Of many changes at once the first to be told tells them all.
        """
        listings = set(moved.values())
        shown = self._rooms.near(lambda room: any(room.shows(listing_id) for listing_id in listings))
        for show_id in shown:
            self._moved.setdefault(show_id, {}).update(moved)
        await self._tell(shown, self._restock)

    async def on_house(self, store_id: str) -> None:
        """A store keeps its rooms otherwise from now on."""

        async def tell(conn: Connection, room: Room) -> None:
            if room.now.show.store.id == store_id:
                room.post(HouseSet(await self._house_later().rules(conn, store_id)))

        await self._tell(self._rooms.near(lambda room: room.now.show.store.id == store_id), tell)

    async def on_reported(self, show_id: str) -> None:
        """Another number of reports of this show waits."""

        async def tell(conn: Connection, room: Room) -> None:
            room.post(ReportsCounted(await self._house_later().reported(conn, show_id)), STAFF)

        await self._tell([show_id], tell)

    def on_away(self, show_id: str, away: bool) -> None:
        """The stall's picture stopped, or moves again."""
        opened = self._rooms.get(show_id)
        if opened and opened.room.now.show.state == "live" and opened.room.now.show.away != away:
            opened.room.post(StallAway(away))

    async def _tell(self, show_ids: Iterable[str], tell: Callable[[Connection, Room], Awaitable[None]]) -> None:
        for show_id in show_ids:
            async with self._rooms.lock(show_id):
                if opened := self._rooms.get(show_id):
                    async with self._db.read() as conn:
                        await tell(conn, opened.room)
                else:
                    self._moved.pop(show_id, None)

    async def _renew_lineup(self, conn: Connection, room: Room) -> None:
        room.post(LineupSet(await self._shows_later().tiles.lineup(conn, room.show_id)))

    async def _restock(self, conn: Connection, room: Room) -> None:
        moved = self._moved.pop(room.show_id, {})
        moved = {variant: listing for variant, listing in moved.items() if room.shows(listing)}
        offers = await self._stock.offers(conn, moved) if moved else {}
        for offer in offers.values():
            if room.shows(offer.listing_id) and not offer.archived:
                room.post(StockMoved(offer.variant_id, offer.listing_id, offer.available))
