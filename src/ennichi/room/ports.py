"""What a room asks of those who keep order in it."""

from collections.abc import Sequence
from typing import Literal, Protocol

from msgspec import Struct

from ennichi.accounts import Account
from ennichi.kit.db import Connection
from ennichi.room.model import HouseRules, Line
from ennichi.shows import LineupItem
from ennichi.stores import Role

HeardBy = Literal["all", "staff", "author"]
"""Who hears a line: everyone; its author and the store's staff; its author alone."""


class Saying(Struct, kw_only=True, frozen=True):
    """Somebody is about to say something, cleaned; `asks` when it goes to the queue of questions.

    What says nothing in words, as a stamp, has no text.
    """

    store_id: str
    show_id: str
    actor: Account
    role: Role | None
    text: str
    asks: bool


class Spoken(Struct, kw_only=True, frozen=True):
    """A viewer's words are in the feed of a live show for everyone to read, with the line-up as it was then."""

    actor: Account
    show_id: str
    line: Line
    lineup: Sequence[LineupItem]


class House(Protocol):
    """Order in the rooms: the store's rules, and who may say what."""

    async def rules(self, where: Connection, store_id: str) -> HouseRules:
        """How the store keeps its rooms."""
        ...

    async def judge(self, saying: Saying) -> HeardBy:
        """Who is to hear it; raises a Problem when it may not be said at all."""
        ...

    async def blocked(self, store_id: str, account_id: str) -> bool:
        """Whether nobody else hears this person in the store's rooms."""
        ...

    async def reported(self, where: Connection, show_id: str) -> int:
        """How many reports of this show wait."""
        ...
