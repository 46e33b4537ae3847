"""Who may speak and who hears it, and what is the operator's alone, as rules without memory of their own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from ennichi.accounts import Account
from ennichi.kit.errors import Forbidden
from ennichi.moderation.errors import SlowMode, TimedOut, WordRefused
from ennichi.room import HeardBy, HouseRules


class Finder(Protocol):
    """Finds words however they are written."""

    def found(self, text: str) -> str | None:
        """The word that is in the text, or None."""
        ...


class Haggling(Protocol):
    """Recognises asking for a lower price."""

    def haggles(self, text: str) -> str | None:
        """The rule that recognised it, or None."""
        ...


class Standing(Struct, kw_only=True, frozen=True):
    """All that decides who may speak in a store's rooms, as it was read at one moment."""

    rules: HouseRules
    words: Finder
    blocked: frozenset[str]
    timed_out: Mapping[str, datetime]


def must_not_be_timed_out(standing: Standing, account_id: str, now: datetime) -> None:
    """Raise TimedOut while somebody is sent out."""
    until = standing.timed_out.get(account_id)
    if until is not None and until > now:
        raise TimedOut(until)


def must_wait_its_turn(slow_s: int, last: datetime | None, now: datetime) -> None:
    """Raise SlowMode when the person's last line is not `slow_s` seconds old."""
    if slow_s and last is not None:
        left = slow_s - (now - last).total_seconds()
        if left > 0:
            raise SlowMode(left, slow_s)


def must_hold_no_refused_word(text: str, *lists: Finder) -> None:
    """Raise WordRefused when one of the lists finds one of its words."""
    if any(words.found(text) for words in lists):
        raise WordRefused


def must_be_operator(actor: Account) -> None:
    """Raise Forbidden unless the actor is the operator."""
    if not actor.operator:
        raise Forbidden


def heard_by(standing: Standing, account_id: str, text: str, shield: Haggling) -> HeardBy:
    """Who hears a line that may be said. What the blocked say goes no further, not even to the staff."""
    if account_id in standing.blocked:
        return "author"
    if standing.rules.shield and shield.haggles(text):
        return "staff"
    return "all"
