"""All SQL of the doctor: one statement for each thing that must always be true, which finds the rows that break it."""

from msgspec import Struct

from ennichi.kit.db import Query


class Violation(Struct, frozen=True, kw_only=True):
    """A row that breaks a rule: its id, and what is wrong with it."""

    subject: str
    detail: str
