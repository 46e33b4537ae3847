"""Rooms at their limits: out of reach, too slow, closed and opened again, stopped in the middle of a tick."""

import asyncio
import json
from typing import Any

import pytest
from tests.support.connection import into
from tests.support.festival import Festival, Listener

from ennichi.catalog import ListingEdit, VariantEdit
from ennichi.kit.errors import Forbidden, Invalid, NotFound, Problem, TooFast
from ennichi.room import RoomClosed, log, stream


async def say(festival: Festival, show_id: str, *texts: str) -> None:
    for text in texts:
        festival.clock.advance(3)
        await festival.app.room.say(festival.buyers[0], show_id, text)


async def closed(festival: Festival, show_id: str) -> None:
    """Close the room as it closes when nobody looks at it for a while."""
    await festival.app.room.rooms.close(show_id)


async def test_who_was_away_for_a_moment_gets_what_was_missed(festival: Festival, show_id: str) -> None:
    listener = Listener(festival, show_id, None)
    await listener.connect()
    await say(festival, show_id, "one")
    await listener.settle()
    await listener.disconnect()
    await say(festival, show_id, "two", "three")
    listener.heard.clear()
    await listener.settle()
    assert [event["line"]["text"] for event in listener.heard if event["type"] == "line"] == ["two", "three"]
    assert listener.endings == []


async def test_only_who_has_heard_nothing_since_the_last_ping_is_pinged(festival: Festival, show_id: str) -> None:
    room, opened = await festival.app.room.join(show_id, None, None)
    written: list[bytes] = []
    running = asyncio.create_task(opened.run(into(written)))
    await say(festival, show_id, "one")
    room.ping()
    assert stream.PING not in written
    room.ping()
    assert written[-1] == stream.PING
    opened.end()
    await running


async def test_who_missed_more_than_the_log_keeps_starts_anew(
    festival: Festival, show_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "KEPT", 5)
    await closed(festival, show_id)
    listener = Listener(festival, show_id, None)
    await listener.connect()
    await listener.settle()
    await listener.disconnect()
    await say(festival, show_id, *map(str, range(6)))
    await listener.settle()
    assert listener.endings == ["reset"]
    assert [line.text for line in listener.now.lines] == list(map(str, range(6)))


@pytest.mark.parametrize("position", ["", "x", "-", "nothing-1", "{epoch}-999999", "{epoch}--1", "{epoch}-" + "9" * 40])
async def test_a_position_that_means_nothing_here_is_answered_with_reset(
    festival: Festival, show_id: str, position: str
) -> None:
    room = await festival.app.room.open(show_id)
    _, opened = await festival.app.room.join(show_id, None, position.format(epoch=room.epoch) or None)
    opened.end()
    written: list[bytes] = []
    await asyncio.wait_for(opened.run(into(written)), 5)
    assert written[0].startswith(b"id: " if position == "" else b"event: reset")


async def test_who_reads_too_slowly_is_told_to_start_anew(
    festival: Festival, show_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "QUEUE_BYTES", 2_000)
    room, slow = await festival.app.room.join(show_id, None, None)
    quick = Listener(festival, show_id, None)
    await quick.connect()
    await say(festival, show_id, *("x" * 150 for _ in range(12)))
    await quick.settle()
    chunks: list[bytes] = []
    await slow.run(into(chunks))
    assert chunks == [stream.RESET]
    room.leave(slow)
    assert quick.endings == []
    assert len(quick.now.lines) == 12


async def test_a_room_opened_again_knows_what_was_said_asked_and_liked(festival: Festival, show_id: str) -> None:
    keeper = Listener(festival, show_id, festival.keeper)
    await keeper.connect()
    await say(festival, show_id, "hello", "soft water?", "cold?", "gone?")
    await festival.app.room.like(show_id, "someone", 7)
    await keeper.settle()
    ids = {question.line.text: question.id for question in keeper.now.questions}
    await festival.app.room.questions.move(festival.keeper, show_id, ids["cold?"], "answering")
    await festival.app.room.questions.move(festival.keeper, show_id, ids["gone?"], "dropped")
    await keeper.settle()
    before, position = keeper.now, keeper.position
    await closed(festival, show_id)
    await keeper.settle()
    assert keeper.endings == ["bye", "reset"]
    assert keeper.position.split("-")[0] != position.split("-")[0]
    after = keeper.now
    assert [line.text for line in after.lines] == ["hello", "soft water?", "cold?", "gone?"]
    assert after.likes == before.likes == 7
    assert [question.id for question in after.questions] == [ids["soft water?"], ids["cold?"]]
    assert after.answering
    assert after.answering.id == ids["cold?"]


async def test_a_show_called_otherwise_is_so_for_everyone_at_once(festival: Festival, show_id: str) -> None:
    listener = Listener(festival, show_id, None)
    await listener.connect()
    await festival.app.shows.edit(festival.keeper, show_id, changes={"title": "Another evening"})
    await listener.settle()
    assert listener.endings == ["bye", "reset"]
    assert listener.now.show.title == "Another evening"


async def test_what_is_said_while_the_room_closes_is_kept(festival: Festival, show_id: str) -> None:
    room = await festival.app.room.open(show_id)
    said = [asyncio.create_task(say(festival, show_id, str(n))) for n in range(5)]
    await asyncio.sleep(0)
    await asyncio.gather(room.close(), asyncio.sleep(0.01))
    async with asyncio.timeout(5):
        await asyncio.gather(*said)
    await festival.app.room.rooms.close(show_id)
    now, _ = await festival.fresh(show_id, None)
    assert sorted(line.text for line in now.lines) == list("01234")


async def test_one_question_is_answered_at_a_time(festival: Festival, show_id: str) -> None:
    await say(festival, show_id, "one?", "two?")
    now, _ = await festival.fresh(show_id, festival.keeper)
    move = festival.app.room.questions.move
    await asyncio.gather(*(move(festival.keeper, show_id, question.id, "answering") for question in now.questions))
    now, _ = await festival.fresh(show_id, festival.keeper)
    assert sorted(question.state for question in now.questions) == ["answering", "open"]
    await festival.app.shows.move(festival.keeper, show_id, "ended")
    await asyncio.sleep(0.02)
    now, _ = await festival.fresh(show_id, festival.keeper)
    assert now.answering is None
    assert [question.state for question in now.questions] == ["open", "open"]


async def test_stock_told_late_does_not_replace_newer_stock(festival: Festival, show_id: str) -> None:
    listener = Listener(festival, show_id, None)
    await listener.connect()
    item = listener.now.lineup[0].listing

    async def edit(stock: int) -> None:
        edits = [VariantEdit(id=item.variants[0].id, name="", stock=stock)]
        await festival.app.catalog.edit(festival.keeper, item.id, ListingEdit(variants=edits))

    for _ in range(5):
        await asyncio.gather(*(edit(stock) for stock in range(8)))
        await listener.settle()
        kept = await festival.app.catalog.get(item.id)
        assert listener.now.stock[0].available == kept.available
        assert listener.now.lineup[0].listing.available == kept.available


async def test_private_news_go_to_their_person_before_the_tick(festival: Festival, show_id: str) -> None:
    keeper, asker, other = (Listener(festival, show_id, who) for who in (festival.keeper, festival.buyers[0], None))
    for listener in (keeper, asker, other):
        await listener.connect()
    await say(festival, show_id, "soft?")
    for listener in (keeper, asker, other):
        await listener.settle()
    assert [event["type"] for event in keeper.heard if event["type"] in ("question", "line")] == ["question", "line"]
    assert not [event for listener in (asker, other) for event in listener.heard if event["type"] == "question"]
    assert "question" not in json.dumps([list(event) for event in other.heard])


@pytest.mark.parametrize(
    ("text", "refusal"), [("", Invalid), (" \t\n", Invalid), ("\0", Invalid), ("x" * 201, Invalid), ("x" * 200, None)]
)
async def test_a_line_has_1_to_200_characters(festival: Festival, show_id: str, text: str, refusal: Any) -> None:
    if refusal:
        with pytest.raises(refusal):
            await say(festival, show_id, text)
    else:
        await say(festival, show_id, text)


async def test_ten_lines_in_twenty_seconds(festival: Festival, show_id: str) -> None:
    for n in range(10):
        await festival.app.room.say(festival.buyers[0], show_id, str(n))
    with pytest.raises(TooFast):
        await festival.app.room.say(festival.buyers[0], show_id, "one more")
    await festival.app.room.say(festival.buyers[1], show_id, "somebody else may")
    festival.clock.advance(20.1)
    await festival.app.room.say(festival.buyers[0], show_id, "later")


async def test_what_was_put_away_comes_back_to_an_ended_show_as_well(festival: Festival, show_id: str) -> None:
    listener = Listener(festival, show_id, None)
    await listener.connect()
    await listener.settle()
    listing_id = listener.now.lineup[0].listing.id
    await festival.app.shows.move(festival.keeper, show_id, "ended")
    for archived in (True, False):
        await festival.app.catalog.archive(festival.keeper, listing_id, archived=archived)
        await listener.settle()
        assert [item.listing.id for item in listener.now.lineup] == ([] if archived else [listing_id])
    await listener.disconnect()


async def test_an_ended_show_takes_nothing_in(festival: Festival, show_id: str) -> None:
    await festival.app.shows.move(festival.keeper, show_id, "ended")
    await asyncio.sleep(0.02)
    refusals: list[type[Problem]] = [RoomClosed, RoomClosed]
    doings = [
        festival.app.room.say(festival.buyers[0], show_id, "late"),
        festival.app.room.like(show_id, "late", 1),
    ]
    for refusal, doing in zip(refusals, doings, strict=True):
        with pytest.raises(refusal):
            await doing


async def test_questions_are_moved_by_the_stall_alone(festival: Festival, show_id: str) -> None:
    await say(festival, show_id, "soft?")
    now, _ = await festival.fresh(show_id, festival.keeper)
    with pytest.raises(Forbidden):
        await festival.app.room.questions.move(festival.buyers[0], show_id, now.questions[0].id, "dropped")
    with pytest.raises(NotFound):
        await festival.app.room.questions.move(festival.keeper, show_id, show_id, "dropped")
