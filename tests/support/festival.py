"""A whole program in the test's own process: a stall that is live, people, and listeners of its feed."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from functools import reduce
from pathlib import Path
from typing import Any

import msgspec
from tests.support.people import EVENING, NOTICE
from tests.support.running import CARD, spare_port

from ennichi.accounts import Account, Address
from ennichi.app import App, open_app
from ennichi.catalog import NewListing, NewVariant
from ennichi.kit.clock import FixedClock
from ennichi.room import Event, Gathering, Room, Stream, apply
from ennichi.settings import Settings
from ennichi.stores import NewStore, Store, StoreChanges
from ennichi.web.snapshot import snapshot_of

HOME = Address(
    family_name="山本",
    given_name="みお",
    postal_code="1660001",
    prefecture="東京都",
    city="杉並区",
    line1="阿佐谷北 1-2-3",
    phone="09012345678",
)
EVENTS: Any = Event
KINDS = {kind.tag for kind in msgspec.inspect.type_info(EVENTS).types}  # type: ignore[attr-defined]  # a union has types
PRIVATE_KINDS = {"hold", "order", "sale", "wait", "wish_missed"}


class Festival:
    """The program with a keeper, a stall and buyers who have an address and a card."""

    def __init__(self, app: App, clock: FixedClock) -> None:
        self.app = app
        self.clock = clock
        self.keeper: Account
        self.store: Store
        self.buyers: list[Account] = []

    async def set_up(self, buyers: int = 3) -> None:
        """Open the stall and let people in."""
        self.keeper = await self.person("Mizuho")
        store = await self.app.stores.open(self.keeper, NewStore(name="みずのわ商店", handle="mizunowa"))
        self.store = await self.app.stores.edit(self.keeper, store.id, StoreChanges(legal=NOTICE))
        for number in range(buyers):
            buyer = await self.person(f"Buyer{number}")
            await self.app.accounts.put_address(buyer, HOME)
            assert self.app.sandbox
            token = (await self.app.sandbox.issue(**CARD)).token  # type: ignore[arg-type]  # a plain mapping
            card = await self.app.sandbox.card(token)
            assert card
            async with self.app.db.transaction() as tx:
                await self.app.payments.keep_card(tx, buyer.id, card)
            self.buyers.append(buyer)

    async def person(self, name: str) -> Account:
        """A new account."""
        return (await self.app.accounts.create_ready_made(name, f"{name.lower()}@example.com")).account

    async def listing(self, title: str, stocks: dict[str, int]) -> str:
        """A listing with a variant for each name; returns its id."""
        variants = [NewVariant(name=name, stock=stock) for name, stock in stocks.items()]
        new = NewListing(title=title, condition="new", price=1200, tax_rate=10, variants=variants)
        return (await self.app.catalog.create(self.keeper, self.store.id, new)).id

    async def live_show(self, listing_ids: list[str]) -> str:
        """A show of the stall that is live; returns its id."""
        show = await self.app.shows.create(
            self.keeper, self.store.id, title="湧き水", cover_id=None, planned_at=None, listing_ids=listing_ids
        )
        await self.app.shows.move(self.keeper, show.id, "live")
        return show.id

    async def fresh(self, show_id: str, who: Account | None) -> tuple[Gathering, str]:
        """What a snapshot taken now says, as the API sends it, and its position."""
        sent = await self.snapshot(show_id, who)
        return msgspec.convert(sent, Gathering), f"{sent['epoch']}-{sent['offset']}"

    async def snapshot(self, show_id: str, who: Account | None) -> dict[str, Any]:
        """A snapshot taken now, as the API sends it."""
        sent: dict[str, Any] = json.loads(msgspec.json.encode(await snapshot_of(self.app, show_id, who)))
        return sent


class Listener:
    """A client of the feed: starts from a snapshot, applies what it hears, comes back from where it was."""

    def __init__(self, festival: Festival, show_id: str, who: Account | None) -> None:
        self._festival = festival
        self._show_id = show_id
        self.who = who
        self.now: Gathering
        self.asked: list[dict[str, Any]] = []
        self.position = ""
        self.heard: list[dict[str, Any]] = []
        self.endings: list[str] = []
        self._reads = asyncio.Event()
        self._reads.set()
        self._room: Room | None = None
        self._stream: Stream | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether there is a stream that has not ended."""
        return self._reading is not None and not self._reading.done()

    async def look(self) -> None:
        """Take a new snapshot."""
        sent = await self._festival.snapshot(self._show_id, self.who)
        self.now, self.position = msgspec.convert(sent, Gathering), f"{sent['epoch']}-{sent['offset']}"
        self.asked = sent["mine"]["asked"] if sent["mine"] else []

    async def connect(self) -> None:
        """Open a stream from the position reached; take a new snapshot when there is none."""
        if not self.position:
            await self.look()
        self._room, self._stream = await self._festival.app.room.join(self._show_id, self.who, self.position)
        self._reading = asyncio.create_task(self._read(self._stream))

    async def disconnect(self) -> None:
        """Go away without a word; what was on the way is lost."""
        if self._reading and self._room and self._stream:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
            self._room.leave(self._stream)
        self._reading = None

    def pause(self) -> None:
        """Stop reading until it settles again."""
        self._reads.clear()

    async def settle(self) -> None:
        """Come up to date, connecting as often as the room asks for it."""
        self._reads.set()
        async with asyncio.timeout(10):
            while True:
                if not self.connected:
                    await self.connect()
                room = await self._festival.app.room.open(self._show_id)
                quiet = not room._pending and self.position == f"{room.epoch}-{room.offset}"
                if quiet and self.connected:
                    return
                await asyncio.sleep(0.002)

    async def _read(self, stream: Stream) -> None:
        rest = b""

        async def take(message: Mapping[str, Any]) -> None:
            nonlocal rest
            *frames, rest = (rest + message["body"]).split(b"\n\n")
            for frame in frames:
                self._take(frame.decode())
            await self._reads.wait()

        await stream.run(take)
        if self._room:
            self._room.leave(stream)

    def _take(self, frame: str) -> None:
        fields = dict(line.split(": ", 1) for line in frame.split("\n") if not line.startswith(":"))
        match fields.get("event"):
            case "tick" | "mine":
                events = json.loads(fields["data"])
                assert {event["type"] for event in events} <= KINDS | PRIVATE_KINDS
                self.heard += events
                known = [msgspec.convert(event, EVENTS) for event in events if event["type"] in KINDS]
                self.now = reduce(apply, known, self.now)
                self.asked = reduce(asked_after, events, self.asked)
                self.position = fields.get("id", self.position)
            case "reset" | "bye" as ending:
                self.endings.append(ending)
                self.position = "" if ending == "reset" else self.position


def asked_after(asked: list[dict[str, Any]], event: dict[str, Any]) -> list[dict[str, Any]]:
    """`mine.asked` one event later, as the browser has it (frontend/src/live/apply.ts)."""
    match event:
        case {"type": "removed", "line_id": gone}:
            return [one for one in asked if one["id"] != gone]
        case {"type": "asked", "question": moved}:
            others = [one for one in asked if one["id"] != moved["id"]]
            kept = others if moved["state"] == "merged" else [*others, moved]
            return sorted(kept, key=lambda one: str(one["id"]), reverse=True)
        case _:
            return asked


@contextlib.asynccontextmanager
async def festival_on(db_url: str, folder: Path) -> AsyncIterator[Festival]:
    """The program on the database at `db_url`, with a clock that stands still and a stall."""
    clock = FixedClock(EVENING)
    async with open_app(Settings(data=folder, demo=True, port=spare_port()), db_url, clock=clock) as app:
        festival = Festival(app, clock)
        await festival.set_up()
        yield festival
