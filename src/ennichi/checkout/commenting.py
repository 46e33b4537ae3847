"""Orders by comment: what a viewer wrote in the chat of a live show takes holds, and never more than that.

A hold taken this way is concluded on its slip like any other: a comment reserves, it binds nobody. Saying a line does
not wait for any of it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol
from weakref import WeakValueDictionary

import structlog

from ennichi.accounts import Account
from ennichi.catalog import SoldOut
from ennichi.checkout.errors import OwnListing, PerBuyer, TooManyHolds
from ennichi.checkout.events import WishMissed, WishReason
from ennichi.checkout.model import Hold, NewHold, Why
from ennichi.checkout.wishes import Wish, wishes_of
from ennichi.kit.db import Database
from ennichi.kit.errors import Problem, TooFast
from ennichi.kit.limits import Limits
from ennichi.kit.outage import outage
from ennichi.room import Spoken

log = structlog.get_logger(__name__)

WISHES = (30, 60.0)
"""Things one account may order by comment, in how many seconds."""
MOST_WAITING = 5_000
"""Lines being worked at once; what comes beyond is told that it was too fast."""


class Take(Protocol):
    """Takes a hold, as CheckoutService.take does."""

    def __call__(self, actor: Account, wanted: NewHold, key: str, *, why: Why) -> Awaitable[Hold]:
        """The hold; raises a Problem when there is none to be had."""
        ...


class CommentOrders:
    """Listens to what is said in live shows."""

    def __init__(
        self, db: Database, limits: Limits, *, take: Take, stands: Callable[[str, str], Awaitable[bool]]
    ) -> None:
        self._db = db
        self._limits = limits
        self._take = take
        self._stands = stands
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, spoken: Spoken) -> None:
        """Take the holds that a line orders, if it orders any, without keeping its speaker waiting.

        What cannot be held is told to its author alone (`WishMissed`). The lines of one account are worked in the
        order in which they were said; a line that was taken out meanwhile orders nothing.
        """
        wishes = wishes_of(spoken.line.text, spoken.lineup)
        if wishes:
            task = asyncio.create_task(self._work(spoken, wishes), name=f"wishes of {spoken.line.id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Let what was heard come to its end."""
        await asyncio.gather(*self._tasks)

    async def _work(self, spoken: Spoken, wishes: list[Wish]) -> None:
        crowded = len(self._tasks) > MOST_WAITING
        async with self._locks.setdefault(spoken.actor.id, asyncio.Lock()):
            try:
                if not crowded and not await self._stands(spoken.show_id, spoken.line.id):
                    return
                for wish in wishes:
                    missed: WishReason | None = "too_fast" if crowded else await self._hold(spoken, wish)
                    if missed:
                        await self._db.events.announce([_missed(spoken, wish, missed)])
            except Exception as problem:  # a line of chat must not end in a task that nobody awaits
                if not outage.noticed(problem):
                    log.exception("an order by comment failed", line_id=spoken.line.id)
                await self._db.events.announce([_missed(spoken, wish, "unavailable") for wish in wishes[:1]])

    async def _hold(self, spoken: Spoken, wish: Wish) -> WishReason | None:
        """Take the hold; returns why there is none, if there is none to speak of."""
        wanted = NewHold(variant_id=wish.variant_id, quantity=wish.quantity, show_id=spoken.show_id)
        try:
            self._limits.take(f"checkout.wishes:{spoken.actor.id}", *WISHES)
            await self._take(spoken.actor, wanted, f"line:{spoken.line.id}:{wish.variant_id}", why="comment")
        except OwnListing:
            return None
        except SoldOut:
            return "sold_out"
        except (PerBuyer, TooManyHolds):
            return "limit"
        except TooFast:
            return "too_fast"
        except Problem:
            return "unavailable"
        return None


def _missed(spoken: Spoken, wish: Wish, reason: WishReason) -> WishMissed:
    title = next(
        item.listing.title
        for item in spoken.lineup
        if any(variant.id == wish.variant_id for variant in item.listing.variants)
    )
    return WishMissed(
        account_id=spoken.actor.id,
        show_id=spoken.show_id,
        variant_id=wish.variant_id,
        title=title,
        reason=reason,
    )
