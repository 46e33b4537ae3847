"""Nobody's question is lost: counted with the same of others, merged, answered on the video or in writing, told."""

import asyncio
from typing import Any

import pytest
from tests.support.festival import Festival, Listener

from ennichi.accounts import Account
from ennichi.kit.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from ennichi.room import Done, Line, LineTaken, Question, QuestionGone, RoomClosed, actor

HOSTILE = [
    "<script>alert(1)</script>?",
    "'; drop table lines; --?",
    "\u202egnp.exe\u202c\u2066?",
    "👨‍👩‍👧‍👦" * 20 + "?",
    "\u200b\u200d\ufe0f?",
    "a\0b\x1b[31m?",
    "%(id)s {} {0} %s?",
    "ﷺ" * 150 + "?",
    "e" + "\u0301" * 150 + "?",
    "𝕎𝕙𝕪？",
]


@pytest.fixture
async def listing_id(festival: Festival) -> str:
    return await festival.listing("湧き水", {"": 3})


@pytest.fixture
async def show_id(festival: Festival, listing_id: str) -> str:
    return await festival.live_show([listing_id])


async def ask(festival: Festival, show_id: str, who: int, text: str, **about: Any) -> Line:
    festival.clock.advance(3)
    return await festival.app.room.say(festival.buyers[who], show_id, text, **about)


async def queue(festival: Festival, show_id: str) -> list[tuple[str, int, str]]:
    now, _ = await festival.fresh(show_id, festival.keeper)
    return [(question.line.text, question.asked, question.state) for question in now.questions]


async def asked(festival: Festival, show_id: str, who: int) -> list[tuple[str, str, str | None]]:
    sent = await festival.snapshot(show_id, festival.buyers[who])
    return [(one["text"], one["state"], one["answer"]) for one in sent["mine"]["asked"]]


async def over(festival: Festival, show_id: str) -> None:
    await festival.app.shows.move(festival.keeper, show_id, "ended")


async def opened_again(festival: Festival, show_id: str) -> None:
    """Whatever is asked after this comes out of the books."""
    await festival.app.room.rooms.close(show_id)


@pytest.mark.parametrize("again", [False, True])
async def test_the_same_question_of_many_is_one_with_a_count(festival: Festival, show_id: str, again: bool) -> None:
    await ask(festival, show_id, 0, "送料はいくらですか？")
    await ask(festival, show_id, 1, "硬度は？")
    await ask(festival, show_id, 1, "送料はイクラ?")
    if again:
        await opened_again(festival, show_id)
    third = await ask(festival, show_id, 2, "送料 は いくらでしょうか")
    assert not third.question
    await ask(festival, show_id, 2, "送料 は いくらでしょうか", question=True)
    await ask(festival, show_id, 2, "送料はいくら？？")
    for _ in range(2):
        assert await queue(festival, show_id) == [("送料はいくらですか？", 3, "open"), ("硬度は？", 1, "open")]
        assert await asked(festival, show_id, 2) == [("送料はいくらですか？", "open", None)]
        await opened_again(festival, show_id)
    now, _ = await festival.fresh(show_id, None)
    assert len(now.lines) == 6


async def test_those_who_ask_at_once_are_all_counted(festival: Festival, show_id: str) -> None:
    say = festival.app.room.say
    await asyncio.gather(*(say(buyer, show_id, "送料は？") for buyer in festival.buyers for _ in range(3)))
    for _ in range(2):
        assert await queue(festival, show_id) == [("送料は？", 3, "open")]
        await opened_again(festival, show_id)


async def test_a_question_about_one_thing_is_not_that_about_another(festival: Festival) -> None:
    one, other = await festival.listing("No. 1", {"": 1}), await festival.listing("No. 2", {"": 1})
    show_id = await festival.live_show([one, other])
    for who, listing in enumerate([one, other, None]):
        line = await ask(festival, show_id, who, "重さは？", listing_id=listing)
        assert line.listing_id == listing
    assert await queue(festival, show_id) == [("重さは？", 2, "open"), ("重さは？", 1, "open")]
    await festival.app.shows.pin(festival.keeper, show_id, other)
    await asyncio.sleep(0.01)
    await ask(festival, show_id, 0, "重さは？")
    assert sorted(count for _, count, _ in await queue(festival, show_id)) == [2, 2]


async def test_everyone_who_asked_is_told_what_becomes_of_it(festival: Festival, show_id: str) -> None:
    people = [Listener(festival, show_id, who) for who in (*festival.buyers, festival.keeper, None)]
    for person in people:
        await person.connect()
    line = await ask(festival, show_id, 0, "送料は？")
    await ask(festival, show_id, 1, "送料は?")
    for state in ("answering", "open", "answering", "answered", "dropped"):
        festival.clock.advance(5)
        await festival.app.room.questions.move(festival.keeper, show_id, line.id, state)
    for person in people:
        await person.settle()
    heard = [
        [(e["question"]["state"], e["question"]["asked"]) for e in person.heard if e["type"] == "asked"]
        for person in people
    ]
    moves = [("answering", 2), ("open", 2), ("answering", 2), ("answered", 2), ("dropped", 2)]
    assert heard == [[("open", 1), ("open", 2), *moves], [("open", 2), *moves], [], [], []]


async def test_it_is_noted_where_in_the_video_it_was_taken_up(festival: Festival, show_id: str) -> None:
    line = await ask(festival, show_id, 0, "送料は？")
    assert line.media_ms == 3000
    festival.clock.advance(57.5)
    move = festival.app.room.questions.move
    assert (await move(festival.keeper, show_id, line.id, "answering")).media_ms == 60_500
    assert (await move(festival.keeper, show_id, line.id, "open")).media_ms is None
    festival.clock.advance(1)
    await move(festival.keeper, show_id, line.id, "answering")
    await move(festival.keeper, show_id, line.id, "answered")
    await opened_again(festival, show_id)
    (found,) = await festival.app.room.questions.listed(festival.keeper, show_id, "answered")
    assert found.media_ms == 61_500


async def test_two_questions_are_put_together_by_hand(festival: Festival, show_id: str) -> None:
    done = noted(festival, Done)
    asker = Listener(festival, show_id, festival.buyers[1])
    await asker.connect()
    stays = await ask(festival, show_id, 0, "硬度は？")
    goes = await ask(festival, show_id, 1, "どのくらいかたい水？")
    await ask(festival, show_id, 2, "どのくらいかたい水?")
    await ask(festival, show_id, 0, "どのくらいかたい水？")
    await festival.app.room.questions.move(festival.keeper, show_id, goes.id, "answering")
    merged = await festival.app.room.questions.merge(festival.keeper, show_id, goes.id, stays.id)
    assert (merged.id, merged.asked, merged.state) == (stays.id, 3, "answering")
    assert [(one.act, one.line_id, one.actor_id) for one in done] == [
        ("question.merged", stays.id, festival.keeper.id),
    ]
    with pytest.raises(QuestionGone) as gone:
        await festival.app.room.questions.move(festival.keeper, show_id, goes.id, "open")
    assert gone.value.params == {"question_id": goes.id, "state": "merged", "into": stays.id}
    await asker.settle()
    assert [one["text"] for one in asker.asked] == ["硬度は？"]
    for _ in range(2):
        assert await queue(festival, show_id) == [("硬度は？", 3, "answering")]
        assert await asked(festival, show_id, 1) == [("硬度は？", "answering", None)]
        now, _ = await festival.fresh(show_id, None)
        assert now.answering
        assert now.answering.id == stays.id
        # What asks either asks the one that stayed.
        await ask(festival, show_id, 1, "どのくらいかたい水")
        await ask(festival, show_id, 1, "どのくらいかたい水？")
        await opened_again(festival, show_id)


async def test_only_what_waits_is_put_together(festival: Festival, show_id: str) -> None:
    one, other = await ask(festival, show_id, 0, "硬度は？"), await ask(festival, show_id, 1, "送料は？")
    merge = festival.app.room.questions.merge
    with pytest.raises(Invalid):
        await merge(festival.keeper, show_id, one.id, one.id)
    with pytest.raises(NotFound):
        await merge(festival.keeper, show_id, one.id, show_id)
    with pytest.raises(Forbidden):
        await merge(festival.buyers[0], show_id, one.id, other.id)
    await festival.app.room.questions.move(festival.keeper, show_id, other.id, "answered")
    for pair in ((one.id, other.id), (other.id, one.id)):
        with pytest.raises(QuestionGone):
            await merge(festival.keeper, show_id, *pair)
    assert await queue(festival, show_id) == [("硬度は？", 1, "open")]


async def test_what_was_not_answered_waits_and_is_answered_in_writing(
    festival: Festival, show_id: str, listing_id: str
) -> None:
    first = await ask(festival, show_id, 0, "賞味期限は？", listing_id=listing_id)
    await ask(festival, show_id, 1, "賞味期限は？")
    await ask(festival, show_id, 2, "硬度は？")
    await festival.app.room.questions.move(festival.keeper, show_id, first.id, "answering")
    await over(festival, show_id)
    await opened_again(festival, show_id)
    assert await queue(festival, show_id) == [("賞味期限は？", 2, "open"), ("硬度は？", 1, "open")]
    with pytest.raises(RoomClosed):
        await festival.app.room.questions.move(festival.keeper, show_id, first.id, "answering")
    answer = festival.app.room.questions.answer
    answered = await answer(festival.keeper, show_id, first.id, "くんだ日から  一年です。")
    assert (answered.state, answered.answer, answered.media_ms) == ("answered", "くんだ日から 一年です。", None)
    await opened_again(festival, show_id)
    assert await queue(festival, show_id) == [("硬度は？", 1, "open")]
    for who in (0, 1):
        assert await asked(festival, show_id, who) == [("賞味期限は？", "answered", "くんだ日から 一年です。")]
    listed = festival.app.room.questions.listed
    assert [q.line.text for q in await listed(festival.keeper, show_id, "open")] == ["硬度は？"]
    assert [q.line.text for q in await listed(festival.keeper, show_id, "answered")] == ["賞味期限は？"]
    assert [q.line.text for q in await listed(festival.keeper, show_id, "all")] == ["硬度は？", "賞味期限は？"]
    with pytest.raises(Forbidden):
        await listed(festival.buyers[0], show_id, "all")
    async with festival.app.db.read() as conn:
        (about,) = await festival.app.room.questions.about(conn, listing_id)
    assert (about.id, about.text, about.asked, about.answer) == (first.id, "賞味期限は？", 2, "くんだ日から 一年です。")
    await festival.app.room.remove_line(show_id, first.id)
    async with festival.app.db.read() as conn:
        assert await festival.app.room.questions.about(conn, listing_id) == []


async def test_who_asks_what_was_answered_in_writing_has_the_answer_at_once(festival: Festival, show_id: str) -> None:
    line = await ask(festival, show_id, 0, "送料は？")
    await festival.app.room.questions.answer(festival.keeper, show_id, line.id, "800円です")
    asker = Listener(festival, show_id, festival.buyers[1])
    await asker.connect()
    await ask(festival, show_id, 1, "送料は？")
    await asker.settle()
    (told,) = [event["question"] for event in asker.heard if event["type"] == "asked"]
    assert (told["state"], told["answer"], told["asked"]) == ("answered", "800円です", 2)
    assert await queue(festival, show_id) == []
    await opened_again(festival, show_id)
    assert await asked(festival, show_id, 1) == [("送料は？", "answered", "800円です")]


async def test_what_was_answered_by_mouth_only_is_asked_anew(festival: Festival, show_id: str) -> None:
    line = await ask(festival, show_id, 0, "送料は？")
    await festival.app.room.questions.move(festival.keeper, show_id, line.id, "answered")
    await ask(festival, show_id, 1, "送料は？")
    assert await queue(festival, show_id) == [("送料は？", 1, "open")]


async def test_a_pinned_answer_stays_over_the_chat_with_its_question(festival: Festival, show_id: str) -> None:
    line = await ask(festival, show_id, 0, "送料は？")
    await festival.app.room.questions.answer(festival.keeper, show_id, line.id, "800円です", pin=True)
    for _ in range(2):
        now, _ = await festival.fresh(show_id, None)
        assert now.notice
        assert (now.notice.line_id, now.notice.name) == (line.id, "Buyer0")
        assert (now.notice.text, now.notice.question) == ("800円です", "送料は？")
        await opened_again(festival, show_id)
    await festival.app.room.remove_line(show_id, line.id)
    for _ in range(2):
        assert (await festival.fresh(show_id, None))[0].notice is None
        await opened_again(festival, show_id)


async def test_a_question_of_many_outlives_the_line_it_began_with(festival: Festival, show_id: str) -> None:
    taken = noted(festival, LineTaken)
    listeners = [Listener(festival, show_id, who) for who in (festival.buyers[0], festival.buyers[1], festival.keeper)]
    for listener in listeners:
        await listener.connect()
    first = await ask(festival, show_id, 0, "送料は？ばか", question=True)
    second = await ask(festival, show_id, 1, "送料は？")
    third = await ask(festival, show_id, 2, "送料は?")
    await festival.app.room.questions.merge(festival.keeper, show_id, second.id, first.id)
    await festival.app.room.questions.move(festival.keeper, show_id, first.id, "answering")
    await festival.app.room.remove_line(show_id, third.id)
    assert await queue(festival, show_id) == [("送料は？ばか", 3, "answering")]
    await festival.app.room.remove_line(show_id, first.id)
    await festival.app.room.remove_line(show_id, first.id)
    for listener in listeners:
        await listener.settle()
        assert listener.now.answering
        assert listener.now.answering.id == second.id
    assert [one["text"] for one in listeners[0].asked] == ["送料は？"]
    for _ in range(2):
        assert await queue(festival, show_id) == [("送料は？", 3, "answering")]
        assert await asked(festival, show_id, 0) == [("送料は？", "answering", None)]
        await opened_again(festival, show_id)
    await festival.app.room.remove_line(show_id, second.id)
    for _ in range(2):
        assert await queue(festival, show_id) == []
        assert await asked(festival, show_id, 0) == []
        now, _ = await festival.fresh(show_id, None)
        assert (now.lines, now.answering) == ([], None)
        await opened_again(festival, show_id)
    assert [one.line_id for one in taken] == [third.id, first.id, second.id]


async def test_the_room_is_closed_from_the_end_on_and_not_from_the_next_tick_on(
    festival: Festival, show_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actor, "TICK", 0.3)
    line = await ask(festival, show_id, 0, "送料は？")
    await over(festival, show_id)
    with pytest.raises(RoomClosed) as refused:
        await festival.app.room.questions.move(festival.keeper, show_id, line.id, "answering")
    assert refused.value.params == {"state": "ended"}
    with pytest.raises(RoomClosed):
        await ask(festival, show_id, 1, "まだありますか？")
    await opened_again(festival, show_id)
    assert await queue(festival, show_id) == [("送料は？", 1, "open")]


async def test_only_a_line_of_this_show_is_taken_out(festival: Festival, show_id: str, listing_id: str) -> None:
    line = await ask(festival, show_id, 0, "送料は？")
    await over(festival, show_id)
    other = await festival.live_show([listing_id])
    for show, line_id in ((other, line.id), (show_id, show_id)):
        with pytest.raises(NotFound):
            await festival.app.room.remove_line(show, line_id)
    await festival.app.room.remove_line(show_id, line.id)
    assert await queue(festival, show_id) == []


async def test_hostile_words_are_asked_and_answered_as_words(festival: Festival, show_id: str) -> None:
    lines = []
    for text in HOSTILE:
        lines.append(await ask(festival, show_id, 0, text))
        await ask(festival, show_id, 1, text)
        await festival.app.room.questions.answer(festival.keeper, show_id, lines[-1].id, text, pin=True)
        assert not any(c in lines[-1].text for c in "\0\x1b\u202e\u2066")
    await opened_again(festival, show_id)
    found = await festival.app.room.questions.listed(festival.keeper, show_id, "answered")
    assert {line.text for line in lines} <= {question.line.text for question in found}
    now, _ = await festival.fresh(show_id, festival.buyers[1])
    assert [said.text for said in now.lines] == [line.text for line in lines for _ in range(2)]


async def test_an_answer_has_1_to_500_characters(festival: Festival, show_id: str) -> None:
    line = await ask(festival, show_id, 0, "送料は？")
    for text in ("", "  ", "\0\u202e", "x" * 501):
        with pytest.raises(Invalid):
            await festival.app.room.questions.answer(festival.keeper, show_id, line.id, text)
    assert await queue(festival, show_id) == [("送料は？", 1, "open")]


async def test_the_queue_is_the_staffs(festival: Festival, show_id: str) -> None:
    line = await ask(festival, show_id, 0, "送料は？")
    moderator = festival.buyers[2]
    work = [
        lambda who: festival.app.room.questions.move(who, show_id, line.id, "dropped"),
        lambda who: festival.app.room.questions.answer(who, show_id, line.id, "800円です"),
    ]
    for one in work:
        with pytest.raises(Forbidden):
            await one(moderator)
    await appointed(festival, moderator)
    for one in work:
        assert isinstance(await one(moderator), Question)
    refusals: list[tuple[type[Problem], str]] = [(NotFound, show_id), (NotFound, "nothing")]
    for refusal, question_id in refusals:
        with pytest.raises(refusal):
            await festival.app.room.questions.move(festival.keeper, show_id, question_id, "dropped")
    assert issubclass(QuestionGone, Conflict)


async def appointed(festival: Festival, who: Account) -> None:
    async with festival.app.db.transaction() as tx:
        assert await festival.app.stores.appoint(tx, festival.store.id, who.id)


def noted(festival: Festival, kind: type[Any]) -> list[Any]:
    """What of this kind is recorded from now on, once it is committed."""
    found: list[Any] = []

    async def note(event: Any) -> None:
        found.append(event)

    festival.app.db.events.after(kind, note)
    return found
