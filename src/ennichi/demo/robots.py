"""Robots that keep the demo market alive: one sells with real footage, others come to every show that is on the air.

They go through the same use cases as people, so every number they cause is a true one; the welcome page says that
they are robots.
"""

import asyncio
import random
from importlib import resources

from msgspec import structs

from ennichi.app import App
from ennichi.catalog import ListingEdit, VariantEdit
from ennichi.demo.crowd import Crowd, now_and_then
from ennichi.demo.seed import Cast, Stall
from ennichi.media import Ticket, publish_file
from ennichi.room import NewVote

FOOTAGE = "bottles.mp4"
PIN_EVERY = (70.0, 110.0)
VOTE_EVERY = (60.0, 120.0)
VOTE_SECONDS = 30
ANSWER_SECONDS = 12.0
LOOK_AROUND_EVERY = (1.5, 2.5)
LOW_STOCK = 3
"""Below this the robot seller brings more from the back."""


class Robots:
    """The robot seller of the first stall, and the viewers wherever somebody is live. `run` goes on until cancelled."""

    def __init__(self, app: App, cast: Cast, chance: random.Random) -> None:
        self._app = app
        self._cast = cast
        self._stall: Stall = cast.stalls[0]
        self._chance = chance
        self._visits: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Everything they do, side by side."""
        home = Crowd(self._app, self._show_id, self._cast.robots, self._cast.home, self._chance)
        try:
            await asyncio.gather(
                self._broadcast(),
                home.run(),
                now_and_then(self._chance, PIN_EVERY, self._pin),
                now_and_then(self._chance, (3.0, 6.0), self._answer),
                now_and_then(self._chance, VOTE_EVERY, self._let_decide),
                now_and_then(self._chance, (5.0, 8.0), self._bring_more),
                now_and_then(self._chance, LOOK_AROUND_EVERY, self._look_around),
            )
        finally:
            for visit in self._visits.values():
                visit.cancel()

    async def _broadcast(self) -> None:
        async def ticket() -> Ticket:
            ticket = self._app.relay.issue(self._show_id, "publish", "127.0.0.1")
            return structs.replace(ticket, fingerprint=self._app.relay.pin)

        with resources.as_file(resources.files("ennichi.demo") / FOOTAGE) as path:
            await publish_file(path, ticket, loop=True, tone=True)

    async def _look_around(self) -> None:
        """Go to shows that have begun, leave those that are over."""
        live = {row.id for row in await self._app.shows.live_rows()} - {self._show_id}
        for show_id in live - self._visits.keys():
            crowd = Crowd(self._app, show_id, self._cast.robots, self._cast.visiting, self._chance)
            self._visits[show_id] = asyncio.create_task(crowd.run(), name=f"robots at {show_id}")
        for show_id in self._visits.keys() - live:
            self._visits.pop(show_id).cancel()

    async def _pin(self) -> None:
        others = [listing_id for listing_id in self._stall.listing_ids if listing_id != await self._pinned()]
        await self._app.shows.pin(self._stall.owner, self._show_id, self._chance.choice(others))

    async def _answer(self) -> None:
        """Take up the oldest open question, say what the script knows of it, and mark it answered."""
        _, now, _ = await self._app.room.snapshot(self._show_id)
        if not now.questions:
            return
        oldest = now.questions[0]
        await self._app.room.questions.move(self._stall.owner, self._show_id, oldest.id, "answering")
        await asyncio.sleep(ANSWER_SECONDS)
        if answer := self._cast.answers.get(oldest.line.text):
            await self._app.room.say(self._stall.owner, self._show_id, answer)
        await self._app.room.questions.move(self._stall.owner, self._show_id, oldest.id, "answered")

    async def _let_decide(self) -> None:
        """A vote, and some time later its result goes."""
        question, *options = self._cast.vote
        new = NewVote(question=question, options=options, seconds=VOTE_SECONDS)
        vote = await self._app.room.votes.begin(self._stall.owner, self._show_id, new)
        await asyncio.sleep(2 * VOTE_SECONDS)
        await self._app.room.votes.put_away(self._stall.owner, self._show_id, vote.id)

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

    @property
    def _show_id(self) -> str:
        return self._stall.show.id
