"""One feed's row of bytes: in order, bounded, and up to date again once a slow reader has caught up."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import Struct
from tests.support.connection import into

from ennichi.kit.clock import FixedClock
from ennichi.room import actor, stream
from ennichi.room.actor import Kept, Room
from ennichi.room.events import AskedMoved, LikesCounted, LineRemoved, LineSaid, QuestionMoved, StallAway
from ennichi.room.gathering import Gathering
from ennichi.room.log import MEMBERS, STAFF, is_for
from ennichi.room.model import Asked, Line, Question, Speaker
from ennichi.room.stream import Stream
from ennichi.shows import Show
from ennichi.stores import Role, StoreBrief

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Nowhere:
    """A store that keeps what it was given in a list."""

    def __init__(self) -> None:
        self.kept: list[Kept] = []

    async def keep(self, show_id: str, epoch: str, kept: Kept) -> None:  # noqa: ARG002 (the port's)
        self.kept.append(kept)


class Reader:
    """A connection that takes bytes when it is let."""

    def __init__(self, room: Room, role: Role | None = None, account_id: str | None = None, who: str = "") -> None:
        self.room = room
        self.stream = Stream(account_id=account_id, role=role, who=who)
        self.text = ""
        self.calls = 0
        self._takes = asyncio.Event()
        self._takes.set()
        room.join(self.stream, None)
        self.task = asyncio.create_task(self._run())

    def stop_reading(self) -> None:
        self._takes.clear()

    def read_again(self) -> None:
        self._takes.set()

    @property
    def frames(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """Kind and events of each frame that has any."""
        found = []
        for frame in self.text.split("\n\n")[:-1]:
            fields = dict(part.split(": ", 1) for part in frame.split("\n") if not part.startswith(":"))
            if fields and fields["data"] != "[]":
                found.append((fields["event"], json.loads(fields["data"])))
        return found

    def heard(self, kind: str) -> list[dict[str, Any]]:
        return [e for what, events in self.frames if what in ("tick", "mine") for e in events if e["type"] == kind]

    async def _take(self, message: Mapping[str, Any]) -> None:
        self.calls += 1
        self.text += message["body"].decode()
        await self._takes.wait()

    async def _run(self) -> None:
        await self.stream.run(self._take)
        self.room.leave(self.stream)


def gathering() -> Gathering:
    store = StoreBrief(
        id="s", handle="h", name="n", color="#000000", face=None, sold=0, likes=0, rating=None, followers=0
    )
    show = Show(
        id="show",
        store=store,
        title="t",
        cover=None,
        state="live",
        planned_at=None,
        started_at=NOON,
        ended_at=None,
        viewers=0,
        likes=0,
        sold=0,
        lineup_count=0,
        pinned=None,
        frame=None,
        away=False,
        mine=False,
    )
    return Gathering(
        show=show, lines=[], likes=0, viewers=0, pinned=None, lineup=[], answering=None, questions=[], stock=[]
    )


def line(number: int, text: str = "") -> Line:
    return Line(
        id=f"{number:020d}",
        offset=0,
        at=NOON,
        account=Speaker(id="a", name="Ann", seller=False),
        text=text or f"line {number}",
        question=False,
        listing_id=None,
    )


@pytest.fixture
async def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.setattr(actor, "TICK", 0.001)
    return Room("show", "epoch", gathering(), Nowhere(), clock=FixedClock(NOON))


async def said(room: Room, *events: Struct, audience: Any = None) -> None:
    """Each event in a tick of its own."""
    for event in events:
        await room.post_kept((event, audience))


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0.005)


async def test_one_who_keeps_up_is_written_to_tick_by_tick(room: Room) -> None:
    reader = Reader(room, who="a")
    await settled()
    before = reader.calls
    await said(room, *(LineSaid(line(n)) for n in range(5)))
    assert reader.calls == before + 5
    assert [event["line"]["text"] for event in reader.heard("line")] == [f"line {n}" for n in range(5)]
    await room.close()


async def test_a_slow_reader_loses_values_first_and_ends_with_the_newest(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "QUEUE_BYTES", 8_000)
    slow, quick = Reader(room, who="slow"), Reader(room, who="quick")
    await settled()
    slow.stop_reading()
    for n in range(200):
        await said(room, LikesCounted(n + 1), StallAway(n % 2 == 1))
        if n % 50 == 0:
            await said(room, LineSaid(line(n)))
    assert slow.stream.behind is not None
    written = len(slow.text)
    slow.read_again()
    await settled()
    assert not slow.task.done()
    # Not a line is missing; of the values that came meanwhile there is the last, once.
    assert [event["line"]["id"] for event in slow.heard("line")] == [
        event["line"]["id"] for event in quick.heard("line")
    ]
    assert slow.heard("likes")[-1] == quick.heard("likes")[-1] == {"type": "likes", "total": 200}
    assert len(slow.heard("likes")) < len(quick.heard("likes")) / 2
    assert slow.text[written:].count('"likes"') <= 8_000 // 8 // 60 + 2
    await said(room, LikesCounted(500))
    await settled()
    assert slow.heard("likes")[-1]["total"] == 500
    await room.close()


async def test_a_slow_reader_waits_at_its_place_so_that_a_reconnection_loses_nothing(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "QUEUE_BYTES", 8_000)
    slow = Reader(room, who="slow")
    await settled()
    slow.stop_reading()
    await said(room, *(LineSaid(line(n, "x" * 150)) for n in range(10)))
    place = slow.text.rsplit("id: ", 1)[1].split("\n")[0]
    slow.task.cancel()
    room.leave(slow.stream)
    again = Stream(account_id=None, role=None, who="slow")
    room.join(again, place)
    again.end()
    got: list[bytes] = []
    await again.run(into(got))
    known = slow.text + b"".join(got).decode()
    assert all(f'"id":"{n:020d}"' in known for n in range(10))
    await room.close()


async def test_one_who_reads_nothing_costs_nothing_more_and_is_let_go(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "QUEUE_BYTES", 8_000)
    stuck = Reader(room, who="stuck")
    await settled()
    stuck.stop_reading()
    await said(room, LineSaid(line(0)))
    for n in range(400):
        await said(room, LikesCounted(n))
    assert stuck.stream in room.streams  # values alone pass it by
    assert sum(map(len, stuck.stream._chunks)) <= 8_000
    await said(room, *(LineSaid(line(n, "x" * 190)) for n in range(1, 40)))
    assert list(stuck.stream._chunks) == [stream.RESET]
    assert stuck.stream not in room.streams
    await room.close()


async def test_streams_end_after_a_while_and_lose_nothing(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actor, "LIFE", (0.05, 0.15))
    lives = iter([0.0, 1.0])
    room._chance = lambda: next(lives)
    first, second = Reader(room, who="a"), Reader(room, who="b")
    await asyncio.wait_for(first.task, 1)
    assert not second.task.done()
    assert [kind for kind, _ in first.frames][-1] == "bye"
    assert 0 < json.loads(first.text.rsplit("data: ", 1)[1])["retry_ms"] <= 500
    place = first.text.rsplit("id: ", 1)[1].split("\n")[0]
    await said(room, LineSaid(line(1)))
    again = Stream(account_id=None, role=None, who="a")
    lives = iter([0.5])
    room.join(again, place)
    again.end()
    got: list[bytes] = []
    await again.run(into(got))
    assert b"line 1" in b"".join(got)
    assert room.viewers == 2
    await room.close()


async def test_what_only_some_hear_reaches_each_of_them_once(room: Room) -> None:
    owner = Reader(room, "owner", "o")
    moderator = Reader(room, "moderator", "m")
    author = Reader(room, None, "a")
    other = Reader(room, None, "b")
    nobody = Reader(room, who="n")
    await settled()
    await said(room, LineSaid(line(1)), audience=(STAFF, "a", "m"))
    await said(room, QuestionMoved(Question(id="q", line=line(2), state="open")), audience=MEMBERS)
    assert [len(reader.heard("line")) for reader in (owner, moderator, author, other, nobody)] == [1, 1, 1, 0, 0]
    assert [len(reader.heard("question")) for reader in (owner, moderator, author)] == [1, 0, 0]
    assert all(kind == "mine" for kind, events in author.frames for event in events if event["type"] == "line")
    await room.close()


async def test_each_of_those_who_asked_the_same_is_told(room: Room) -> None:
    readers = [Reader(room, None, "a"), Reader(room, None, "b")]
    await settled()
    asked = Asked(id="q", text="?", listing_id=None, state="open", asked=2, answer=None, media_ms=None)
    for account in ("a", "b", "a"):
        room.post(AskedMoved(asked), account)
    await settled()
    assert [len(reader.heard("asked")) for reader in readers] == [1, 1]
    await room.close()


async def test_quiet_lines_stand_at_their_place_for_those_who_hear_them(room: Room) -> None:
    await said(room, LineSaid(line(1)))
    await said(room, LineSaid(line(2)), audience=(STAFF, "a"))
    await said(room, LineSaid(line(3)))
    seen = {who: [one.text for one in room.seen_by(*who)] for who in [("a", None), ("b", None), ("m", "moderator")]}  # type: ignore[arg-type]  # roles
    assert seen == {
        ("a", None): ["line 1", "line 2", "line 3"],
        ("b", None): ["line 1", "line 3"],
        ("m", "moderator"): ["line 1", "line 2", "line 3"],
    }
    await said(room, LineRemoved(line(2).id))
    assert [one.text for one in room.seen_by("a", None)] == ["line 1", "line 3"]
    await room.close()


async def test_offsets_go_on_from_an_earlier_life() -> None:
    room = Room("show", "second", gathering(), Nowhere(), clock=FixedClock(NOON), first_offset=900)
    said_now = line(1)
    await room.post_kept((LineSaid(said_now), None))
    assert said_now.offset == room.offset == 901
    lost = Stream(account_id=None, role=None)
    room.join(lost, "second-17")
    assert lost.ended
    await room.close()


@pytest.mark.parametrize(
    ("audience", "hears"),
    [
        (None, {"owner", "moderator", "ann", "nobody"}),
        (MEMBERS, {"owner"}),
        (STAFF, {"owner", "moderator"}),
        ("ann", {"ann"}),
        ((STAFF, "ann"), {"owner", "moderator", "ann"}),
        ((), set()),
    ],
)
def test_whom_an_audience_means(audience: Any, hears: set[str]) -> None:
    people: dict[str, tuple[str | None, Role | None]] = {
        "owner": ("o", "owner"),
        "moderator": ("m", "moderator"),
        "ann": ("ann", None),
        "nobody": (None, None),
    }
    assert {name for name, (account, role) in people.items() if is_for(audience, account, role)} == hears


async def test_the_room_counts_people_and_keeps_the_numbers(room: Room) -> None:
    store: Any = room._store
    readers = [Reader(room, who=who) for who in ("a", "a", "b")]
    owner = Reader(room, "owner", "o")
    await settled()
    assert readers[0].heard("viewers")[-1] == {"type": "viewers", "now": 2, "peak": 2, "unique": 2}
    assert (room.now.viewers, room.now.peak, room.now.unique) == (2, 2, 2)
    kept = store.kept
    assert [one.peak for one in kept if one.peak is not None][-1] == 2
    assert len({key for one in kept for key in one.visitors}) == 2
    owner.task.cancel()
    await room.close()
