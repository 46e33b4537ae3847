"""Looks at the whole database and says what should not be."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from ennichi.doctor import queries
from ennichi.doctor.queries import Violation
from ennichi.kit.db import Database, Query

INVARIANTS: Mapping[str, Query[Violation]] = {}
"""By name, in the order they are looked at."""


class Finding(Struct, frozen=True, kw_only=True):
    """One row that breaks one invariant."""

    invariant: str
    subject: str
    detail: str


async def examine(db: Database, now: datetime) -> list[Finding]:
    """Everything that breaks an invariant. Reads only; each invariant sees what is committed when it is looked at."""
    found: list[Finding] = []
    async with db.read() as conn:
        for name, query in INVARIANTS.items():
            rows = await query.all(conn, now=now)
            found += [Finding(invariant=name, subject=row.subject, detail=row.detail) for row in rows]
    return found
