"""Order of the house as values: who may not speak, what was reported, and who did what."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

Reason = Literal["spam", "abuse", "fraud", "other"]
NOTE_MAX = 200
WORD_MAX = 40
SLOW_MAX = 600
WORDS_EACH = 500
"""Words a house keeps, the operator's or a store's."""
TIMEOUT = (10, 86_400)
"""Seconds for which somebody may be sent out."""


class Person(Struct, kw_only=True, frozen=True):
    """Somebody, by the name they have now."""

    id: str
    name: str


class Word(Struct, kw_only=True, frozen=True):
    """What may not be said."""

    id: str
    word: str


class PersonSince(Person, kw_only=True, frozen=True):
    """A moderator, or somebody blocked, and since when."""

    since: datetime


class PersonUntil(Person, kw_only=True, frozen=True):
    """Somebody who cannot say anything until then."""

    until: datetime


class ReportedLine(Struct, kw_only=True, frozen=True):
    """The line a report is about."""

    id: str
    at: datetime
    media_ms: int | None
    account: Person
    text: str
    removed: bool


class Report(Struct, kw_only=True, frozen=True):
    """Somebody holds that a line should not stand. Who it was is told to the operator alone."""

    id: str
    at: datetime
    reason: Reason
    note: str
    line: ReportedLine
    show_id: str
    store: Person
    about_staff: Annotated[bool, Meta(description="The store's own people said it: for the operator to settle.")]
    reporter: Annotated[Person | None, Meta(description="null unless the operator looks.")]


class House(Struct, kw_only=True, frozen=True):
    """How a store keeps its rooms, as its staff sees it: rules, words, people, and the reports that wait."""

    shield: bool
    slow_s: int
    followers_only: bool
    words: list[Word]
    moderators: list[PersonSince]
    blocked: list[PersonSince]
    timed_out: list[PersonUntil]
    reports: list[Report]


class RuleChanges(Struct, kw_only=True, frozen=True):
    """What the staff changes; what is left out stays as it is."""

    shield: bool | UnsetType = UNSET
    slow_s: (
        Annotated[int, Meta(ge=0, le=SLOW_MAX, description="Seconds between two lines of one viewer; 0: no limit.")]
        | UnsetType
    ) = UNSET
    followers_only: bool | UnsetType = UNSET


class ActLine(Struct, kw_only=True, frozen=True):
    """The line somebody's act was about."""

    id: str
    text: str


class Act(Struct, kw_only=True, frozen=True):
    """Who did what, when and to whom: a row of the audit trail, which is never changed."""

    id: str
    at: datetime
    actor: Person
    act: Annotated[str, Meta(description="Such as `line.removed`.")]
    account: Person | None
    line: ActLine | None
    show_id: str | None
    detail: dict[str, Any]
