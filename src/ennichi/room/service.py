"""Use cases of the rooms: joining, saying, liking, taking a line out, telling one person something.

The rooms themselves are opened and closed in `rooms`; `news` brings them what happens in other parts; `questions` is
the queue as the store's staff works it.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from msgspec import Struct

from ennichi.accounts import Account
from ennichi.catalog import Stock
from ennichi.kit.clock import Clock
from ennichi.kit.db import Database
from ennichi.kit.errors import Invalid
from ennichi.kit.ids import Ids
from ennichi.kit.limits import Limits
from ennichi.kit.remembered import Remembered
from ennichi.kit.text import clean
from ennichi.room import queries
from ennichi.room.actor import Room
from ennichi.room.acts import Done
from ennichi.room.books import NOBODY, Postings
from ennichi.room.desk import Sense
from ennichi.room.door import Door
from ennichi.room.errors import LineNotFound
from ennichi.room.events import LineSaid
from ennichi.room.folding import folded
from ennichi.room.gathering import Gathering
from ennichi.room.keeper import Keeper, audience_of
from ennichi.room.log import MEMBERS
from ennichi.room.model import Line, LineKind, Speaker, Stamp
from ennichi.room.news import News
from ennichi.room.notices import Notices
from ennichi.room.ports import HeardBy, House, Saying, Spoken
from ennichi.room.questions import Questions
from ennichi.room.rooms import Opened, Rooms
from ennichi.room.segments import Segments
from ennichi.room.stream import RESET, Stream
from ennichi.room.votes import Votes
from ennichi.shows import ShowService
from ennichi.stores import Role, StoreService, role_of

TEXT_MAX = 200
STAFF_KNOWN_FOR = timedelta(seconds=10)
"""Who keeps a store is asked for with every line; what another process changes is known that much later."""


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
        segments: Segments,
        handed_over: bool,
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._limits = limits
        self._shows_later = shows
        self._stores = stores
        self._is_away = away
        self._house_later = house
        self._staff = Remembered[str, Mapping[str, Role]](clock, STAFF_KNOWN_FOR)
        self._listeners: list[Callable[[Spoken], None]] = []
        self.rooms = Rooms(clock, ids, away=away, segments=segments, handed_over=handed_over)
        self.news = News(db, self.rooms, shows=shows, stores=stores, stock=stock, house=house)
        door = Door(db, self.rooms, stores)
        self.questions = Questions(clock, self.rooms, door)
        self.notices = Notices(db, door)
        self.votes = Votes(db, clock, ids, limits, self.rooms, door)

    async def start(self) -> None:
        """Begin the rounds that ping streams and close idle rooms."""
        self.rooms.start(Keeper(self._db, self._clock, self._shows_later(), self._stores, self._house_later()))
        await self.votes.start()

    async def stop(self) -> None:
        """End every stream and keep what is left to keep."""
        await self.votes.stop()
        await self.rooms.stop()

    def viewers(self, show_id: str) -> int:
        """People watching right now."""
        opened = self.rooms.get(show_id)
        return opened.room.viewers if opened else 0

    def likes(self, show_id: str) -> int | None:
        """Likes of an open room."""
        opened = self.rooms.get(show_id)
        return opened.room.now.likes if opened else None

    def away(self, show_id: str) -> bool:
        """Whether the stall's picture has stopped."""
        opened = self.rooms.get(show_id)
        return opened.room.now.show.away if opened else self._is_away(show_id)

    async def open(self, show_id: str) -> Room:
        """The room of a show, opened if it was not; ShowNotFound."""
        return (await self.rooms.open(show_id)).room

    async def snapshot(self, show_id: str) -> tuple[Room, Gathering, int]:
        """The room, what it shows now, and the offset of that."""
        room = await self.open(show_id)
        return room, room.now, room.offset

    async def role(self, show_id: str, visitor: Account | None) -> Role | None:
        """What `visitor` is to the store whose show it is; ShowNotFound."""
        room = await self.open(show_id)
        return await self._role(room.now.show.store.id, visitor) if visitor else None

    async def join(
        self, show_id: str, visitor: Account | None, position: str | None, who: str = ""
    ) -> tuple[Room, Stream]:
        """A new stream of the feed from `position` on. `who` tells one browser's streams from another's."""
        store_id = (await self.open(show_id)).now.show.store.id
        role, name = await self._known_as(store_id, visitor) if visitor else (None, None)
        stream = Stream(account_id=visitor.id if visitor else None, role=role, who=who, name=name)
        # Asked for again after what was waited for: a room that has closed meanwhile would not say a word.
        opened = await self.rooms.open(show_id)
        if visitor and position and opened.is_void(visitor.id, position):
            stream.end(RESET)
        else:
            opened.room.join(stream, position)
        return opened.room, stream

    async def _known_as(self, store_id: str, visitor: Account) -> tuple[Role | None, str | None]:
        """What this person is to the store, and the name others hear when they come; the blocked come unheard."""
        role = await self._role(store_id, visitor)
        unheard = not visitor.announced or await self._house_later().blocked(store_id, visitor.id)
        return role, None if unheard else visitor.name

    async def say(
        self, actor: Account, show_id: str, text: str, *, question: bool = False, listing_id: str | None = None
    ) -> Line:
        """Say a line of 1 to 200 characters; returns it once it is kept.

        It is a question when marked so or when it ends in a question mark. Ten lines in 20 seconds per person.
        """
        text = clean(text)
        if not text:
            raise Invalid(("text", "empty"))
        if len(text) > TEXT_MAX:
            raise Invalid(("text", f"at most {TEXT_MAX} characters"))
        opened = await self.rooms.open(show_id)
        opened.must_be_open()
        if listing_id is not None and not opened.room.shows(listing_id):
            raise Invalid(("listing_id", "not in the line-up"))
        asks = question or text.endswith(("?", "？"))
        role, heard_by = await self._judged(actor, opened, text, asks=asks)
        opened = await self.rooms.open(show_id)
        opened.must_be_open()
        line = self._line(opened, actor, role, text)
        line.question = asks and role != "owner" and heard_by != "staff"
        line.listing_id = listing_id
        line.quiet = heard_by == "staff"
        await opened.room.post_kept((LineSaid(line), audience_of(heard_by, actor.id)), *_asked(opened, line, heard_by))
        now = opened.room.now
        if heard_by == "all" and role != "owner" and not line.question and now.show.state == "live":
            for listener in self._listeners:
                listener(Spoken(actor=actor, show_id=show_id, line=line, lineup=now.lineup))
        return line

    def on_spoken(self, listener: Callable[[Spoken], None]) -> None:
        """Call `listener` with what viewers say in live shows, as soon as everyone can read it; it must not block.

        Questions are not among it, nor what only some hear.
        """
        self._listeners.append(listener)

    async def stands(self, show_id: str, line_id: str) -> bool:
        """Whether the line was said and is not taken out."""
        async with self._db.read() as conn:
            return await queries.STANDS.one(conn, id=line_id, show_id=show_id)

    async def stamp(self, actor: Account, show_id: str, stamp: Stamp) -> Line:
        """Show a picture instead of words; counts as a line."""
        opened = await self.rooms.open(show_id)
        opened.must_be_open()
        role, heard_by = await self._judged(actor, opened, "")
        opened = await self.rooms.open(show_id)
        opened.must_be_open()
        line = self._line(opened, actor, role, stamp, "stamp")
        await opened.room.post_kept((LineSaid(line), audience_of(heard_by, actor.id)))
        return line

    async def tell_bought(self, buyer: Account, show_id: str, listing_id: str, quantity: int) -> None:
        """Let the room know who bought, as they wish, while the show is live."""
        opened = await self.rooms.open(show_id)
        store_id = opened.room.now.show.store.id
        role = await self._role(store_id, buyer)
        blocked = await self._house_later().blocked(store_id, buyer.id)
        opened = await self.rooms.open(show_id)
        if opened.room.now.show.state == "live":
            line = self._line(opened, buyer, role, "", "bought")
            line.listing_id, line.quantity = listing_id, quantity
            opened.room.post(LineSaid(line), audience_of("author" if blocked else "all", buyer.id))

    async def like(self, show_id: str, who: str, count: int) -> int:
        """Count `count` likes of the visitor `who`; at most four calls a second each."""
        opened = await self.rooms.open(show_id)
        opened.must_be_open()
        self._limits.take(f"like {show_id} {who}", 4, 1)
        return opened.room.like(count)

    async def remove_line(self, show_id: str, line_id: str, done: Done | None = None) -> None:
        """Take a line out everywhere; a question others asked too goes on under the next one's words.

        Returns once it is kept, `LineTaken` and `done` recorded on that transaction. A second time nothing happens.
        Raises LineNotFound.
        """
        async with self._db.read() as conn:
            if not await queries.IS_THERE.one(conn, id=line_id, show_id=show_id):
                raise LineNotFound
            stands = await queries.STANDS.one(conn, id=line_id, show_id=show_id)
        if stands:
            opened = await self.rooms.open(show_id)
            act: Postings = [(done, NOBODY)] if done else []
            await opened.room.post_kept(*opened.desk.remove(line_id), *act)

    def renew(self, store_id: str, account_id: str) -> None:
        """This person is something else to the store: they start from a new snapshot, with what is theirs to see now.

        So does who is away at that moment, as soon as they are back.
        """
        self._staff.forget(store_id)
        for room in self.rooms.all():
            if room.now.show.store.id == store_id and (opened := self.rooms.get(room.show_id)):
                opened.renew(account_id)

    def whisper(self, show_id: str | None, account_id: str, event: Struct, *, later: bool = True) -> None:
        """Tell one person something, on their streams of this show (of every show when None).

        With `later=False` only who listens now is told: who is away for a moment will not find it in what they missed,
        and thousands of answers to thousands of people do not push out of the feed what others missed.
        """
        opened = self.rooms.get(show_id) if show_id else None
        for room in self.rooms.all() if show_id is None else [opened.room] if opened else []:
            if later or room.hears(account_id):
                room.post(event, account_id)

    def tell_members(self, show_id: str, event: Struct) -> None:
        """Tell the store's members something, on their streams of this show."""
        if opened := self.rooms.get(show_id):
            opened.room.post(event, MEMBERS)

    async def _judged(
        self, actor: Account, opened: Opened, text: str, *, asks: bool = False
    ) -> tuple[Role | None, HeardBy]:
        """What the speaker is to the store, and who is to hear it; raises when it may not be said now."""
        self._limits.take(f"say {actor.id}", 10, 20)
        show = opened.room.now.show
        role = await self._role(show.store.id, actor)
        asks = asks and role != "owner"
        saying = Saying(store_id=show.store.id, show_id=show.id, actor=actor, role=role, text=text, asks=asks)
        return role, await self._house_later().judge(saying)

    async def _role(self, store_id: str, account: Account) -> Role | None:
        """What somebody is to the store."""
        staff = await self._staff.get(store_id, lambda: self._read_staff(store_id))
        return role_of(staff.get(account.id), account)

    async def _read_staff(self, store_id: str) -> Mapping[str, Role]:
        async with self._db.read() as conn:
            return await self._stores.staff(conn, store_id)

    def _line(self, opened: Opened, actor: Account, role: Role | None, text: str, kind: LineKind = "said") -> Line:
        return Line(
            id=self._ids.new(),
            offset=0,
            at=self._clock.now(),
            media_ms=opened.media_ms(self._clock),
            kind=kind,
            account=Speaker(id=actor.id, name=actor.name, seller=role == "owner", moderator=role == "moderator"),
            text=text,
            question=False,
            listing_id=None,
        )


def _asked(opened: Opened, line: Line, heard_by: HeardBy) -> Postings:
    """What a question brings besides its line."""
    if not line.question:
        return []
    sense = Sense(folded(line.text), line.listing_id or opened.room.now.pinned)
    return opened.desk.ask(line, sense, hidden=heard_by == "author")
