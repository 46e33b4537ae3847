"""A live show at whose door somebody stands: what is said there, who hears it, and who keeps order."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.festival import Festival, Listener, festival_on

from ennichi.accounts import Account
from ennichi.kit.errors import Problem
from ennichi.moderation import House, ModerationService, RuleChanges
from ennichi.room import Line


class Hall:
    """A live show at whose door somebody stands: two viewers, a keeper, and what each of them hears."""

    def __init__(self, festival: Festival, show_id: str) -> None:
        self.festival = festival
        self.show_id = show_id
        self.store_id = festival.store.id
        self.keeper = festival.keeper
        self.mio, self.ren = festival.buyers[:2]
        self.house: ModerationService = festival.app.moderation

    async def say(self, who: Account, text: str, *, question: bool = False) -> Line:
        """Say something, long after the last time."""
        self.festival.clock.advance(3)
        return await self.festival.app.room.say(who, self.show_id, text, question=question)

    async def refused(self, who: Account, text: str) -> dict[str, Any]:
        """The refusal of a line: its code with its parameters."""
        with pytest.raises(Problem) as problem:
            await self.say(who, text)
        return {"code": problem.value.code, **problem.value.params}

    async def listeners(self) -> dict[str, Listener]:
        """Everyone's feed: the keeper's, both viewers', and one of somebody who did not sign in."""
        people = {"keeper": self.keeper, "mio": self.mio, "ren": self.ren, "visitor": None}
        found = {name: Listener(self.festival, self.show_id, who) for name, who in people.items()}
        for listener in found.values():
            await listener.connect()
        return found

    async def rules(self, **changes: Any) -> None:
        """Keep the rooms otherwise."""
        await self.house.change_rules(self.keeper, self.store_id, RuleChanges(**changes))

    async def operator(self) -> Account:
        """Somebody whom the whole installation belongs to."""
        person = await self.festival.person("Operator")
        async with self.festival.app.db.transaction() as tx:
            await tx.conn.execute("update accounts set operator = true where id = %s", [person.id])
            return await self.festival.app.accounts.get(tx, person.id)

    async def close_room(self) -> None:
        """Close the room as it closes when nobody looks at it for a while."""
        await self.festival.app.room.rooms.close(self.show_id)

    def reported(self, house: House) -> list[tuple[str, str, str]]:
        """Text, reason and note of the reports that wait."""
        return [(report.line.text, report.reason, report.note) for report in house.reports]


def heard(listener: Listener) -> list[str]:
    """The lines that came over a feed."""
    return [event["line"]["text"] for event in listener.heard if event["type"] == "line"]


@contextlib.asynccontextmanager
async def hall_on(db_url: str, folder: Path) -> AsyncIterator[Hall]:
    """A hall on the database at `db_url`."""
    async with festival_on(db_url, folder) as festival:
        yield Hall(festival, await festival.live_show([await festival.listing("湧き水", {"": 3})]))
