"""Robots that keep the demo market alive: one sells with real footage, the others watch, talk, like and buy.

They go through the same use cases as people, so every number they cause is a true one; the welcome page says that
they are robots.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from importlib import resources

import structlog
from msgspec import structs

from ennichi.accounts import Account
from ennichi.app import App
from ennichi.catalog import ListingEdit, VariantEdit
from ennichi.checkout import Confirmation, NewHold
from ennichi.demo.seed import Cast, Stall
from ennichi.kit.errors import Problem
from ennichi.media import Ticket, publish_file

log = structlog.get_logger(__name__)

FOOTAGE = "bottles.mp4"
CHAT_EVERY = (4.0, 9.0)
QUESTION_EVERY = (25.0, 50.0)
LIKE_EVERY = (1.5, 5.0)
BUY_EVERY = (30.0, 60.0)
PIN_EVERY = (70.0, 110.0)
ANSWER_SECONDS = 12.0
LOW_STOCK = 3
"""Below this the robot seller brings more from the back."""

Span = tuple[float, float]


class Robots:
    """The robot seller of the first stall, and the viewers before it. `run` goes on until it is cancelled."""

    def __init__(self, app: App, cast: Cast, chance: random.Random) -> None:
        self._app = app
        self._stall: Stall = cast.stalls[0]
        self._viewers = cast.robots
        self._script = cast.script
        self._chance = chance

    async def run(self) -> None:
        """Everything they do, side by side; what one of them cannot do is logged, and life goes on."""
        await asyncio.gather(
            self._broadcast(),
            *(self._watch(account) for account in self._viewers),
            self._now_and_then(CHAT_EVERY, self._talk),
            self._now_and_then(QUESTION_EVERY, self._ask),
            self._now_and_then(LIKE_EVERY, self._like),
            self._now_and_then(BUY_EVERY, self._buy),
            self._now_and_then(PIN_EVERY, self._pin),
            self._now_and_then((3.0, 6.0), self._answer),
            self._now_and_then((5.0, 8.0), self._bring_more),
        )

    async def _broadcast(self) -> None:
        async def ticket() -> Ticket:
            ticket = self._app.relay.issue(self._show_id, "publish", "127.0.0.1")
            return structs.replace(ticket, fingerprint=self._app.relay.pin)

        with resources.as_file(resources.files("ennichi.demo") / FOOTAGE) as path:
            await publish_file(path, ticket, loop=True, tone=True)

    async def _watch(self, account: Account) -> None:
        """An open feed, like anyone's, so that the robots count as the viewers they are."""
        room, stream = await self._app.room.join(self._show_id, account, None)
        try:
            async for _ in stream.chunks():
                pass
        finally:
            room.leave(stream)

    async def _now_and_then(self, every: Span, act: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(self._chance.uniform(*every))
            try:
                await act()
            except Problem as problem:
                log.debug("a robot was refused", act=act.__name__, code=problem.code)
            except Exception:
                log.exception("a robot stumbled", act=act.__name__)

    async def _talk(self) -> None:
        await self._app.room.say(self._someone(), self._show_id, self._chance.choice(self._script.chat))

    async def _ask(self) -> None:
        await self._app.room.say(self._someone(), self._show_id, self._chance.choice(list(self._script.answers)))

    async def _like(self) -> None:
        await self._app.room.like(self._show_id, self._someone().id, self._chance.randint(1, 6))

    async def _buy(self) -> None:
        buyer = self._someone()
        listing = await self._app.catalog.get(await self._pinned() or self._stall.listing_ids[0])
        variant = listing.variants[0]
        wanted = NewHold(variant_id=variant.id, quantity=1, show_id=self._show_id)
        hold = await self._app.checkout.take(buyer, wanted, self._app.ids.new())
        await asyncio.sleep(self._chance.uniform(1, 3))
        await self._app.checkout.confirm(buyer, hold.id, Confirmation(), self._app.ids.new())

    async def _pin(self) -> None:
        others = [listing_id for listing_id in self._stall.listing_ids if listing_id != await self._pinned()]
        await self._app.shows.pin(self._stall.owner, self._show_id, self._chance.choice(others))

    async def _answer(self) -> None:
        """Take up the oldest open question, say what the script knows of it, and mark it answered."""
        _, now, _ = await self._app.room.snapshot(self._show_id)
        if not now.questions:
            return
        oldest = now.questions[0].id
        await self._app.room.move_question(self._stall.owner, self._show_id, oldest, "answering")
        await asyncio.sleep(ANSWER_SECONDS)
        if answer := self._script.answers.get(now.questions[0].line.text):
            await self._app.room.say(self._stall.owner, self._show_id, answer)
        await self._app.room.move_question(self._stall.owner, self._show_id, oldest, "answered")

    async def _bring_more(self) -> None:
        for listing_id in self._stall.listing_ids:
            listing = await self._app.catalog.get(listing_id)
            if all(variant.available >= LOW_STOCK for variant in listing.variants):
                continue
            edits = [
                VariantEdit(id=v.id, name=v.name, stock=v.available + 10 if v.available < LOW_STOCK else None)
                for v in listing.variants
            ]
            await self._app.catalog.edit(self._stall.owner, listing_id, ListingEdit(variants=edits))

    async def _pinned(self) -> str | None:
        async with self._app.db.read() as conn:
            return (await self._app.shows.get(conn, self._show_id)).pinned_id

    def _someone(self) -> Account:
        return self._chance.choice(self._viewers)

    @property
    def _show_id(self) -> str:
        return self._stall.show.id
