"""Idempotency keys: a request that is sent twice is carried out once.

A key belongs to an account. It is claimed in the transaction that carries the request out, so a request that fails
leaves none behind, and of two at the same moment one waits for the other. A key is remembered for a day.
"""

import hashlib
from datetime import timedelta

import msgspec

from ennichi.checkout import queries
from ennichi.checkout.errors import KeyReused
from ennichi.checkout.queries import KeyRow
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Transaction

REMEMBERED = timedelta(days=1)


def digest_of(use_case: str, *content: object) -> bytes:
    """What tells one request from another."""
    return hashlib.sha256(msgspec.json.encode([use_case, *content], order="sorted")).digest()


class Keys:
    """The keys of all accounts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def claim(self, tx: Transaction, account_id: str, key: str, digest: bytes) -> KeyRow | None:
        """None when the key is now this request's; else what it answered before. Raises KeyReused."""
        claimed = await queries.CLAIM_KEY.run(tx, account_id=account_id, key=key, digest=digest, now=self._clock.now())
        return None if claimed else await self.earlier(tx, account_id, key, digest)

    async def earlier(self, where: Connection, account_id: str, key: str, digest: bytes) -> KeyRow | None:
        """What this key answered before, if it was used. Raises KeyReused when that was another request."""
        row = await queries.KEY.first(where, account_id=account_id, key=key)
        if row is not None and row.digest != digest:
            raise KeyReused
        return row

    async def keep(
        self, tx: Transaction, account_id: str, key: str, *, answer: str | None = None, charge_id: str | None = None
    ) -> None:
        """Remember the answer, or the charge whose outcome is the answer."""
        await queries.KEEP_ANSWER.run(tx, account_id=account_id, key=key, answer=answer, charge_id=charge_id)

    async def forget_old(self, where: Connection) -> None:
        """Drop keys older than a day."""
        await queries.FORGET_KEYS.run(where, before=self._clock.now() - REMEMBERED)
