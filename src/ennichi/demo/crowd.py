"""Robot viewers before one show: they look on, talk, ask, like, choose, buy, and now and then try to haggle."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import get_args

import structlog

from ennichi.accounts import Account
from ennichi.app import App
from ennichi.checkout import NewHold, NewPurchase
from ennichi.demo.seed import Script
from ennichi.kit.errors import Problem
from ennichi.kit.outage import outage
from ennichi.room import Stamp

log = structlog.get_logger(__name__)

Span = tuple[float, float]

FEW = 8
"""So many viewers act as often as the spans below say; more of them act so much more often."""
TALK_EVERY = (4.0, 9.0)
ASK_EVERY = (25.0, 50.0)
LIKE_EVERY = (1.5, 5.0)
STAMP_EVERY = (15.0, 30.0)
CHOOSE_EVERY = (2.0, 5.0)
HAGGLE_EVERY = (90.0, 180.0)
BUY_EVERY = (30.0, 60.0)
BUY_AT_MOST_EVERY_S = 8.0
COME_WITHIN_S = 20.0


class Crowd:
    """The viewers of one show. `run` goes on until it is cancelled."""

    def __init__(
        self, app: App, show_id: str, viewers: Sequence[Account], script: Script, chance: random.Random
    ) -> None:
        self._app = app
        self._show_id = show_id
        self._viewers = viewers
        self._script = script
        self._chance = chance
        self._pace = FEW / max(1, len(viewers))

    async def run(self) -> None:
        """Everything they do, side by side."""
        if not self._viewers:
            return
        buying = max(self._pace, BUY_AT_MOST_EVERY_S / BUY_EVERY[0])
        await asyncio.gather(
            *(self._watch(account) for account in self._viewers),
            now_and_then(self._chance, paced(TALK_EVERY, self._pace), self._talk),
            now_and_then(self._chance, paced(ASK_EVERY, self._pace), self._ask),
            now_and_then(self._chance, paced(LIKE_EVERY, self._pace), self._like),
            now_and_then(self._chance, paced(STAMP_EVERY, self._pace), self._stamp),
            now_and_then(self._chance, paced(CHOOSE_EVERY, self._pace), self._choose),
            now_and_then(self._chance, paced(HAGGLE_EVERY, self._pace), self._haggle),
            now_and_then(self._chance, paced(BUY_EVERY, buying), self._buy),
        )

    async def _watch(self, account: Account) -> None:
        """An open feed, like anyone's, so that the robots count as the viewers they are."""
        await asyncio.sleep(self._chance.uniform(0, COME_WITHIN_S * (1 - self._pace)) if self._pace < 1 else 0)
        while True:
            room, stream = await self._app.room.join(self._show_id, account, None)
            try:
                await stream.run(_hear)
            finally:
                room.leave(stream)
            await asyncio.sleep(self._chance.uniform(0.1, 1.0))

    async def _talk(self) -> None:
        await self._say(self._script.chat)

    async def _ask(self) -> None:
        await self._say(self._script.questions)

    async def _stamp(self) -> None:
        await self._app.room.stamp(self._someone(), self._show_id, self._chance.choice(get_args(Stamp)))

    async def _choose(self) -> None:
        _, now, _ = await self._app.room.snapshot(self._show_id)
        if now.vote and now.vote.state == "open":
            option = self._chance.randrange(len(now.vote.options))
            await self._app.room.votes.choose(self._someone(), self._show_id, now.vote.id, option)

    async def _haggle(self) -> None:
        await self._say(self._script.haggling)

    async def _say(self, lines: Sequence[str]) -> None:
        await self._app.room.say(self._someone(), self._show_id, self._chance.choice(lines))

    async def _like(self) -> None:
        await self._app.room.like(self._show_id, self._someone().id, self._chance.randint(1, 6))

    async def _buy(self) -> None:
        """What is pinned; nothing when nothing is."""
        _, now, _ = await self._app.room.snapshot(self._show_id)
        pinned = next((item.listing for item in now.lineup if item.listing.id == now.pinned), None)
        if pinned is None:
            return
        variant = next((variant for variant in pinned.variants if variant.available), pinned.variants[0])
        buyer = self._someone()
        wanted = NewHold(variant_id=variant.id, quantity=1, show_id=self._show_id)
        hold = await self._app.checkout.take(buyer, wanted, self._app.ids.new())
        await asyncio.sleep(self._chance.uniform(1, 3))
        paying = NewPurchase(hold_ids=[hold.id], total=hold.totals.total)
        await self._app.checkout.buy(buyer, paying, self._app.ids.new())

    def _someone(self) -> Account:
        return self._chance.choice(self._viewers)


def paced(span: Span, pace: float) -> Span:
    """The span for a crowd of another size."""
    return span[0] * pace, span[1] * pace


async def now_and_then(chance: random.Random, every: Span, act: Callable[[], Awaitable[None]]) -> None:
    """Do it again and again; what cannot be done is logged, and life goes on."""
    while True:
        await asyncio.sleep(chance.uniform(*every))
        try:
            await act()
        except Problem as problem:
            log.debug("a robot was refused", act=act.__name__, code=problem.code)
        except Exception as problem:
            if not outage.noticed(problem):
                log.exception("a robot stumbled", act=act.__name__)


async def _hear(message: object) -> None:
    """Robots listen, and think nothing of it."""
