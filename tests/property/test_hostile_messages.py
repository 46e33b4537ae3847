"""A hundred thousand random and hostile messages: each is kept and shown as it was cleaned, or refused with a code.

All of them are cleaned and judged, go through the room into the feed, where every byte is looked at, and into the
database. Some are said one by one, as people do; some of those through the whole HTTP stack.
"""

import asyncio
import json
import re
import unicodedata
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from tests.support import hostile
from tests.support.connection import into
from tests.support.hall import Hall, hall_on
from tests.support.inside import Client, Doors

from ennichi.accounts import Account
from ennichi.kit.errors import Problem
from ennichi.kit.text import clean
from ennichi.room import TEXT_MAX, Line, Saying, Speaker, actor
from ennichi.room.events import LineSaid
from ennichi.room.keeper import audience_of
from ennichi.room.log import Audience

AT_ONCE = 80_000
ONE_BY_ONE = 16_000
OVER_HTTP = 4_000
PEOPLE = 40
BATCH = 400
AT_A_TIME = 10
"""Lines each of them says at once; then it is twenty seconds later."""
FRAME = re.compile(rb"(?:id: [0-9a-z]{8}-\d+\nevent: tick|event: mine)\ndata: (\[[^\r\n]*\])")
UNSEEN = {"Cc", "Cs"}
OVERRIDES = set(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))


class Sent(msgspec.Struct):
    """What counts of a body."""

    text: str


class Hearer:
    """Takes the keeper's feed down to the letter: what is no frame fails, and every line comes once."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._chunks: list[bytes] = []

    async def begin(self) -> None:
        """Listen from now on."""
        self._room, self._stream = await self._hall.festival.app.room.join(self._hall.show_id, self._hall.keeper, None)
        self._task = asyncio.create_task(self._stream.run(into(self._chunks)))

    async def end(self) -> dict[str, str]:
        """Hear what is left, then stop; returns the lines."""
        self._stream.end()
        await self._task
        self._room.leave(self._stream)
        *frames, rest = b"".join(self._chunks).split(b"\n\n")
        assert rest == b""
        lines: dict[str, str] = {}
        for frame in frames:
            found = FRAME.fullmatch(frame)
            assert found or frame == b": ping", frame[:300]
            for event in json.loads(found[1]) if found else []:
                if event["type"] == "line":
                    assert event["line"]["id"] not in lines
                    lines[event["line"]["id"]] = event["line"]["text"]
        return lines


@pytest.fixture
async def hall(db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hall]:
    monkeypatch.setattr(actor, "TICK", 0.002)
    async with hall_on(db_url, tmp_path) as opened:
        await opened.house.words.add(opened.keeper, opened.store_id, "バカ")
        await opened.house.words.add(opened.keeper, opened.store_id, "alert")
        yield opened


async def crowd(hall: Hall) -> list[Account]:
    return [await hall.festival.person(f"Someone{number}") for number in range(PEOPLE)]


async def test_hostile_messages_at_once_are_shown_and_stored_cleaned(hall: Hall) -> None:
    chance = Random(1)
    room = await hall.festival.app.room.open(hall.show_id)
    said: dict[str, str] = {}
    refused: set[str] = set()
    for _ in range(AT_ONCE // BATCH):
        hearer = Hearer(hall)
        await hearer.begin()
        events: list[tuple[LineSaid, Audience]] = []
        for sent in [hostile.text(chance) for _ in range(BATCH)]:
            text = clean(sent)
            if not 0 < len(text) <= TEXT_MAX:
                continue
            saying = Saying(
                store_id=hall.store_id, show_id=hall.show_id, actor=hall.mio, role=None, text=text, asks=False
            )
            try:
                heard_by = await hall.house.judge(saying)
            except Problem as problem:
                refused.add(problem.code)
            else:
                line = line_of(hall, checked(sent, text))
                events.append((LineSaid(line), audience_of(heard_by, hall.mio.id)))
        await room.post_kept(*events)
        lines = {event.line.id: event.line.text for event, _ in events}
        assert await hearer.end() == lines
        said |= lines
    assert refused == {"room.word_refused"}
    assert len(said) > AT_ONCE // 2
    await stored(hall, said)


async def test_hostile_messages_are_said_cleaned_or_refused(hall: Hall) -> None:
    chance = Random(2)
    people = await crowd(hall)
    said: dict[str, str] = {}
    refused: dict[str, int] = {}

    async def say(who: Account, texts: list[str]) -> None:
        for text in texts:
            try:
                line = await hall.festival.app.room.say(who, hall.show_id, text)
            except Problem as problem:
                refused[problem.code] = refused.get(problem.code, 0) + 1
            else:
                said[line.id] = checked(text, line.text)

    for _ in range(ONE_BY_ONE // (PEOPLE * AT_A_TIME)):
        hearer = Hearer(hall)
        await hearer.begin()
        before = set(said)
        rows = [[hostile.text(chance) for _ in range(AT_A_TIME)] for _ in people]
        await asyncio.gather(*map(say, people, rows))
        assert await hearer.end() == {key: said[key] for key in said.keys() - before}
        hall.festival.clock.advance(20)
    assert set(refused) == {"input.invalid", "room.word_refused"}
    assert len(said) > ONE_BY_ONE // 2
    await stored(hall, said)


async def test_hostile_bodies_are_answered_with_a_line_or_a_code(hall: Hall) -> None:
    chance = Random(3)
    people = await crowd(hall)
    said: dict[str, str] = {}
    statuses: dict[int, int] = {}
    path = f"/shows/{hall.show_id}/messages"

    async def say(client: Client, bodies: list[bytes]) -> None:
        for body in bodies:
            answer = await client.post(path, content=body, headers={"Content-Type": "application/json"})
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
            if answer.status_code == 201:
                line = answer.json()
                # What is in a field nobody asked for is not looked at, not even whether it is text.
                sent = msgspec.json.decode(body, type=Sent).text
                said[line["id"]] = checked(sent, line["text"])
            else:
                assert answer.status_code in (409, 422), (body, answer.text)
                assert set(answer.json()["error"]) == {"code", "message", "params"}

    async with AsyncExitStack() as stack:
        doors = Doors(hall.festival)
        clients = [await stack.enter_async_context(doors.client(who)) for who in people]
        for _ in range(OVER_HTTP // (PEOPLE * AT_A_TIME)):
            hearer = Hearer(hall)
            await hearer.begin()
            before = set(said)
            rows = [[hostile.body(chance) for _ in range(AT_A_TIME)] for _ in clients]
            await asyncio.gather(*map(say, clients, rows))
            assert await hearer.end() == {key: said[key] for key in said.keys() - before}
            hall.festival.clock.advance(20)
        snapshot = await clients[0].ask("GET", f"/shows/{hall.show_id}/snapshot")
    assert set(statuses) == {201, 409, 422}
    assert all(line["text"] == said[line["id"]] for line in snapshot["lines"])
    await stored(hall, said)


def line_of(hall: Hall, text: str) -> Line:
    return Line(
        id=hall.festival.app.ids.new(),
        offset=0,
        at=hall.festival.clock.now(),
        account=Speaker(id=hall.mio.id, name=hall.mio.name, seller=False),
        text=text,
        question=False,
        listing_id=None,
    )


def checked(sent: str, shown: str) -> str:
    """What is shown, after a look at whether it may be: whole, short, and nothing in it that hides or turns text."""
    assert shown == clean(sent)
    assert 0 < len(shown) <= TEXT_MAX
    assert shown == unicodedata.normalize("NFC", shown).strip()
    assert not OVERRIDES & set(shown)
    assert not UNSEEN & set(map(unicodedata.category, shown))
    return shown


async def stored(hall: Hall, said: dict[str, str]) -> None:
    """The database has every line as it was shown, and no other."""
    kept: dict[str, Any] = {}
    async with hall.festival.app.db.read() as conn:
        cursor = await conn.execute("select id, text from lines")
        kept = dict(await cursor.fetchall())
    assert kept == said
