"""Brings a database to the newest schema: plain SQL files, in the order of their names, each once.

One process at a time (an advisory lock); every file in its own transaction together with the note that it ran.
"""

import hashlib
from importlib import resources
from importlib.resources.abc import Traversable

from psycopg import AsyncConnection

LOCK = 0x656E6E69  # any fixed number; this one spells "enni"


class ChangedMigration(RuntimeError):
    """A migration that already ran here reads differently now."""


def migrations() -> list[Traversable]:
    """The migration files, in the order in which they run."""
    files = resources.files("ennichi") / "migrations"
    return sorted((f for f in files.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)


async def migrate(conninfo: str) -> list[str]:
    """Run what has not run yet; returns the names of the files that did."""
    ran: list[str] = []
    async with await AsyncConnection.connect(conninfo, autocommit=True) as conn:
        await conn.execute("select pg_advisory_lock(%s)", (LOCK,))
        await conn.execute(
            "create table if not exists migrations ("
            " name text primary key, digest text not null, ran_at timestamptz not null default now())"
        )
        done: dict[str, str] = dict(await (await conn.execute("select name, digest from migrations")).fetchall())
        for file in migrations():
            sql = file.read_bytes()
            digest = hashlib.sha256(sql).hexdigest()
            if file.name in done:
                if done[file.name] != digest:
                    raise ChangedMigration(f"{file.name} was changed after it ran here")
                continue
            async with conn.transaction():
                await conn.execute(sql)
                await conn.execute("insert into migrations (name, digest) values (%s, %s)", (file.name, digest))
            ran.append(file.name)
    return ran
