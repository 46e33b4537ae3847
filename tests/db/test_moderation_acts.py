"""What those who keep order do: taking lines out, reports, moderators, blocks with their lines, and the trail of it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from tests.support.festival import Listener
from tests.support.hall import Hall, hall_on

from ennichi.kit.errors import Forbidden, Invalid, NotFound, TooFast
from ennichi.moderation.errors import IsOwner, IsStaff, ReportNotFound, TooManyWords
from ennichi.moderation.service import REPORTS_EACH
from ennichi.room import LineNotFound, actor


@pytest.fixture
async def hall(db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hall]:
    monkeypatch.setattr(actor, "TICK", 0.002)
    async with hall_on(db_url, tmp_path) as opened:
        yield opened


async def test_a_line_taken_out_is_gone_everywhere_and_written_down(hall: Hall) -> None:
    people = await hall.listeners()
    bad, good = await hall.say(hall.mio, "わるい?"), await hall.say(hall.ren, "よい")
    await hall.house.report(hall.ren, hall.show_id, bad.id, "abuse", " こわい\n ")
    assert hall.reported(await hall.house.house(hall.keeper, hall.store_id)) == [("わるい?", "abuse", "こわい")]
    await hall.house.remove_line(hall.keeper, hall.show_id, bad.id)
    await hall.house.remove_line(hall.keeper, hall.show_id, bad.id)
    for listener in people.values():
        await listener.settle()
        assert [line.text for line in listener.now.lines] == ["よい"]
        assert [event["line_id"] for event in listener.heard if event["type"] == "removed"] == [bad.id]
    assert people["keeper"].now.questions == []
    assert [event["open"] for event in people["keeper"].heard if event["type"] == "reported"] == [1, 0]
    (act,) = await hall.house.acts(hall.keeper, hall.store_id)
    assert act.line is not None
    assert act.account is not None
    assert (act.act, act.actor.name, act.account.id, act.line.text) == (
        "line.removed",
        hall.keeper.name,
        hall.mio.id,
        "わるい?",
    )
    assert (act.show_id, act.detail) == (hall.show_id, {})
    await hall.close_room()
    await people["visitor"].look()
    assert [line.id for line in people["visitor"].now.lines] == [good.id]


async def test_a_room_that_closes_meanwhile_takes_the_line_out_and_goes(hall: Hall) -> None:
    line = await hall.say(hall.mio, "わるい")
    await hall.house.report(hall.ren, hall.show_id, line.id, "abuse", "")
    removal = hall.house.remove_line(hall.keeper, hall.show_id, line.id)
    edit = hall.festival.app.shows.edit(hall.keeper, hall.show_id, changes={"title": "Another evening"})
    await asyncio.wait_for(asyncio.gather(removal, edit), 20)
    late = Listener(hall.festival, hall.show_id, hall.keeper)
    await late.look()
    assert (late.now.lines, late.now.reported) == ([], 0)


async def test_only_the_staff_takes_lines_out(hall: Hall) -> None:
    line = await hall.say(hall.mio, "hello")
    with pytest.raises(Forbidden):
        await hall.house.remove_line(hall.mio, hall.show_id, line.id)
    with pytest.raises(LineNotFound):
        await hall.house.remove_line(hall.keeper, hall.show_id, hall.show_id)
    other = await hall.festival.app.shows.create(
        hall.keeper, hall.store_id, title="another", cover_id=None, planned_at=None, listing_ids=[]
    )
    with pytest.raises(LineNotFound):
        await hall.house.remove_line(hall.keeper, other.id, line.id)
    await hall.house.remove_line(await hall.operator(), hall.show_id, line.id)


async def test_reports_are_counted_once_per_person_and_told_to_the_staff_alone(hall: Hall) -> None:
    people = await hall.listeners()
    line = await hall.say(hall.mio, "spam")
    for who in (hall.ren, hall.ren, hall.keeper):
        hall.festival.clock.advance(1)
        await hall.house.report(who, hall.show_id, line.id, "spam", "")
    for listener in people.values():
        await listener.settle()
    assert people["keeper"].now.reported == 2
    assert not [event for event in people["ren"].heard if event["type"] == "reported"]
    house = await hall.house.house(hall.keeper, hall.store_id)
    assert [report.reporter for report in house.reports] == [None, None]
    after = await hall.house.settle(hall.keeper, hall.store_id, house.reports[1].id)
    assert after.reports == []
    await people["keeper"].settle()
    assert people["keeper"].now.reported == 0
    await hall.house.settle(hall.keeper, hall.store_id, house.reports[0].id)
    acts = await hall.house.acts(hall.keeper, hall.store_id)
    assert [(act.act, act.detail) for act in acts] == [("report.settled", {"reports": 2})]


async def test_what_the_store_itself_said_is_reported_to_the_operator_alone(hall: Hall) -> None:
    operator = await hall.operator()
    people = await hall.listeners()
    line = await hall.say(hall.keeper, "よそで買って")
    await hall.house.report(hall.mio, hall.show_id, line.id, "fraud", "")
    await people["keeper"].settle()
    assert people["keeper"].now.reported == 0
    assert (await hall.house.house(hall.keeper, hall.store_id)).reports == []
    (report,) = await hall.house.reports_everywhere(operator)
    assert report.reporter is not None
    assert (report.about_staff, report.reporter.id, report.store.name) == (True, hall.mio.id, "みずのわ商店")
    with pytest.raises(ReportNotFound):
        await hall.house.settle(hall.keeper, hall.store_id, report.id)
    await hall.house.remove_line(hall.keeper, hall.show_id, line.id)
    (report,) = await hall.house.reports_everywhere(operator)
    assert report.line.removed
    await hall.house.settle(operator, hall.store_id, report.id)
    assert await hall.house.reports_everywhere(operator) == []


async def test_what_one_does_not_hear_cannot_be_reported(hall: Hall) -> None:
    await hall.house.block(hall.keeper, hall.store_id, hall.mio.id)
    line = await hall.say(hall.mio, "hello")
    with pytest.raises(LineNotFound):
        await hall.house.report(hall.ren, hall.show_id, line.id, "spam", "")
    gone = await hall.say(hall.ren, "hello")
    await hall.house.remove_line(hall.keeper, hall.show_id, gone.id)
    await hall.house.report(hall.mio, hall.show_id, gone.id, "spam", "")
    assert (await hall.house.house(hall.keeper, hall.store_id)).reports == []


async def test_nobody_reports_without_end(hall: Hall) -> None:
    line = await hall.say(hall.mio, "hello")
    for _ in range(REPORTS_EACH[0]):
        await hall.house.report(hall.ren, hall.show_id, line.id, "other", "")
    with pytest.raises(TooFast):
        await hall.house.report(hall.ren, hall.show_id, line.id, "other", "")


async def test_a_moderator_keeps_order_from_the_moment_they_are_one_and_not_after(hall: Hall) -> None:
    await hall.house.block(hall.keeper, hall.store_id, hall.ren.id)
    await hall.house.unblock(hall.keeper, hall.store_id, hall.ren.id)
    await hall.house.time_out(hall.keeper, hall.store_id, hall.ren.id, 600)
    people = await hall.listeners()
    question = await hall.say(hall.mio, "いつ届きますか?")
    await people["ren"].settle()
    assert people["ren"].now.questions == []
    house = await hall.house.appoint(hall.keeper, hall.store_id, hall.ren.id)
    assert [(person.id, person.name) for person in house.moderators] == [(hall.ren.id, hall.ren.name)]
    assert (house.blocked, house.timed_out) == ([], [])
    await ended(people["ren"])
    assert people["ren"].endings == ["reset"]
    assert [asked.id for asked in people["ren"].now.questions] == [question.id]
    assert people["mio"].endings == []
    line = await hall.say(hall.ren, "お静かに")
    assert (line.account.moderator, line.account.seller) == (True, False)
    await hall.house.block(hall.ren, hall.store_id, hall.mio.id)
    with pytest.raises(Forbidden):
        await hall.house.appoint(hall.ren, hall.store_id, hall.mio.id)
    await hall.house.dismiss(hall.keeper, hall.store_id, hall.ren.id)
    await ended(people["ren"])
    assert people["ren"].endings == ["reset", "reset"]
    assert people["ren"].now.questions == []
    with pytest.raises(Forbidden):
        await hall.house.unblock(hall.ren, hall.store_id, hall.mio.id)


async def test_who_may_be_appointed_blocked_or_sent_out(hall: Hall) -> None:
    operator = await hall.operator()
    keeper, store_id = hall.keeper, hall.store_id
    for act in (hall.house.appoint, hall.house.dismiss):
        with pytest.raises(IsOwner):
            await act(keeper, store_id, keeper.id)
    with pytest.raises(IsStaff):
        await hall.house.appoint(keeper, store_id, operator.id)
    with pytest.raises(NotFound):
        await hall.house.appoint(keeper, store_id, store_id)
    with pytest.raises(NotFound):
        await hall.house.house(operator, hall.show_id)
    await hall.house.appoint(keeper, store_id, hall.ren.id)
    for person in (keeper, operator, hall.ren):
        with pytest.raises(IsStaff):
            await hall.house.block(keeper, store_id, person.id)
        with pytest.raises(IsStaff):
            await hall.house.time_out(keeper, store_id, person.id, 60)
    with pytest.raises(Forbidden):
        await hall.house.appoint(operator, store_id, hall.mio.id)
    assert (await hall.house.house(operator, store_id)).moderators[0].id == hall.ren.id


async def test_a_block_takes_their_newest_lines_along_when_asked_to(hall: Hall) -> None:
    people = await hall.listeners()
    await hall.say(hall.mio, "long ago")
    hall.festival.clock.advance(900)
    lines = [await hall.say(hall.mio, text) for text in ("one", "two?")]
    await hall.say(hall.ren, "mine")
    await hall.house.block(hall.keeper, hall.store_id, hall.mio.id, remove_lines=True)
    for listener in people.values():
        await listener.settle()
        assert [line.text for line in listener.now.lines] == ["long ago", "mine"]
    acts = await hall.house.acts(hall.keeper, hall.store_id)
    removed = {act.line.id for act in acts if act.act == "line.removed" and act.line}
    assert removed == {line.id for line in lines}
    assert [act.act for act in acts].count("account.blocked") == 1


async def test_words_are_kept_once_and_not_without_end(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ennichi.moderation.refused.WORDS_EACH", 2)
    await hall.house.words.add(hall.keeper, hall.store_id, "ばか")
    await hall.house.words.add(hall.keeper, hall.store_id, " ばか ")
    hall.festival.clock.advance(1)
    house = await hall.house.words.add(hall.keeper, hall.store_id, "あほ")
    assert [word.word for word in house.words] == ["ばか", "あほ"]
    with pytest.raises(TooManyWords):
        await hall.house.words.add(hall.keeper, hall.store_id, "もう一つ")
    for nothing in ("", " ", "\u200b", "・・"):
        with pytest.raises(Invalid):
            await hall.house.words.add(hall.keeper, hall.store_id, nothing)
    assert (await hall.house.words.drop(hall.keeper, hall.store_id, house.words[0].id)).words == house.words[1:]
    acts = await hall.house.acts(hall.keeper, hall.store_id)
    assert sorted((act.act, act.detail["word"]) for act in acts) == [
        ("word.added", "あほ"),
        ("word.added", "ばか"),
        ("word.removed", "ばか"),
    ]


async def test_rules_are_told_to_open_rooms_and_kept_for_the_next_ones(hall: Hall) -> None:
    people = await hall.listeners()
    await hall.rules(slow_s=30)
    await hall.rules(followers_only=True)
    await hall.rules(followers_only=True)
    for listener in people.values():
        await listener.settle()
        assert (listener.now.house.slow_s, listener.now.house.followers_only, listener.now.house.shield) == (
            30,
            True,
            True,
        )
    await hall.close_room()
    late = Listener(hall.festival, hall.show_id, None)
    await late.look()
    assert late.now.house == people["visitor"].now.house
    acts = await hall.house.acts(hall.keeper, hall.store_id)
    assert sorted((act.detail for act in acts), key=str) == [{"followers_only": True}, {"slow_s": 30}]


async def test_the_trail_can_be_read_page_by_page_by_the_staff(hall: Hall) -> None:
    for slow_s in range(1, 61):
        hall.festival.clock.advance(1)
        await hall.rules(slow_s=slow_s)
    first = await hall.house.acts(hall.keeper, hall.store_id)
    rest = await hall.house.acts(hall.keeper, hall.store_id, first[-1].id)
    assert [act.detail["slow_s"] for act in [*first, *rest]] == [*range(60, 0, -1)]
    assert len(first) == 50
    with pytest.raises(Forbidden):
        await hall.house.acts(hall.mio, hall.store_id)
    with pytest.raises(Invalid):
        await hall.house.acts(hall.keeper, hall.store_id, "\0")
    operator = await hall.operator()
    await hall.house.words.add_everywhere(operator, "さぎ")
    assert [act.act for act in await hall.house.acts_everywhere(operator)] == ["word.added"]
    assert len(await hall.house.acts(operator, hall.store_id, rest[-1].id)) == 0


@pytest.mark.parametrize("statement", ["update acts set act = 'nothing'", "delete from acts", "truncate acts"])
async def test_the_trail_is_never_changed(hall: Hall, statement: str) -> None:
    await hall.rules(slow_s=5)
    async with hall.festival.app.db.read() as conn:
        with pytest.raises(psycopg.errors.RaiseException, match="never changed"):
            await conn.execute(statement.encode())
    assert len(await hall.house.acts(hall.keeper, hall.store_id)) == 1


async def test_an_act_that_fails_leaves_neither_itself_nor_a_trail(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("ennichi.moderation.houses.Houses.view", broken)
    with pytest.raises(RuntimeError):
        await hall.house.block(hall.keeper, hall.store_id, hall.mio.id)
    monkeypatch.undo()
    assert (await hall.house.house(hall.keeper, hall.store_id)).blocked == []
    assert await hall.house.acts(hall.keeper, hall.store_id) == []


async def ended(listener: Listener) -> None:
    """Wait until the stream has ended, then come back as the room asks."""
    assert listener._reading
    await asyncio.wait_for(listener._reading, 5)
    await listener.settle()
