"""Who may speak and who hears it: time-outs, followers, slow mode, words, blocks and the shield, in a real room."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.festival import Listener
from tests.support.hall import Hall, hall_on, heard

from ennichi.moderation import ModerationService
from ennichi.moderation.doorman import KNOWN_FOR
from ennichi.room import actor

HAGGLE = "もう少し安くなりませんか"


@pytest.fixture
async def hall(db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hall]:
    monkeypatch.setattr(actor, "TICK", 0.002)
    async with hall_on(db_url, tmp_path) as opened:
        yield opened


async def test_haggling_reaches_its_author_and_the_staff_quietly(hall: Hall) -> None:
    moderator = await hall.festival.person("Suzu")
    await hall.house.appoint(hall.keeper, hall.store_id, moderator.id)
    people = await hall.listeners()
    people["moderator"] = Listener(hall.festival, hall.show_id, moderator)
    await people["moderator"].connect()
    quiet = await hall.say(hall.mio, HAGGLE, question=True)
    assert (quiet.quiet, quiet.question) == (True, False)
    await hall.say(hall.ren, "きれいですね")
    for listener in people.values():
        await listener.settle()
    everyone, those_who_hear = ["きれいですね"], [HAGGLE, "きれいですね"]
    assert {name: heard(listener) for name, listener in people.items()} == {
        "keeper": those_who_hear,
        "moderator": those_who_hear,
        "mio": those_who_hear,
        "ren": everyone,
        "visitor": everyone,
    }
    (at_keeper, _) = [event["line"] for event in people["keeper"].heard if event["type"] == "line"]
    assert at_keeper["quiet"] is True
    await hall.rules(shield=False)
    assert (await hall.say(hall.mio, HAGGLE)).quiet is False


@pytest.mark.parametrize("away", [False, True])
async def test_who_becomes_staff_or_is_no_longer_sees_what_is_theirs(hall: Hall, away: bool) -> None:
    suzu = await hall.festival.person("Suzu")
    listener = Listener(hall.festival, hall.show_id, suzu)
    await listener.connect()
    await hall.say(hall.mio, "送料は？")
    await listener.settle()
    for change, questions in ((hall.house.appoint, ["送料は？"]), (hall.house.dismiss, [])):
        if away:
            await listener.disconnect()
        await change(hall.keeper, hall.store_id, suzu.id)
        await listener.settle()
        assert [question.line.text for question in listener.now.questions] == questions
    assert set(listener.endings) == {"reset"}
    await listener.disconnect()


async def test_the_staff_may_say_anything_to_everyone(hall: Hall) -> None:
    await hall.house.words.add(hall.keeper, hall.store_id, "ばか")
    await hall.rules(slow_s=60, followers_only=True)
    people = await hall.listeners()
    for text in ("ばか", HAGGLE, "つぎ"):
        assert not (await hall.say(hall.keeper, text)).quiet
    await people["visitor"].settle()
    assert heard(people["visitor"]) == ["ばか", HAGGLE, "つぎ"]


async def test_the_blocked_are_heard_by_themselves_alone_and_cannot_tell(hall: Hall) -> None:
    await hall.say(hall.mio, "before")
    await hall.house.block(hall.keeper, hall.store_id, hall.mio.id)
    people = await hall.listeners()
    line = await hall.say(hall.mio, "いくらですか?")
    await hall.say(hall.mio, HAGGLE)
    await hall.say(hall.ren, "after")
    for listener in people.values():
        await listener.settle()
    assert not line.quiet
    assert heard(people["mio"]) == ["いくらですか?", HAGGLE, "after"]
    assert [heard(people[name]) for name in ("keeper", "ren", "visitor")] == [["after"]] * 3
    assert people["keeper"].now.questions == []
    assert "before" in [line.text for line in people["visitor"].now.lines]
    await hall.house.unblock(hall.keeper, hall.store_id, hall.mio.id)
    await hall.say(hall.mio, "again")
    await people["ren"].settle()
    assert heard(people["ren"]) == ["after", "again"]


async def test_a_time_out_ends_by_itself_or_by_hand(hall: Hall) -> None:
    house = await hall.house.time_out(hall.keeper, hall.store_id, hall.mio.id, 60)
    until = hall.festival.clock.now() + timedelta(seconds=60)
    assert [(person.name, person.until) for person in house.timed_out] == [(hall.mio.name, until)]
    assert await hall.refused(hall.mio, "hello") == {"code": "room.timed_out", "until": until}
    await hall.say(hall.ren, "hello")
    hall.festival.clock.advance(50)
    await hall.refused(hall.mio, "hello")
    assert (await hall.say(hall.mio, "hello")).text == "hello"
    assert (await hall.house.house(hall.keeper, hall.store_id)).timed_out == []
    await hall.house.time_out(hall.keeper, hall.store_id, hall.mio.id, 86_400)
    await hall.refused(hall.mio, "hello")
    await hall.house.release(hall.keeper, hall.store_id, hall.mio.id)
    assert (await hall.say(hall.mio, "hello")).text == "hello"


async def test_where_only_followers_speak_following_is_enough(hall: Hall) -> None:
    await hall.rules(followers_only=True)
    assert await hall.refused(hall.mio, "hello") == {"code": "room.followers_only"}
    await hall.festival.app.stores.follow(hall.mio, hall.store_id)
    await hall.say(hall.mio, "hello")
    await hall.festival.app.stores.unfollow(hall.mio, hall.store_id)
    assert await hall.refused(hall.mio, "hello") == {"code": "room.followers_only"}


async def test_in_slow_mode_each_viewer_waits_and_a_refused_line_costs_no_turn(hall: Hall) -> None:
    await hall.house.words.add(hall.keeper, hall.store_id, "ばか")
    await hall.rules(slow_s=10)
    assert (await hall.refused(hall.mio, "ばか"))["code"] == "room.word_refused"
    await hall.say(hall.mio, "one")
    assert await hall.refused(hall.mio, "two") == {"code": "room.slow_mode", "retry_after": 7.0, "slow_s": 10}
    await hall.say(hall.ren, "mine")
    assert (await hall.refused(hall.mio, "two"))["retry_after"] == 1.0
    await hall.say(hall.mio, "two")
    await hall.rules(slow_s=0)
    await hall.say(hall.mio, "three")


async def test_a_refused_word_is_found_however_it_is_written(hall: Hall) -> None:
    await hall.house.words.add(hall.keeper, hall.store_id, "ばか")
    await hall.house.words.add(hall.keeper, hall.store_id, "Spam")
    people = await hall.listeners()
    for written in ("ばか", "ﾊﾞｶ", "ば\u200bか", "そんなばかな", "ｓｐａｍ", "s.p.a.m"):
        assert await hall.refused(hall.mio, written) == {"code": "room.word_refused"}, written
    await hall.say(hall.mio, "かばと スプーン")
    for listener in people.values():
        await listener.settle()
        assert heard(listener) == ["かばと スプーン"]


async def test_the_operators_words_hold_in_every_room(hall: Hall) -> None:
    operator = await hall.operator()
    words = await hall.house.words.add_everywhere(operator, "さぎ")
    assert await hall.refused(hall.mio, "サギだ") == {"code": "room.word_refused"}
    assert (await hall.house.house(hall.keeper, hall.store_id)).words == []
    await hall.house.words.drop_everywhere(operator, words[0].id)
    await hall.say(hall.mio, "サギだ")


async def test_what_another_process_wrote_holds_soon(hall: Hall) -> None:
    app = hall.festival.app
    another = ModerationService(
        app.db, app.clock, app.ids, app.limits, accounts=app.accounts, stores=app.stores, shows=app.shows, room=app.room
    )
    await hall.say(hall.mio, "first")
    await another.words.add(hall.keeper, hall.store_id, "ばか")
    await another.words.add_everywhere(await hall.operator(), "さぎ")
    await hall.say(hall.mio, "ばか さぎ")
    hall.festival.clock.advance(KNOWN_FOR.total_seconds())
    assert (await hall.refused(hall.mio, "ばか"))["code"] == "room.word_refused"
    assert (await hall.refused(hall.mio, "さぎ"))["code"] == "room.word_refused"


async def test_a_refused_line_is_nowhere(hall: Hall) -> None:
    await hall.house.words.add(hall.keeper, hall.store_id, "ばか")
    await hall.refused(hall.mio, "ばかばか")
    async with hall.festival.app.db.read() as conn:
        found = await (await conn.execute("select count(*) from lines")).fetchone()
    assert found == (0,)


async def test_neither_the_blocked_nor_the_shy_are_announced(hall: Hall) -> None:
    shy = await hall.festival.app.accounts.change(await hall.festival.person("Shy"), announced=False)
    await hall.house.block(hall.keeper, hall.store_id, hall.mio.id)
    everyone = [Listener(hall.festival, hall.show_id, who) for who in (None, shy, hall.mio, hall.ren)]
    for listener in everyone:
        await listener.connect()
    await hall.say(hall.ren, "こんばんは")
    for listener in everyone:
        await listener.settle()
    arrived = [event for event in everyone[0].heard if event["type"] == "arrived"]
    assert arrived == [{"type": "arrived", "names": [hall.ren.name], "count": 1}]
    assert everyone[0].now.viewers == 4
