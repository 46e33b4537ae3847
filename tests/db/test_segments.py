"""The replay's comments: every line once and in order, whatever happens, and nothing of what was removed."""

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from tests.support.festival import Festival, festival_on
from tests.support.running import spare_port

from ennichi.app import App, open_app
from ennichi.kit.clock import FixedClock
from ennichi.kit.errors import NotFound
from ennichi.room import actor, recording
from ennichi.room.recording import Recording
from ennichi.settings import Settings


async def show_of(festival: Festival) -> str:
    return await festival.live_show([await festival.listing("湧き水", {"": 3})])


async def say(festival: Festival, show_id: str, *texts: str) -> list[str]:
    ids = []
    for text in texts:
        festival.clock.advance(2.5)
        ids.append((await festival.app.room.say(festival.buyers[0], show_id, text)).id)
    return ids


async def minute_over(festival: Festival, show_id: str) -> None:
    """Let the stretch be as old as it gets, and something happen, so that it is closed; wait until it is written."""
    festival.clock.advance(61)
    await festival.app.room.like(show_id, "someone", 1)
    await written(festival.app, show_id)


async def written(app: App, show_id: str) -> None:
    """Wait until the tick is out and everything that follows from it is done."""
    room, running = await app.room.open(show_id), app.segments._running[show_id]
    async with asyncio.timeout(5):
        # Nothing tells when all of it is done.
        while room._pending or running._waiting or running.gap is not None or app.segments._mending:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def replay(app: App, show_id: str) -> list[dict[str, Any]]:
    """Everything the segments hold, as a client reads it."""
    index, _ = await app.segments.index(show_id)
    assert [segment.number for segment in index.segments] == list(range(1, len(index.segments) + 1))
    happened: list[dict[str, Any]] = []
    for segment in index.segments:
        name = segment.url.removeprefix(f"/media/feed/{show_id}/").removesuffix(".json")
        packed = await app.segments.packed(show_id, name)
        assert len(packed) == segment.bytes
        held = json.loads(gzip.decompress(packed))
        assert (held["show_id"], held["number"]) == (show_id, segment.number)
        assert segment.lines == sum(one["event"]["type"] == "line" for one in held["events"])
        assert all(segment.from_ms <= one["ms"] <= segment.to_ms for one in held["events"])
        happened += held["events"]
    return happened


def texts(happened: list[dict[str, Any]]) -> list[str]:
    return [one["event"]["line"]["text"] for one in happened if one["event"]["type"] == "line"]


def on_disk(folder: Path) -> bytes:
    """Every byte of every object, unpacked."""
    return b"\n".join(gzip.decompress(path.read_bytes()) for path in (folder / "feed").rglob("*.json.gz"))


async def test_a_minute_of_the_feed_becomes_an_object(festival: Festival) -> None:
    show_id = await show_of(festival)
    await say(festival, show_id, "one", "two")
    assert (await festival.app.segments.index(show_id))[0].segments == []
    await minute_over(festival, show_id)
    happened = await replay(festival.app, show_id)
    assert texts(happened) == ["one", "two"]
    line = next(one for one in happened if one["event"]["type"] == "line")
    assert line["ms"] == 2500
    assert line["event"]["line"]["media_ms"] == 2500
    assert {one["event"]["type"] for one in happened} <= {"show", "line", "viewers", "likes"}


async def test_a_stretch_is_closed_when_it_is_large(festival: Festival, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "LARGEST", 2_000)
    show_id = await show_of(festival)
    said = [f"{n} " + "x" * 150 for n in range(12)]
    await say(festival, show_id, *said)
    await written(festival.app, show_id)
    assert len((await festival.app.segments.index(show_id))[0].segments) >= 2
    await festival.app.room.rooms.close(show_id)
    assert texts(await replay(festival.app, show_id)) == said


async def test_what_was_said_before_the_show_comes_first_and_what_was_heard_by_few_not_at_all(
    festival: Festival, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = await festival.app.shows.create(
        festival.keeper, festival.store.id, title="夜", cover_id=None, planned_at=None, listing_ids=[]
    )
    await say(festival, show.id, "are you there?", "soon")
    await festival.app.shows.move(festival.keeper, show.id, "live")
    await say(festival, show.id, "hello")
    await festival.app.moderation.block(festival.keeper, festival.store.id, festival.buyers[1].id)
    await festival.app.room.say(festival.buyers[1], show.id, "nobody hears me")
    await festival.app.shows.move(festival.keeper, show.id, "ended")
    await festival.app.room.rooms.close(show.id)
    happened = await replay(festival.app, show.id)
    assert texts(happened) == ["are you there?", "soon", "hello"]
    assert [one["ms"] for one in happened if one["event"]["type"] == "line"][:2] == [0, 0]
    assert happened[-1]["event"]["state"] == "ended"


async def test_whole_after_crashes_and_without_what_was_removed(
    db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three lives of the program; the first two end as with kill -9: what was not written yet is gone."""
    monkeypatch.setattr(actor, "TICK", 0.002)
    whole_close = Recording.close

    async def crash(self: Recording) -> None:
        self._open, self._closing = [], True
        self._waiting.clear()
        self._task.cancel()
        self.ended.set()

    monkeypatch.setattr(Recording, "close", crash)
    async with festival_on(db_url, tmp_path) as festival:
        show_id = await show_of(festival)
        ids = await say(festival, show_id, "a-0", "terrible word", "a-2?")
        await festival.app.room.questions.move(festival.keeper, show_id, ids[2], "answering")
        await minute_over(festival, show_id)
        ids += await say(festival, show_id, "a-3", "a-4")
        assert texts(await replay(festival.app, show_id)) == ["a-0", "terrible word", "a-2?"]
    keeper = festival.keeper
    for life in ("b", "c"):
        clock = FixedClock(festival.clock.now())
        async with open_app(Settings(data=tmp_path, demo=True, port=spare_port()), db_url, clock=clock) as app:
            festival.app, festival.clock = app, clock
            await app.room.open(show_id)
            await written(app, show_id)
            ids += await say(festival, show_id, *(f"{life}-{n}" for n in range(3)))
            if life == "b":
                await minute_over(festival, show_id)
                ids += await say(festival, show_id, "b-3")
                await app.moderation.remove_line(keeper, show_id, ids[1])
                await app.moderation.remove_line(keeper, show_id, ids[4])
                await app.moderation.remove_line(keeper, show_id, ids[-1])
                await written(app, show_id)
                said = ["a-0", "a-2?", "a-3", "b-0", "b-1", "b-2"]
                assert texts(await replay(app, show_id)) == said
            else:
                monkeypatch.setattr(Recording, "close", whole_close)
                await app.shows.move(keeper, show_id, "ended")
                await app.room.rooms.close(show_id)
                await app.moderation.remove_line(keeper, show_id, ids[2])
                await written(app, show_id)
                happened = await replay(app, show_id)
                assert texts(happened) == ["a-0", "a-3", "b-0", "b-1", "b-2", "c-0", "c-1", "c-2"]
                places = [one["event"]["line"]["offset"] for one in happened if one["event"]["type"] == "line"]
                assert places == sorted(places)
    kept = on_disk(tmp_path)
    for gone in ("terrible word", "a-2?", "a-4", "b-3"):
        assert gone.encode() not in kept
    assert b"c-2" in kept
    objects = [path.name.partition("-")[0] for path in (tmp_path / "feed").rglob("*.gz")]
    assert len(objects) == len(set(objects))


async def test_a_removal_that_a_crash_cut_short_is_mended_and_shown_to_nobody(
    festival: Festival, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show_id = await show_of(festival)
    ids = await say(festival, show_id, "kept", "gone for good")
    await minute_over(festival, show_id)
    before, _ = await festival.app.segments.index(show_id)
    name = before.segments[0].url.rpartition("/")[2].removesuffix(".json")

    async def nothing(*_: object) -> None:
        """As if the program had died here."""

    with monkeypatch.context() as dying:
        dying.setattr(festival.app.segments, "_mend", nothing)
        await festival.app.moderation.remove_line(festival.keeper, show_id, ids[1])
    with pytest.raises(NotFound):
        await festival.app.segments.packed(show_id, name)
    await festival.app.segments.start()
    assert b"gone for good" not in on_disk(tmp_path)
    assert texts(await replay(festival.app, show_id)) == ["kept"]
    with pytest.raises(NotFound):
        await festival.app.segments.packed(show_id, name)


async def test_a_store_that_fails_is_tried_again_and_nothing_is_lost(
    festival: Festival, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "AGAIN", 0.01)
    monkeypatch.setattr(recording, "MOST", 3_000)
    show_id = await show_of(festival)
    shelf = festival.app.segments._shelf
    whole = shelf.put
    broken = True

    async def put(*given: Any) -> tuple[str, int]:
        if broken:
            raise OSError("no space left")
        return await whole(*given)

    monkeypatch.setattr(shelf, "put", put)
    await say(festival, show_id, "one", "two")
    festival.clock.advance(61)
    said = [f"{n} " + "x" * 100 for n in range(15)]
    await say(festival, show_id, *said)
    running = festival.app.segments._running[show_id]
    assert sum(len(one.data) for stretch in [*running._waiting, running._open] for one in stretch) <= 3_500
    broken = False
    await written(festival.app, show_id)
    await festival.app.room.rooms.close(show_id)
    assert texts(await replay(festival.app, show_id)) == ["one", "two", *said]


async def test_numbers_of_viewers_are_thinned(festival: Festival) -> None:
    show_id = await show_of(festival)
    for n in range(10):
        festival.clock.advance(3)
        await festival.app.room.join(show_id, None, None, f"browser {n}")
        await asyncio.sleep(0.01)
    await minute_over(festival, show_id)
    at = [one["at"] for one in await replay(festival.app, show_id) if one["event"]["type"] == "viewers"]
    assert 2 <= len(at) <= 4
