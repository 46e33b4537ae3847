"""Stripe as a house that the contract of all gateways is tried on."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.people import people_on
from tests.support.stripe_house import BREAKS, BROKE, DECLINED, KEY, OK_CARD, SECRET, THREE_D, StripeHouse, stripe_house

from ennichi.kit.clock import FixedClock
from ennichi.payments import Gateway, GatewayCard, StripeKeys, stripe_gateway

CARDS = {"good": OK_CARD, "declined": DECLINED, "broke": BROKE, "breaks": BREAKS, "wants_proof": THREE_D}
KEYS = StripeKeys(secret=KEY, publishable="pk_test_house", webhook=SECRET)


@dataclass
class StripeWorld:
    """The adapter, and the house behind it."""

    gateway: Gateway
    clock: FixedClock
    account_id: str
    house: StripeHouse
    destination: str | None = "acct_house"

    async def card(self, kind: str) -> GatewayCard:
        """See houses.House."""
        card = await self.gateway.card(CARDS[kind])
        assert card
        return card

    async def act(self, reference: str, step: str) -> None:
        """See houses.House."""
        match step:
            case "approve" | "fail":
                self.house.authenticate(reference, passed=step == "approve")
            case "pay":
                self.house.pay_at_counter(reference)
            case _:
                self.house.let_expire(reference)

    async def message(self, charge_id: str, event_id: str) -> tuple[bytes, Mapping[str, str]]:
        """See houses.House."""
        about = {"id": "pi_1", "object": "payment_intent", "metadata": {"charge_id": charge_id}}
        return self.house.message(event_id, "payment_intent.succeeded", about)


@contextlib.asynccontextmanager
async def stripe_world(db_url: str, folder: Path) -> AsyncIterator[StripeWorld]:
    """Stripe on a fresh database."""
    async with people_on(db_url, folder) as people, stripe_house(people.clock) as (house, address):
        gateway = stripe_gateway(people.db, people.clock, KEYS, api_base=address)
        try:
            yield StripeWorld(gateway, people.clock, (await people.person("Mio")).id, house)
        finally:
            await gateway.close()
