"""Feed equality: a snapshot with the events after it equals a snapshot taken later, whatever happens in between.

A state machine lets a real room on a real Postgres go through whatever a show brings, while listeners connect, fall
behind, vanish and come back. Short ticks, a short log and short queues bring the rare cases within its reach.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from msgspec import Struct, structs
from tests.support.doings import Doings
from tests.support.festival import KINDS, Festival, Listener, festival_on

from ennichi.accounts import Account
from ennichi.kit.errors import Problem
from ennichi.room import Gathering, actor, gathering, keeper, log, stream

SHORT_LINES, SHORT_LOG, SHORT_QUEUE = 8, 40, 6_000
TEXTS = st.sampled_from(
    [
        "きれい",
        "送料は?",
        "送料はイクラ？",
        "Is it hard?",
        "もう少し安くなりませんか",
        "🎐" * 20,
        "<b>&amp;</b>",
        "a" * 200,
    ]
)
N = st.integers(0, 9)


class Show(RuleBasedStateMachine):
    """One live show and everything that can happen to it."""

    runner: ClassVar["asyncio.Runner"]
    festival: ClassVar[Festival]
    moderator: ClassVar[Account]
    heard: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.listeners: list[Listener] = []
        self.do: Doings
        self.ended = False

    def run(self, *work: Awaitable[Any]) -> None:
        """Let all of it happen at once; a refusal is a fine answer. The clock moves, so that nobody is too fast."""
        self.festival.clock.advance(3)
        self.runner.run(self._all(work))

    async def _all(self, work: Iterable[Awaitable[Any]]) -> None:
        results = await asyncio.gather(*work, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, Problem):
                raise result

    @initialize()
    def go_live(self) -> None:
        async def begin() -> None:
            stocks = [{"": 3}, {"red": 2, "blue": 5}, {"small": 1, "large": 0}]
            listing_ids = [await self.festival.listing(f"No. {n}", stock) for n, stock in enumerate(stocks)]
            show_id = await self.festival.live_show(listing_ids)
            self.do = Doings(self.festival, show_id, listing_ids, self.moderator)
            for who in (self.festival.keeper, self.moderator, *self.festival.buyers[:2], None):
                listener = Listener(self.festival, show_id, who)
                await listener.connect()
                self.listeners.append(listener)

        self.runner.run(begin())
        self.first_minutes()

    def first_minutes(self) -> None:
        """What a single rule brings about is too rare to be left to chance: every show begins with it."""
        do, room = self.do, self.festival.app.room
        for away in (True, False):
            room.news.on_away(do.show_id, away)
            self.run(do.change_rules(True, 3 if away else 0, False))
        self.run(do.say(0, "送料は?", question=True), room.like(do.show_id, "visitor", 1))
        self.run(do.report(1, 0), do.move_question(0, 0, "answering"), do.notice(0, 0), do.buy(1, 0))
        self.run(do.begin_vote(0))
        self.run(do.end_vote(False))

    @rule(who=N, text=TEXTS, question=st.booleans(), listing=st.none() | N)
    def say(self, who: int, text: str, question: bool, listing: int | None) -> None:
        self.run(self.do.say(who, text, question=question, listing=listing))

    @rule(text=TEXTS)
    def say_much(self, text: str) -> None:
        for who in range(4):
            self.run(*(self.do.say(who, text) for _ in range(4)), self.do.stamp(who))

    @rule(text=st.sampled_from(["送料は?", "Is it hard?"]))
    def ask_the_same(self, text: str) -> None:
        self.run(*(self.do.say(who, text) for who in range(3)))

    @rule(who=N, count=st.integers(1, 20))
    def like(self, who: int, count: int) -> None:
        self.run(self.festival.app.room.like(self.do.show_id, f"visitor {who}", count))

    @rule(listing=st.none() | N)
    def pin(self, listing: int | None) -> None:
        self.run(self.do.pin(listing))

    @rule(order=st.permutations([0, 1, 2]), length=st.integers(0, 3))
    def set_lineup(self, order: list[int], length: int) -> None:
        self.run(self.do.set_lineup(order[:length]))

    @rule(listing=N, stock=st.integers(0, 9), title=st.none() | st.just("Another title"))
    def edit_listing(self, listing: int, stock: int, title: str | None) -> None:
        self.run(self.do.edit(listing, stock, title))

    @rule(listing=N, archived=st.booleans())
    def archive(self, listing: int, archived: bool) -> None:
        self.run(self.do.archive(listing, archived))

    @rule(who=N, listing=N, quantity=st.integers(1, 4))
    def take_hold(self, who: int, listing: int, quantity: int) -> None:
        self.run(self.do.take(who, listing, quantity))

    @rule(who=N, listing=N)
    def buy(self, who: int, listing: int) -> None:
        self.run(self.do.buy(who, listing))

    @rule(which=N, confirm=st.booleans())
    def settle_hold(self, which: int, confirm: bool) -> None:
        self.run(self.do.conclude(which, confirm))

    @rule(who=N, which=N, state=st.sampled_from(["open", "answering", "answering", "answered", "dropped"]))
    def move_question(self, who: int, which: int, state: str) -> None:
        self.run(self.do.move_question(who, which, state))

    @rule(who=N, which=N, pin=st.booleans())
    def answer_in_writing(self, who: int, which: int, pin: bool) -> None:
        self.run(self.do.answer(who, which, pin))

    @rule(which=N, into=N)
    def merge_questions(self, which: int, into: int) -> None:
        self.run(self.do.merge(which, into))

    @rule(who=N, which=N)
    def remove_line(self, who: int, which: int) -> None:
        self.run(self.do.remove(who, which))

    @rule(who=N, which=st.none() | N)
    def set_notice(self, who: int, which: int | None) -> None:
        self.run(self.do.notice(who, which))

    @rule(options=N)
    def begin_vote(self, options: int) -> None:
        self.run(self.do.begin_vote(options))

    @rule(choices=st.lists(st.tuples(N, N), min_size=1, max_size=4))
    def choose(self, choices: list[tuple[int, int]]) -> None:
        self.run(*(self.do.choose(who, option) for who, option in choices))

    @rule(away=st.booleans())
    def end_vote(self, away: bool) -> None:
        self.run(self.do.end_vote(away))

    @rule(shield=st.booleans(), slow_s=st.sampled_from([0, 0, 3]), followers_only=st.sampled_from([False, False, True]))
    def change_rules(self, shield: bool, slow_s: int, followers_only: bool) -> None:
        self.run(self.do.change_rules(shield, slow_s, followers_only))

    @rule(who=N, blocked=st.booleans())
    def block(self, who: int, blocked: bool) -> None:
        self.run(self.do.block(who, blocked))

    @rule(appointed=st.sampled_from([True, True, False]))
    def appoint(self, appointed: bool) -> None:
        self.run(self.do.appoint(appointed))

    @rule(who=N, which=N)
    def report(self, who: int, which: int) -> None:
        self.run(self.do.report(who, which))

    @rule()
    def settle_report(self) -> None:
        self.run(self.do.settle())

    @rule(title=st.sampled_from(["A show", "Another show"]))
    def edit_show(self, title: str) -> None:
        self.run(self.festival.app.shows.edit(self.festival.keeper, self.do.show_id, changes={"title": title}))

    @rule(away=st.booleans())
    def stall_away(self, away: bool) -> None:
        self.festival.app.room.news.on_away(self.do.show_id, away)
        self.run()

    @rule(who=st.lists(N, min_size=2, max_size=4), listing=N, stock=st.integers(0, 9), pin=N)
    def all_at_once(self, who: list[int], listing: int, stock: int, pin: int) -> None:
        do = self.do
        takes = [do.take(one, listing, 1) for one in who]
        questions = [do.move_question(n, n, "answering") for n in (0, 1)]
        self.run(*takes, do.edit(listing, stock, "In a rush"), do.pin(pin), *questions, do.say(0, "送料は?"))

    @rule(which=N, into=N)
    def the_staff_at_once(self, which: int, into: int) -> None:
        do = self.do
        answers = [do.answer(0, which, True), do.move_question(1, which, "answering"), do.merge(into, which)]
        self.run(do.say(1, "送料は?"), do.remove(0, which), *answers, do.remove(1, into), do.notice(1, which))

    @rule(which=N)
    def disconnect(self, which: int) -> None:
        self.runner.run(self._listener(which).disconnect())

    @rule(which=N)
    def come_back(self, which: int) -> None:
        listener = self._listener(which)
        if not listener.connected:
            self.runner.run(listener.connect())

    @rule(which=N)
    def read_slowly(self, which: int) -> None:
        self._listener(which).pause()

    @rule()
    def room_closes(self) -> None:
        self.runner.run(self.festival.app.room.rooms.close(self.do.show_id))

    @rule()
    def compare(self) -> None:
        self.runner.run(self._compare())

    @rule(sure=st.integers(0, 5))
    def end_show(self, sure: int) -> None:
        if sure == 0 and not self.ended:
            self.ended = True
            self.run(self.festival.app.shows.move(self.festival.keeper, self.do.show_id, "ended"))

    def teardown(self) -> None:
        async def finish() -> None:
            try:
                await self._compare()
            finally:
                await self._close()

        if self.listeners:
            self.runner.run(finish())

    async def _close(self) -> None:
        if not self.ended:
            await self.festival.app.shows.move(self.festival.keeper, self.do.show_id, "ended")
        try:
            await self._compare()
        finally:
            for listener in self.listeners:
                await listener.disconnect()
                self.heard.update(event["type"] for event in listener.heard)
            for who in range(len(self.festival.buyers)):
                await self.do.block(who, blocked=False)
            await self.do.appoint(True)
            await self.do.change_rules(True, 0, False)

    async def _compare(self) -> None:
        for listener in self.listeners:
            await self._compare_one(listener)
        await self._compare_books()

    async def _compare_books(self) -> None:
        """The room against what is kept of it. Who came is kept a moment after it is told: nobody waits for it."""
        rooms = self.festival.app.room.rooms
        opened, kept = await rooms.open(self.do.show_id), await rooms._keeper.load(self.do.show_id)
        for _ in range(20):
            if not differences_as(as_kept, opened.room.now, kept.now):
                break
            await asyncio.sleep(0.01)
            opened, kept = await rooms.open(self.do.show_id), await rooms._keeper.load(self.do.show_id)
        assert differences_as(as_kept, opened.room.now, kept.now) == []
        for buyer in self.festival.buyers:
            assert opened.desk.asked_by(buyer.id) == kept.desk.asked_by(buyer.id)

    async def _compare_one(self, listener: Listener) -> None:
        """Settled listener against fresh snapshot at one and the same offset; something may come in between."""
        for _ in range(20):
            await listener.settle()
            heard, asked, position = listener.now, listener.asked, listener.position
            fresh = await self.festival.snapshot(self.do.show_id, listener.who)
            if f"{fresh['epoch']}-{fresh['offset']}" == position:
                now = msgspec.convert(fresh, Gathering)
                removed = sum(event["type"] == "removed" for event in listener.heard)
                assert len(now.lines) - removed <= len(heard.lines) <= len(now.lines)
                assert differences_as(as_told, heard, now) == []
                assert asked == (fresh["mine"]["asked"] if fresh["mine"] else [])
                return
        raise AssertionError("the room never comes to rest")

    def _listener(self, which: int) -> Listener:
        return self.listeners[which % len(self.listeners)]


def as_told(now: Gathering) -> Gathering:
    """A room without the address of its picture: that is made anew for each snapshot, as `server_time` is."""
    return structs.replace(now, show=structs.replace(now.show, frame=None))


def as_kept(now: Gathering) -> Gathering:
    """A room without what is not kept: who watches, how the picture stands; and counters of the store."""
    show = structs.replace(now.show, store=None, viewers=0, sold=0, frame=None, away=False, mine=False)
    items = [structs.replace(item, listing=structs.replace(item.listing, store=None)) for item in now.lineup]
    return structs.replace(now, show=show, viewers=0, lineup=items)


def differences_as(seen: Callable[[Gathering], Gathering], one: Gathering, other: Gathering) -> list[str]:
    """Where two rooms, seen so, are not the same, down to the oldest line both have.

    A fresh look has older lines where some were taken out.
    """
    n = min(len(one.lines), len(other.lines))
    one, other = (structs.replace(now, lines=now.lines[len(now.lines) - n :]) for now in (one, other))
    return differences(seen(one), seen(other))


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two rooms are not the same, and how."""
    if isinstance(one, Struct) and type(one) is type(other):
        fields = [(f"{path}.{name}", getattr(one, name), getattr(other, name)) for name in one.__struct_fields__]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        fields = [(f"{path}[{n}]", a, b) for n, (a, b) in enumerate(zip(one, other, strict=True))]
    else:
        return [] if one == other else [f"{path}: {one!r} is not {other!r}"]
    return [found for where, a, b in fields for found in differences(a, b, where)]


def test_snapshot_and_events_equal_a_fresh_snapshot(
    db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actor, "TICK", 0.001)
    monkeypatch.setattr(log, "KEPT", SHORT_LOG)
    monkeypatch.setattr(stream, "QUEUE_BYTES", SHORT_QUEUE)
    monkeypatch.setattr(gathering, "LINES_KEPT", SHORT_LINES)
    monkeypatch.setattr(keeper, "LINES_KEPT", SHORT_LINES)
    with asyncio.Runner() as runner:
        opened = festival_on(db_url, tmp_path)
        Show.runner, Show.festival = runner, runner.run(opened.__aenter__())
        try:
            Show.moderator = runner.run(Show.festival.person("Moderator"))
            runner.run(
                Show.festival.app.moderation.appoint(Show.festival.keeper, Show.festival.store.id, Show.moderator.id)
            )
            run_state_machine_as_test(
                Show,
                settings=settings(
                    max_examples=20,
                    stateful_step_count=25,
                    deadline=None,
                    derandomize=True,
                    database=None,
                    phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck),
                ),
            )
            assert Show.heard >= KINDS
        finally:
            runner.run(opened.__aexit__(None, None, None))
