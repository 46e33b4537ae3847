"""Whatever the gateway does, whatever is cut off and whatever comes late: the money taken is the money owed."""

import asyncio
import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.support.cashbox import CashBox, cashbox_on
from tests.support.running import fresh_database

from ennichi.kit.errors import Problem
from ennichi.payments import Charge, GatewaySilent

POINTS = [
    "before authorise",
    "after authorise",
    "before capture",
    "after capture",
    "before cancel",
    "after cancel",
    "find",
    "before refund",
    "after refund",
]
KINDS = ["good", "declined", "wants_proof", "never_proves", "konbini", "loses_its_answer", "noisy"]
SCENES = itertools.count(1)
Step = tuple[str, int, str]

which = st.integers(0, 3)
step = st.one_of(
    st.tuples(st.just("begin"), which, st.sampled_from(KINDS)),
    st.tuples(st.just("ask"), which, st.just("")),
    st.tuples(st.just("look"), which, st.just("")),
    st.tuples(st.just("give up"), which, st.just("")),
    st.tuples(st.just("page"), which, st.sampled_from(["approve", "fail", "pay", "expire"])),
    st.tuples(st.just("refund"), which, st.sampled_from(["1", "480", "1480"])),
    st.tuples(st.just("silent"), st.just(0), st.sampled_from([*POINTS, ""])),
    st.tuples(st.just("later"), st.just(0), st.sampled_from(["1", "31", "901", "4000"])),
)


class Scene:
    """Some charges, what was told of each, and how much of each is to be given back."""

    def __init__(self, till: CashBox) -> None:
        self.till = till
        self.charges: dict[int, Charge] = {}
        self.begun: list[Charge] = []
        self.owed_back: dict[str, int] = {}
        self.ids = itertools.count(1)

    async def act(self, kind: str, number: int, what: str) -> None:
        """One step; what the gateway's silence or a business fact refuses is part of the game."""
        till, charge = self.till, self.charges.get(number)
        try:
            if kind == "begin":
                self.charges[number] = await till.begin(what)
                self.begun.append(self.charges[number])
            elif kind == "silent":
                till.gateway.silent = {what} if what else set()
            elif kind == "later":
                await till.after(float(what))
            elif charge is not None:
                await self.go_on(kind, charge, what)
        except (GatewaySilent, Problem):
            pass

    async def go_on(self, kind: str, charge: Charge, what: str) -> None:
        """A step of one charge."""
        till = self.till
        if kind == "ask":
            await till.payments.settle(charge.id, await till.payments.ask(charge))
        elif kind == "look":
            await till.payments.look(charge.id)
        elif kind == "give up":
            await till.payments.give_up(charge.id)
        elif kind == "page":
            reference = (await till.now(charge)).reference
            if reference:
                await till.gateway.step(reference, what)  # type: ignore[arg-type]  # a name of a step
        else:
            await till.give_back(charge, int(what), f"refund {next(self.ids)}")
            self.owed_back[charge.id] = self.owed_back.get(charge.id, 0) + int(what)

    async def check(self) -> None:
        """When all is quiet again and every job had its turns."""
        self.till.gateway.silent = set()
        for seconds in (31, 901, 3700, 4 * 86_400, 3700, 3700, 86_400):
            await self.till.after(seconds)
        for charge in self.begun:
            now = await self.till.now(charge)
            assert now.state in ("succeeded", "declined", "void")
            taken, back = await self.till.books(charge)
            if now.state == "succeeded":
                assert (taken, back) == (charge.amount, self.owed_back.get(charge.id, 0))
            else:
                assert taken == back
            told = [one for one in self.till.settled if one.charge.id == charge.id]
            assert sum(one.charge.state in ("succeeded", "declined", "void") for one in told) == 1
            assert told[-1].charge.state == now.state
        assert all(one.state == "succeeded" for one in self.till.refunded)
        assert await self.till.count("webhooks where worked_at is null") == 0


@pytest.fixture
def place(postgres_url: str, migrated: str, tmp_path: Path) -> tuple[str, str, Path]:
    return postgres_url, migrated, tmp_path


@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],  # each try takes a database: shrinking takes too long
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(step, min_size=3, max_size=25))
def test_money_is_taken_once_or_goes_back(place: tuple[str, str, Path], steps: list[Step]) -> None:
    server, template, folder = place

    async def scene(url: str) -> None:
        async with cashbox_on(url, folder / "photos") as till:
            played = Scene(till)
            for one in steps:
                await played.act(*one)
            await played.check()

    with fresh_database(server, template, f"charges_{next(SCENES)}") as url:
        asyncio.run(scene(url))
