"""Votes, stamps, the line over the chat, and telling the room who bought."""

import asyncio
from pathlib import Path

import psycopg
import pytest
from tests.support.festival import Festival, Listener, festival_on
from tests.support.running import spare_port

from ennichi.accounts import Account
from ennichi.app import open_app
from ennichi.kit.errors import Forbidden, Invalid, NotFound, Problem, TooFast
from ennichi.room import NewVote, RoomClosed, Vote
from ennichi.room.errors import LineNotFound, VoteClosed, VoteNotFound, VoteRunning
from ennichi.settings import Settings

COLOURS = NewVote(question="  どの色に\u202eしますか  ", options=["red", "blue", "green"])


def counted(vote: Vote | None) -> list[int]:
    assert vote
    return [option.votes for option in vote.options]


async def acts(festival: Festival) -> list[str]:
    """What the trail has, by name; the clock stands still, so it has no order."""
    return sorted(act.act for act in await festival.app.moderation.acts(festival.keeper, festival.store.id))


async def until_closed(festival: Festival, show_id: str) -> None:
    """Wait until the room shows its vote closed."""
    listener = Listener(festival, show_id, None)
    async with asyncio.timeout(10):
        while not listener.endings:
            await listener.settle()
            if listener.now.vote and listener.now.vote.state == "closed":
                return
            await asyncio.sleep(0.01)
    raise AssertionError(listener.endings)


async def test_one_ballot_each_changeable_until_it_is_closed(festival: Festival, show_id: str) -> None:
    votes, (one, two, three) = festival.app.room.votes, festival.buyers
    listener = Listener(festival, show_id, None)
    await listener.connect()
    vote = await votes.begin(festival.keeper, show_id, COLOURS)
    assert (vote.question, counted(vote), vote.state) == ("どの色にしますか", [0, 0, 0], "open")
    await votes.choose(one, show_id, vote.id, 0)
    await asyncio.gather(votes.choose(two, show_id, vote.id, 0), votes.choose(three, show_id, vote.id, 2))
    assert counted(await votes.choose(one, show_id, vote.id, 1)) == [1, 1, 1]
    with pytest.raises(Invalid):
        await votes.choose(one, show_id, vote.id, 3)
    with pytest.raises(VoteNotFound):
        await votes.choose(one, show_id, show_id, 0)
    with pytest.raises(VoteRunning):
        await votes.begin(festival.keeper, show_id, COLOURS)
    await listener.settle()
    assert counted(listener.now.vote) == [1, 1, 1]
    closed = await votes.close(festival.keeper, show_id, vote.id)
    assert closed == await votes.close(festival.keeper, show_id, vote.id)
    with pytest.raises(VoteClosed):
        await votes.choose(one, show_id, vote.id, 0)
    await listener.settle()
    assert listener.now.vote == closed
    another = await votes.begin(festival.keeper, show_id, COLOURS)
    await votes.put_away(festival.keeper, show_id, another.id)
    assert (await festival.fresh(show_id, None))[0].vote is None
    with pytest.raises(VoteNotFound):
        await votes.close(festival.keeper, show_id, vote.id)
    assert await acts(festival) == ["vote.begun", "vote.begun", "vote.closed", "vote.closed"]


async def test_only_the_staff_asks_and_only_in_words(festival: Festival, show_id: str) -> None:
    votes = festival.app.room.votes
    with pytest.raises(Forbidden):
        await votes.begin(festival.buyers[0], show_id, COLOURS)
    for question, options in (("\u202e", ["a", "b"]), ("?" * 81, ["a", "b"]), ("?", ["a", " "]), ("?", ["a", " a "])):
        with pytest.raises(Invalid):
            await votes.begin(festival.keeper, show_id, NewVote(question=question, options=options))
    vote = await votes.begin(festival.keeper, show_id, COLOURS)
    for refused in (votes.close, votes.put_away):
        with pytest.raises(Forbidden):
            await refused(festival.buyers[0], show_id, vote.id)


async def test_a_room_opened_again_knows_the_vote_and_who_chose_what(festival: Festival, show_id: str) -> None:
    votes, buyer = festival.app.room.votes, festival.buyers[0]
    vote = await votes.begin(festival.keeper, show_id, COLOURS)
    await votes.choose(buyer, show_id, vote.id, 2)
    before, _ = await festival.fresh(show_id, buyer)
    await festival.app.room.rooms.close(show_id)
    after, _ = await festival.fresh(show_id, buyer)
    assert after.vote == before.vote
    assert counted(await votes.choose(buyer, show_id, vote.id, 0)) == [1, 0, 0]


async def test_its_time_is_up_also_when_nobody_was_there(db_url: str, tmp_path: Path) -> None:
    timed = NewVote(question="?", options=["a", "b"], seconds=60)
    async with festival_on(db_url, tmp_path) as festival:
        first = await festival.live_show([await festival.listing("湧き水", {"": 3})])
        vote = await festival.app.room.votes.begin(festival.keeper, first, timed)
        festival.clock.advance(61)
        with pytest.raises(VoteClosed):
            await festival.app.room.votes.choose(festival.buyers[0], first, vote.id, 0)
        await festival.app.room.votes._close_due()
        await until_closed(festival, first)
        await festival.app.room.votes.begin(festival.keeper, first, timed)
    festival.clock.advance(61)
    settings = Settings(data=tmp_path, demo=True, port=spare_port())
    async with open_app(settings, db_url, clock=festival.clock) as festival.app:
        await until_closed(festival, first)


async def test_with_the_show_its_vote_is_over(festival: Festival, show_id: str) -> None:
    vote = await festival.app.room.votes.begin(festival.keeper, show_id, COLOURS)
    await festival.app.shows.move(festival.keeper, show_id, "ended")
    now, _ = await festival.fresh(show_id, None)
    assert now.vote
    assert now.vote.state == "closed"
    for refused in (
        festival.app.room.votes.choose(festival.buyers[0], show_id, vote.id, 0),
        festival.app.room.votes.begin(festival.keeper, show_id, COLOURS),
        festival.app.room.stamp(festival.buyers[0], show_id, "clap"),
        festival.app.room.notices.show_text(festival.keeper, show_id, "too late"),
    ):
        with pytest.raises(RoomClosed):
            await refused


async def test_a_crowd_votes_in_few_transactions(festival: Festival, show_id: str, db_url: str) -> None:
    people = 1_000
    with psycopg.connect(db_url, autocommit=True) as conn:
        conn.execute(
            "insert into accounts (id, email, name, created_at)"
            " select lpad(n::text, 20, '0'), n || '@example.com', 'someone', now() from generate_series(1, %s) n",
            (people,),
        )
        crowd = [
            Account(id=f"{n:020d}", name="someone", email="", operator=False, created_at=festival.clock.now())
            for n in range(1, people + 1)
        ]
        vote = await festival.app.room.votes.begin(festival.keeper, show_id, COLOURS)
        transactions = 0
        whole = festival.app.db.transaction

        def counting() -> object:
            nonlocal transactions
            transactions += 1
            return whole()

        festival.app.db.transaction = counting  # type: ignore[method-assign, assignment]  # counts, and does the same
        await asyncio.gather(
            *(festival.app.room.votes.choose(one, show_id, vote.id, n % 3) for n, one in enumerate(crowd))
        )
        assert transactions < 20
        now, _ = await festival.fresh(show_id, crowd[0])
        assert counted(now.vote) == [334, 333, 333]
        rows = conn.execute("select option, count(*) from ballots group by option order by option").fetchall()
        assert [count for _, count in rows] == [334, 333, 333]


async def test_stamps_are_lines_and_count_as_such(festival: Festival, show_id: str) -> None:
    buyer = festival.buyers[0]
    line = await festival.app.room.stamp(buyer, show_id, "clap")
    assert (line.kind, line.text, line.question) == ("stamp", "clap", False)
    for n in range(9):
        await festival.app.room.say(buyer, show_id, str(n))
    with pytest.raises(TooFast):
        await festival.app.room.stamp(buyer, show_id, "clap")
    await festival.app.moderation.time_out(festival.keeper, festival.store.id, festival.buyers[1].id, 60)
    with pytest.raises(Problem, match="timed_out"):
        await festival.app.room.stamp(festival.buyers[1], show_id, "wow")
    await festival.app.moderation.block(festival.keeper, festival.store.id, festival.buyers[2].id)
    await festival.app.room.stamp(festival.buyers[2], show_id, "wow")
    now, _ = await festival.fresh(show_id, None)
    assert "wow" not in [line.text for line in now.lines]


async def test_a_line_or_a_word_stays_over_the_chat(festival: Festival, show_id: str) -> None:
    notices, keeper, buyer = festival.app.room.notices, festival.keeper, festival.buyers[0]
    line = await festival.app.room.say(buyer, show_id, "I made this")
    stamp = await festival.app.room.stamp(buyer, show_id, "clap")
    notice = await notices.show_line(keeper, show_id, line.id)
    assert (notice.name, notice.text) == (buyer.name, "I made this")
    await festival.app.room.rooms.close(show_id)
    now, _ = await festival.fresh(show_id, None)
    assert now.notice == notice
    await festival.app.moderation.remove_line(keeper, show_id, line.id)
    now, _ = await festival.fresh(show_id, None)
    assert now.notice is None
    for gone in (line.id, stamp.id, show_id, "?"):
        with pytest.raises(LineNotFound):
            await notices.show_line(keeper, show_id, gone)
    await notices.show_text(keeper, show_id, " Back in five minutes ")
    await festival.app.room.rooms.close(show_id)
    now, _ = await festival.fresh(show_id, None)
    assert now.notice
    assert now.notice.text == "Back in five minutes"
    await notices.take_away(keeper, show_id)
    await notices.take_away(keeper, show_id)
    now, _ = await festival.fresh(show_id, None)
    assert now.notice is None
    with pytest.raises(Invalid):
        await notices.show_text(keeper, show_id, "\u202e ")
    with pytest.raises(Forbidden):
        await notices.show_text(buyer, show_id, "mine")
    with pytest.raises(NotFound):
        await notices.show_text(keeper, line.id, "nowhere")
    assert await acts(festival) == ["line.removed", "notice.set", "notice.set", "notice.taken"]
