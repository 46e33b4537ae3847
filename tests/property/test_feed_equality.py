"""Feed equality: a snapshot with the events after it equals a snapshot taken later, whatever happens in between.

A state machine lets a real room on a real Postgres go through whatever a show brings, while listeners connect, fall
behind, vanish and come back. Short ticks, a short log and short queues bring the rare cases within its reach.
"""

import asyncio
from collections.abc import Awaitable, Iterable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from msgspec import Struct, structs
from tests.support.festival import Festival, Listener, festival_on

from ennichi.accounts import Account
from ennichi.catalog import ListingEdit, VariantEdit
from ennichi.checkout import Confirmation, Hold, NewHold
from ennichi.kit.errors import Problem
from ennichi.room import Gathering, actor, gathering, keeper, log, stream

SHORT_LINES, SHORT_LOG, SHORT_QUEUE = 8, 40, 6_000
TEXTS = st.sampled_from(["きれい", "good evening", "送料は?", "Is it hard?", "🎐" * 20, "<b>&amp;</b>", "a" * 200])
N = st.integers(0, 9)


class Show(RuleBasedStateMachine):
    """One live show and everything that can happen to it."""

    runner: ClassVar["asyncio.Runner"]
    festival: ClassVar[Festival]

    def __init__(self) -> None:
        super().__init__()
        self.listeners: list[Listener] = []
        self.holds: list[tuple[Account, Hold]] = []
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
            self.listing_ids = [await self.festival.listing(f"No. {n}", stock) for n, stock in enumerate(stocks)]
            self.show_id = await self.festival.live_show(self.listing_ids)
            for who in (self.festival.keeper, self.festival.buyers[0], None):
                listener = Listener(self.festival, self.show_id, who)
                await listener.connect()
                self.listeners.append(listener)

        self.runner.run(begin())

    @rule(who=N, text=TEXTS, question=st.booleans())
    def say(self, who: int, text: str, question: bool) -> None:
        self.run(self._say(who, text, question))

    @rule(text=TEXTS)
    def say_much(self, text: str) -> None:
        for who in range(4):
            self.run(*(self._say(who, text, False) for _ in range(4)))

    @rule(who=N, count=st.integers(1, 20))
    def like(self, who: int, count: int) -> None:
        self.run(self.festival.app.room.like(self.show_id, f"visitor {who}", count))

    @rule(listing=st.none() | N)
    def pin(self, listing: int | None) -> None:
        self.run(self._pin(listing))

    @rule(order=st.permutations([0, 1, 2]), length=st.integers(0, 3))
    def set_lineup(self, order: list[int], length: int) -> None:
        self.run(self._set_lineup(order[:length]))

    @rule(listing=N, stock=st.integers(0, 9), title=st.none() | st.just("Another title"))
    def edit_listing(self, listing: int, stock: int, title: str | None) -> None:
        self.run(self._edit(listing, stock, title))

    @rule(listing=N, archived=st.booleans())
    def archive(self, listing: int, archived: bool) -> None:
        self.run(self._archive(listing, archived))

    @rule(who=N, listing=N, quantity=st.integers(1, 4))
    def take_hold(self, who: int, listing: int, quantity: int) -> None:
        self.run(self._take(who, listing, quantity))

    @rule(which=N, confirm=st.booleans())
    def settle_hold(self, which: int, confirm: bool) -> None:
        self.run(self._conclude(which, confirm))

    @rule(which=N, state=st.sampled_from(["open", "answering", "answered", "dropped"]))
    def move_question(self, which: int, state: str) -> None:
        self.run(self._move_question(which, state))

    @rule(title=st.sampled_from(["A show", "Another show"]))
    def edit_show(self, title: str) -> None:
        self.run(self.festival.app.shows.edit(self.festival.keeper, self.show_id, changes={"title": title}))

    @rule(away=st.booleans())
    def stall_away(self, away: bool) -> None:
        self.festival.app.room.news.on_away(self.show_id, away)
        self.run()

    @rule(who=st.lists(N, min_size=2, max_size=4), listing=N, stock=st.integers(0, 9), pin=N)
    def all_at_once(self, who: list[int], listing: int, stock: int, pin: int) -> None:
        takes = [self._take(one, listing, 1) for one in who]
        questions = [self._move_question(n, "answering") for n in (0, 1)]
        self.run(*takes, self._edit(listing, stock, "In a rush"), self._pin(pin), *questions, self._say(0, "?", True))

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
        self.runner.run(self.festival.app.room.rooms.close(self.show_id))

    @rule()
    def compare(self) -> None:
        self.runner.run(self._compare())

    @rule(sure=st.integers(0, 5))
    def end_show(self, sure: int) -> None:
        if sure == 0 and not self.ended:
            self.ended = True
            self.run(self.festival.app.shows.move(self.festival.keeper, self.show_id, "ended"))

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
            await self.festival.app.shows.move(self.festival.keeper, self.show_id, "ended")
        try:
            await self._compare()
        finally:
            for listener in self.listeners:
                await listener.disconnect()

    async def _compare(self) -> None:
        for listener in self.listeners:
            await self._compare_one(listener)
        room = await self.festival.app.room.open(self.show_id)
        kept = (await self.festival.app.room.rooms._keeper.load(self.show_id)).now
        assert differences(as_kept(room.now), as_kept(kept)) == []

    async def _compare_one(self, listener: Listener) -> None:
        """Settled listener against fresh snapshot at one and the same offset; something may come in between."""
        for _ in range(20):
            await listener.settle()
            heard, position = listener.now, listener.position
            fresh, at = await self.festival.fresh(self.show_id, listener.who)
            if at == position:
                assert differences(as_told(heard), as_told(fresh)) == []
                return
        raise AssertionError("the room never comes to rest")

    def _listener(self, which: int) -> Listener:
        return self.listeners[which % len(self.listeners)]

    def _person(self, who: int) -> Account:
        people = [*self.festival.buyers, self.festival.keeper]
        return people[who % len(people)]

    async def _say(self, who: int, text: str, question: bool) -> None:
        await self.festival.app.room.say(self._person(who), self.show_id, text, question=question)

    async def _pin(self, listing: int | None) -> None:
        chosen = None if listing is None else self.listing_ids[listing % 3]
        await self.festival.app.shows.pin(self.festival.keeper, self.show_id, chosen)

    async def _set_lineup(self, order: list[int]) -> None:
        chosen = [self.listing_ids[n] for n in order]
        await self.festival.app.shows.set_lineup(self.festival.keeper, self.show_id, chosen)

    async def _edit(self, listing: int, stock: int, title: str | None) -> None:
        listing_id = self.listing_ids[listing % 3]
        now = await self.festival.app.catalog.get(listing_id)
        variants = [VariantEdit(id=v.id, name=v.name, stock=stock + n) for n, v in enumerate(now.variants)]
        edit = ListingEdit(variants=variants, title=title) if title else ListingEdit(variants=variants)
        await self.festival.app.catalog.edit(self.festival.keeper, listing_id, edit)

    async def _archive(self, listing: int, archived: bool) -> None:
        listing_id = self.listing_ids[listing % 3]
        await self.festival.app.catalog.archive(self.festival.keeper, listing_id, archived=archived)

    async def _take(self, who: int, listing: int, quantity: int) -> None:
        buyer = self.festival.buyers[who % len(self.festival.buyers)]
        found = await self.festival.app.catalog.get(self.listing_ids[listing % 3])
        variant = found.variants[who % len(found.variants)]
        wanted = NewHold(variant_id=variant.id, quantity=quantity, show_id=self.show_id)
        self.holds.append((buyer, await self.festival.app.checkout.take(buyer, wanted, self.festival.app.ids.new())))

    async def _conclude(self, which: int, confirm: bool) -> None:
        if not self.holds:
            return
        buyer, hold = self.holds.pop(which % len(self.holds))
        checkout, key = self.festival.app.checkout, self.festival.app.ids.new()
        await (checkout.confirm(buyer, hold.id, Confirmation(), key) if confirm else checkout.release(buyer, hold.id))

    async def _move_question(self, which: int, state: Any) -> None:
        room = await self.festival.app.room.open(self.show_id)
        asked = [line.id for line in room.now.lines if line.question]
        if asked:
            await self.festival.app.room.questions.move(
                self.festival.keeper, self.show_id, asked[which % len(asked)], state
            )


def as_told(now: Gathering) -> Gathering:
    """A room without the address of its picture: that is made anew for each snapshot, as `server_time` is."""
    return structs.replace(now, show=structs.replace(now.show, frame=None))


def as_kept(now: Gathering) -> Gathering:
    """A room without what is not kept: who watches, how the picture stands; and counters of the store."""
    show = structs.replace(now.show, store=None, viewers=0, sold=0, frame=None, away=False, mine=False)
    items = [structs.replace(item, listing=structs.replace(item.listing, store=None)) for item in now.lineup]
    questions = sorted(now.questions, key=lambda question: question.id)
    lines = [structs.replace(line, offset=0) for line in now.lines]
    return structs.replace(now, show=show, viewers=0, peak=0, unique=0, lineup=items, questions=questions, lines=lines)


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
        finally:
            runner.run(opened.__aexit__(None, None, None))
