"""Gateways as houses that the contract of all gateways can be tried on: each with its cards and what buyers do there.

A further adapter is one more `House` in HOUSES, opened on a fresh database.
"""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.support.people import People, people_on
from tests.support.stripe_world import stripe_world

from ennichi.kit.clock import FixedClock
from ennichi.kit.ids import RandomIds
from ennichi.payments import Gateway, GatewayCard, SandboxGateway
from ennichi.payments.adapters.sandbox import Message

NUMBERS = {
    "good": "4242424242424242",
    "declined": "4000000000000002",
    "broke": "4000000000009995",
    "wants_proof": "4000002760003184",
    "never_proves": "4000000000003220",
    "breaks": "4000000000000119",
    "slow": "4000000000000077",
    "loses_its_answer": "4000000000000341",
    "noisy": "4000000000000259",
}


class House(Protocol):
    """A gateway, and how its buyers behave."""

    clock: FixedClock
    account_id: str
    destination: str | None
    """A store's own account there, where stores have one."""

    @property
    def gateway(self) -> Gateway:
        """The gateway under test."""
        ...

    async def card(self, kind: str) -> GatewayCard:
        """A card of the kinds of NUMBERS, as the page would have it from the gateway."""
        ...

    async def act(self, reference: str, step: str) -> None:
        """The buyer approves or fails the 3-D Secure step, pays at the counter or lets the time run out (expire)."""
        ...

    async def message(self, charge_id: str, event_id: str) -> tuple[bytes, Mapping[str, str]]:
        """A message of the house about a charge, signed now."""
        ...


@dataclass
class SandboxHouse:
    """The sandbox."""

    gateway: SandboxGateway
    clock: FixedClock
    account_id: str
    destination: str | None = None

    async def card(self, kind: str) -> GatewayCard:
        """See House."""
        issued = await self.gateway.issue(number=NUMBERS[kind], exp_month=12, exp_year=2030, cvc="123")
        card = await self.gateway.card(issued.token)
        assert card
        return card

    async def act(self, reference: str, step: str) -> None:
        """See House."""
        await self.gateway.step(reference, step)  # type: ignore[arg-type]  # a name of a step

    async def message(self, charge_id: str, event_id: str) -> tuple[bytes, Mapping[str, str]]:
        """See House."""
        said = Message(id=event_id, type="payment.captured", created=self.clock.now(), charge_id=charge_id)
        return await self.gateway.sign(said)


async def no_time(_: float) -> None:
    """A sleep that takes none."""


def sandbox_of(people: People) -> SandboxGateway:
    """A sandbox whose slow card takes no time."""
    return SandboxGateway(people.db, people.clock, RandomIds(people.clock), sleep=no_time)


@contextlib.asynccontextmanager
async def sandbox_house(db_url: str, folder: Path) -> AsyncIterator[House]:
    """The sandbox on a fresh database."""
    async with people_on(db_url, folder) as people:
        yield SandboxHouse(sandbox_of(people), people.clock, (await people.person("Mio")).id)


HOUSES: dict[str, Callable[[str, Path], AbstractAsyncContextManager[House]]] = {
    "sandbox": sandbox_house,
    "stripe": stripe_world,
}
