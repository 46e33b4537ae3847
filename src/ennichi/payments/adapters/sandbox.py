"""A gateway that moves no money and otherwise behaves: it keeps its own books and never charges a key twice.

It takes its test cards and no other number, so that nobody's real card ends up in a demo. A number is looked at
once, when it is exchanged for a token; it is neither kept nor logged.
"""

import asyncio
import re
import unicodedata
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from ennichi.kit.clock import Clock
from ennichi.kit.db import Database
from ennichi.kit.ids import Ids
from ennichi.payments import queries
from ennichi.payments.errors import CardInvalid
from ennichi.payments.model import Approved, Brand, Declined, GatewayCard

SLOW_SECONDS = 5.0

TEST_CARDS: dict[str, tuple[Brand, str]] = {
    "4242424242424242": ("visa", "approve"),
    "4111111111111111": ("visa", "approve"),
    "5555555555554444": ("mastercard", "approve"),
    "3530111333300000": ("jcb", "approve"),
    "378282246310005": ("amex", "approve"),
    "4000000000000002": ("visa", "card_declined"),
    "4000000000009995": ("visa", "insufficient_funds"),
    "4000000000000077": ("visa", "slow"),
}
"""Number: brand, and what a charge to it does."""


class SandboxCard(Struct, kw_only=True, frozen=True):
    """What a page gets in exchange for a card number."""

    token: str
    brand: Brand
    last4: Annotated[str, Meta(pattern="^[0-9]{4}$")]


class SandboxGateway:
    """The sandbox. `sleep` is how the slow card takes its time."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._sleep = sleep

    async def issue(self, *, number: str, exp_month: int, exp_year: int, cvc: str) -> SandboxCard:
        """A token for a test card; CardInvalid names every field that does not fit."""
        digits = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", number))
        year = exp_year + 2000 if exp_year < 100 else exp_year
        self._check(digits, exp_month, year, cvc)
        brand, behaviour = TEST_CARDS[digits]
        card = SandboxCard(token=f"card_{self._ids.secret(24)}", brand=brand, last4=digits[-4:])
        async with self._db.transaction() as tx:
            await queries.SANDBOX_ADD_CARD.run(
                tx,
                token=card.token,
                brand=brand,
                last4=card.last4,
                exp_month=exp_month,
                exp_year=year,
                behaviour=behaviour,
                now=self._clock.now(),
            )
        return card

    async def card(self, ref: str) -> GatewayCard | None:
        """The card behind a token."""
        if not ref.isascii() or not ref.isprintable():
            return None
        async with self._db.read() as conn:
            return await queries.SANDBOX_DESCRIBE.first(conn, token=ref)

    async def charge(self, *, amount: int, currency: str, card_ref: str, idempotency_key: str) -> Approved | Declined:
        """See Gateway."""
        earlier = await self.find(idempotency_key)
        if earlier is not None:
            return earlier
        async with self._db.read() as conn:
            card = await queries.SANDBOX_CARD.one(conn, token=card_ref)
        if card.behaviour == "slow":
            await self._sleep(SLOW_SECONDS)
        async with self._db.transaction() as tx:
            await queries.SANDBOX_CHARGE.run(
                tx,
                key=idempotency_key,
                token=card_ref,
                amount=amount,
                currency=currency,
                reference=f"sandbox_{self._ids.new()}",
                reason=self._objection(card),
                now=self._clock.now(),
            )
        settled = await self.find(idempotency_key)
        if settled is None:
            raise RuntimeError("a charge is missing from the sandbox's books right after it was put in")
        return settled

    async def find(self, idempotency_key: str) -> Approved | Declined | None:
        """See Gateway."""
        async with self._db.read() as conn:
            row = await queries.SANDBOX_FIND.first(conn, key=idempotency_key)
        if row is None:
            return None
        return Approved(row.reference) if row.reason is None else Declined(row.reason)

    def _objection(self, card: queries.SandboxCardRow) -> str | None:
        if _past(card.exp_month, card.exp_year, self._clock.now()):
            return "expired_card"
        return card.behaviour if card.behaviour in ("card_declined", "insufficient_funds") else None

    def _check(self, digits: str, exp_month: int, exp_year: int, cvc: str) -> None:
        wrong = []
        if not re.fullmatch(r"[0-9]{12,19}", digits) or not luhn(digits):
            wrong.append(("number", "not_a_card_number"))
        elif digits not in TEST_CARDS:
            wrong.append(("number", "not_a_test_card"))
        if not 1 <= exp_month <= 12:
            wrong.append(("exp_month", "not_a_month"))
        elif not 2000 <= exp_year <= 2099:
            wrong.append(("exp_year", "not_a_year"))
        elif _past(exp_month, exp_year, self._clock.now()):
            wrong.append(("exp_year", "expired"))
        wanted = 4 if digits.startswith(("34", "37")) else 3
        if not re.fullmatch(rf"[0-9]{{{wanted}}}", cvc):
            wrong.append(("cvc", "not_a_cvc"))
        if wrong:
            raise CardInvalid(*wrong)


def luhn(digits: str) -> bool:
    """Whether the last digit fits the others (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _past(month: int, year: int, now: datetime) -> bool:
    """A card is good to the end of its month."""
    return (year, month) < (now.year, now.month)
