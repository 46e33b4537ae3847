"""The sandbox's test cards. It takes no other number, so that nobody's real card ends up in a demo.

A number is looked at once, when it is exchanged for a token; it is neither kept nor logged.
"""

import re
import unicodedata
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ennichi.kit.clock import Clock
from ennichi.kit.db import Database
from ennichi.kit.ids import Ids
from ennichi.payments.adapters.sandbox import queries
from ennichi.payments.errors import CardInvalid
from ennichi.payments.model import Brand

Behaviour = Literal[
    "approve",
    "card_declined",
    "insufficient_funds",
    "processing_error",
    "slow",
    "three_d_secure",
    "three_d_secure_fails",
    "lost_answer",
    "noisy",
]

TEST_CARDS: dict[str, tuple[Brand, Behaviour]] = {
    "4242424242424242": ("visa", "approve"),
    "4111111111111111": ("visa", "approve"),
    "5555555555554444": ("mastercard", "approve"),
    "3530111333300000": ("jcb", "approve"),
    "378282246310005": ("amex", "approve"),
    "4000000000000002": ("visa", "card_declined"),
    "4000000000009995": ("visa", "insufficient_funds"),
    "4000000000000119": ("visa", "processing_error"),
    "4000000000000077": ("visa", "slow"),
    "4000002760003184": ("visa", "three_d_secure"),
    "4000000000003220": ("visa", "three_d_secure_fails"),
    "4000000000000341": ("visa", "lost_answer"),
    "4000000000000259": ("visa", "noisy"),
}
"""Number: brand, and what a charge to it does."""


class SandboxCard(Struct, kw_only=True, frozen=True):
    """What a page gets in exchange for a card number."""

    token: str
    brand: Brand
    last4: Annotated[str, Meta(pattern="^[0-9]{4}$")]


class CardCounter:
    """Where a card's number becomes a token."""

    def __init__(self, db: Database, clock: Clock, ids: Ids) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids

    async def issue(self, *, number: str, exp_month: int, exp_year: int, cvc: str) -> SandboxCard:
        """A token for a test card; CardInvalid names every field that does not fit."""
        digits = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", number))
        year = exp_year + 2000 if exp_year < 100 else exp_year
        _check(digits, exp_month, year, cvc, self._clock.now())
        brand, behaviour = TEST_CARDS[digits]
        card = SandboxCard(token=f"card_{self._ids.secret(24)}", brand=brand, last4=digits[-4:])
        async with self._db.transaction() as tx:
            await queries.ADD_CARD.run(
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


def luhn(digits: str) -> bool:
    """Whether the last digit fits the others (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def past(month: int, year: int, now: datetime) -> bool:
    """A card is good to the end of its month."""
    return (year, month) < (now.year, now.month)


def _check(digits: str, exp_month: int, exp_year: int, cvc: str, now: datetime) -> None:
    wrong = []
    if not re.fullmatch(r"[0-9]{12,19}", digits) or not luhn(digits):
        wrong.append(("number", "not_a_card_number"))
    elif digits not in TEST_CARDS:
        wrong.append(("number", "not_a_test_card"))
    if not 1 <= exp_month <= 12:
        wrong.append(("exp_month", "not_a_month"))
    elif not 2000 <= exp_year <= 2099:
        wrong.append(("exp_year", "not_a_year"))
    elif past(exp_month, exp_year, now):
        wrong.append(("exp_year", "expired"))
    wanted = 4 if digits.startswith(("34", "37")) else 3
    if not re.fullmatch(rf"[0-9]{{{wanted}}}", cvc):
        wrong.append(("cvc", "not_a_cvc"))
    if wrong:
        raise CardInvalid(*wrong)
