"""Use cases of the rooms: joining, saying, liking, the question queue, and news from other parts.

Life cycle: a room opens when somebody first looks at its show and closes a while after the last stream has left a
show that is not live. Everything it knows is in the database by then; the next look opens it again, with a new epoch.

Invariant: news of other parts is read from the database and posted under one lock, and rooms are opened under it. News
that arrive late or in another order than they were committed, or while a room is opening, cannot leave an old value.
"""

import asyncio
from collections.abc import Callable, Iterable

from msgspec import Struct, structs

from ennichi.accounts import Account
from ennichi.catalog import Stock
from ennichi.kit.clock import Clock
from ennichi.kit.db import Database
from ennichi.kit.errors import Invalid
from ennichi.kit.ids import Ids
from ennichi.kit.limits import Limits
from ennichi.kit.text import clean
from ennichi.room.actor import Room
from ennichi.room.errors import QuestionNotFound, RoomClosed
from ennichi.room.events import (
    Answering,
    HouseSet,
    LineSaid,
    LineupSet,
    Pin,
    QuestionMoved,
    ReportsCounted,
    ShowTurned,
    SoldCounted,
    StallAway,
    StockMoved,
)
from ennichi.room.gathering import Gathering
from ennichi.room.keeper import Keeper, audience_of
from ennichi.room.log import MEMBERS, STAFF, Audience
from ennichi.room.model import Line, Question, QuestionState, Speaker
from ennichi.room.ports import House, Saying
from ennichi.room.presence import Presence
from ennichi.room.stream import Stream
from ennichi.shows import LineupChanged, ListingPinned, ShowEdited, ShowMoved, ShowService
from ennichi.stores import Role, StoreService

TEXT_MAX = 200
PING_EVERY = 15.0
AT_ONCE_MS = 100
IDLE_ROUNDS = 4
"""A room without streams, of a show that is not live, closes after so many ping rounds."""


class RoomService:
    """The open rooms. Also the `Crowd` that shows asks for numbers."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        limits: Limits,
        *,
        shows: Callable[[], ShowService],
        stores: StoreService,
        stock: Stock,
        away: Callable[[str], bool],
        house: Callable[[], House],
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._limits = limits
        self._shows_later = shows
        self._stores = stores
        self._rooms: dict[str, Room] = {}
        self._idle: dict[str, int] = {}
        self._stock = stock
        self._is_away = away
        self._house_later = house
        self._moved: dict[str, str] = {}
        self._hearing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin the rounds that ping streams and close idle rooms."""
        self._keeper = Keeper(self._db, self._shows_later(), self._stores, self._house_later())
        self._task = asyncio.create_task(self._rounds(), name="rooms")

    async def stop(self) -> None:
        """End every stream and keep what is left to keep."""
        if self._task:
            self._task.cancel()
        rooms, self._rooms = list(self._rooms.values()), {}
        await asyncio.gather(*(room.close() for room in rooms))

    def viewers(self, show_id: str) -> int:
        """People watching right now."""
        room = self._rooms.get(show_id)
        return room.viewers if room else 0

    def likes(self, show_id: str) -> int | None:
        """Likes of an open room."""
        room = self._rooms.get(show_id)
        return room.now.likes if room else None

    def away(self, show_id: str) -> bool:
        """Whether the stall's picture has stopped."""
        room = self._rooms.get(show_id)
        return room.now.show.away if room else self._is_away(show_id)

    async def open(self, show_id: str) -> Room:
        """The room of a show, opened if it was not; ShowNotFound."""
        room = self._rooms.get(show_id)
        if room is None:
            async with self._hearing:
                room = self._rooms.get(show_id)
                if room is None:
                    loaded = await self._keeper.load(show_id)
                    now = loaded.now
                    now.show.away = now.show.state == "live" and self._is_away(show_id)
                    room = Room(
                        show_id,
                        self._ids.new()[-8:],
                        now,
                        self._keeper,
                        clock=self._clock,
                        first_offset=loaded.last_place,
                        quiet=loaded.quiet,
                        presence=Presence(loaded.visitors, now.peak),
                    )
                    self._rooms[show_id] = room
        self._idle.pop(show_id, None)
        return room

    async def snapshot(self, show_id: str) -> tuple[Room, Gathering, int]:
        """The room, what it shows now, and the offset of that."""
        room = await self.open(show_id)
        return room, room.now, room.offset

    async def join(
        self, show_id: str, visitor: Account | None, position: str | None, who: str = ""
    ) -> tuple[Room, Stream]:
        """A new stream of the feed from `position` on. `who` tells one browser's streams from another's."""
        room = await self.open(show_id)
        role = await self._role(room, visitor)
        name = visitor.name if visitor and visitor.announced else None
        stream = Stream(account_id=visitor.id if visitor else None, role=role, who=who, name=name)
        room.join(stream, position)
        return room, stream

    async def say(
        self, actor: Account, show_id: str, text: str, *, question: bool = False, listing_id: str | None = None
    ) -> Line:
        """Say a line of 1 to 200 characters; returns it once it is kept.

        It is a question when marked so or when it ends in a question mark. Ten lines in 20 seconds per person.
        """
        room = await self.open(show_id)
        text = clean(text)
        if not text:
            raise Invalid(("text", "empty"))
        if len(text) > TEXT_MAX:
            raise Invalid(("text", f"at most {TEXT_MAX} characters"))
        self._must_be_open(room)
        if listing_id is not None and not room.shows(listing_id):
            raise Invalid(("listing_id", "not in the line-up"))
        self._limits.take(f"say {actor.id}", 10, 20)
        store_id = room.now.show.store.id
        async with self._db.read() as conn:
            role = await self._stores.role(conn, store_id, actor)
            asks = (question or text.endswith(("?", "？"))) and role != "owner"
            saying = Saying(store_id=store_id, show_id=show_id, actor=actor, role=role, text=text, asks=asks)
            heard_by = await self._house_later().judge(conn, saying)
        line = Line(
            id=self._ids.new(),
            offset=0,
            at=self._clock.now(),
            media_ms=self._media_ms(room),
            account=Speaker(id=actor.id, name=actor.name, seller=role == "owner", moderator=role == "moderator"),
            text=text,
            question=asks and heard_by == "all",
            listing_id=listing_id,
            quiet=heard_by == "staff",
        )
        events: list[tuple[Struct, Audience]] = [(LineSaid(line), audience_of(heard_by, actor.id))]
        if line.question:
            events.append((QuestionMoved(Question(id=line.id, line=line, state="open")), STAFF))
        await room.post_kept(*events)
        return line

    async def like(self, show_id: str, who: str, count: int) -> int:
        """Count `count` likes of the visitor `who`; at most four calls a second each."""
        room = await self.open(show_id)
        self._must_be_open(room)
        self._limits.take(f"like {show_id} {who}", 4, 1)
        return room.like(count)

    async def move_question(self, actor: Account, show_id: str, question_id: str, state: QuestionState) -> Question:
        """The seller takes up a question, answers it, drops it or puts it back. One is being answered at a time."""
        room = await self.open(show_id)
        async with self._db.read() as conn:
            await self._stores.require_member(conn, room.now.show.store.id, actor)
            question = await self._keeper.question(conn, show_id, question_id)
        if question is None:
            raise QuestionNotFound
        moved = structs.replace(question, state=state)
        events: list[tuple[Struct, Audience]] = [(QuestionMoved(moved), STAFF)]
        current = room.answering
        if state == "answering":
            if current and current.id != moved.id:
                events.insert(0, (QuestionMoved(structs.replace(current, state="open")), STAFF))
            events.append((Answering(moved), None))
        elif current and current.id == moved.id:
            events.append((Answering(None), None))
        await room.post_kept(*events)
        return moved

    async def on_show_moved(self, event: ShowMoved) -> None:
        """A show went live, ended or was cancelled."""
        room = await self.open(event.show_id)
        async with self._hearing, self._db.read() as conn:
            show = await self._shows_later().get(conn, event.show_id)
            if show.state != "live" and room.answering:
                room.post(QuestionMoved(structs.replace(room.answering, state="open")), STAFF)
                room.post(Answering(None))
            room.post(ShowTurned(show.state, show.started_at, show.ended_at))

    async def on_sold(self, show_id: str) -> None:
        """Something was bought at this show."""
        async with self._hearing:
            if room := self._rooms.get(show_id):
                async with self._db.read() as conn:
                    show = await self._shows_later().get(conn, show_id)
                    store = (await self._stores.briefs(conn, [show.store_id]))[show.store_id]
                room.post(SoldCounted(show=show.sold, store=store.sold))

    async def on_show_edited(self, event: ShowEdited) -> None:
        """The show is called otherwise: too rare for an event of its own, so everybody takes a new snapshot."""
        async with self._hearing:
            if room := self._rooms.pop(event.show_id, None):
                await room.close(retry_ms=AT_ONCE_MS)

    async def on_pinned(self, event: ListingPinned) -> None:
        """Another listing is shown."""
        async with self._hearing:
            if room := self._rooms.get(event.show_id):
                async with self._db.read() as conn:
                    show = await self._shows_later().get(conn, event.show_id)
                room.post(Pin(show.pinned_id))

    async def on_lineup(self, event: LineupChanged) -> None:
        """The line-up is another."""
        await self._renew_lineups([event.show_id])

    async def on_listing_changed(self, listing_id: str) -> None:
        """A listing was edited, put away or brought back: every room with it shows it anew."""
        async with self._db.read() as conn:
            planned = await self._shows_later().showing(conn, listing_id)
        shown = [key for key, room in self._rooms.items() if room.shows(listing_id)]
        await self._renew_lineups({*planned, *shown})

    async def on_stock(self, variant_id: str, listing_id: str) -> None:
        """What is left of a variant changed."""
        self._moved[variant_id] = listing_id
        async with self._hearing:
            moved, self._moved = self._moved, {}
            rooms = [room for room in self._rooms.values() if any(map(room.shows, moved.values()))]
            if not rooms:
                return
            async with self._db.read() as conn:
                offers = await self._stock.offers(conn, moved)
            for room in rooms:
                for offer in offers.values():
                    if room.shows(offer.listing_id) and not offer.archived:
                        room.post(StockMoved(offer.variant_id, offer.listing_id, offer.available))

    async def on_house(self, store_id: str) -> None:
        """A store keeps its rooms otherwise from now on."""
        async with self._hearing:
            rooms = [room for room in self._rooms.values() if room.now.show.store.id == store_id]
            if rooms:
                async with self._db.read() as conn:
                    rules = await self._house_later().rules(conn, store_id)
                for room in rooms:
                    room.post(HouseSet(rules))

    async def on_reported(self, show_id: str) -> None:
        """Another number of reports of this show waits."""
        async with self._hearing:
            if room := self._rooms.get(show_id):
                async with self._db.read() as conn:
                    room.post(ReportsCounted(await self._house_later().reported(conn, show_id)), STAFF)

    def renew(self, account_id: str) -> None:
        """This person is something else to a store: they start from a new snapshot, which has what is theirs to see."""
        for room in self._rooms.values():
            room.renew(account_id)

    def on_away(self, show_id: str, away: bool) -> None:
        """The stall's picture stopped, or moves again."""
        room = self._rooms.get(show_id)
        if room and room.now.show.state == "live" and room.now.show.away != away:
            room.post(StallAway(away))

    def whisper(self, show_id: str | None, account_id: str, event: Struct) -> None:
        """Tell one person something, on their streams of this show (of every show when None)."""
        for room in self._rooms.values():
            if show_id in (None, room.show_id):
                room.post(event, account_id)

    def tell_members(self, show_id: str, event: Struct) -> None:
        """Tell the store's members something, on their streams of this show."""
        if room := self._rooms.get(show_id):
            room.post(event, MEMBERS)

    async def _renew_lineups(self, show_ids: Iterable[str]) -> None:
        async with self._hearing, self._db.read() as conn:
            for show_id in show_ids:
                if room := self._rooms.get(show_id):
                    room.post(LineupSet(await self._shows_later().tiles.lineup(conn, show_id)))

    def _media_ms(self, room: Room) -> int | None:
        began = room.now.show.started_at
        return max(0, int((self._clock.now() - began).total_seconds() * 1000)) if began else None

    async def _role(self, room: Room, visitor: Account | None) -> Role | None:
        if visitor is None:
            return None
        async with self._db.read() as conn:
            return await self._stores.role(conn, room.now.show.store.id, visitor)

    def _must_be_open(self, room: Room) -> None:
        if room.now.show.state not in ("scheduled", "live"):
            raise RoomClosed(state=room.now.show.state)

    async def _rounds(self) -> None:
        while True:
            await asyncio.sleep(PING_EVERY)
            for show_id, room in list(self._rooms.items()):
                room.ping()
                if room.streams or room.now.show.state == "live":
                    self._idle.pop(show_id, None)
                    continue
                self._idle[show_id] = self._idle.get(show_id, 0) + 1
                if self._idle[show_id] >= IDLE_ROUNDS:
                    self._idle.pop(show_id)
                    await self._rooms.pop(show_id).close()
