"""Idempotency keys: a request that is sent twice is carried out once.

A key belongs to an account. It is claimed in the transaction that carries the request out, so a request that fails
leaves none behind, and of two at the same moment one waits for the other. A key is remembered for a day. (Keys of holds
are remembered with the log of who came when.)
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from ennichi.checkout import queries
from ennichi.checkout.errors import KeyReused
from ennichi.checkout.queries import KeyRow
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Transaction

REMEMBERED = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A request that came with a key, to begin a purchase."""

    account_id: str
    key: str
    digest: bytes
    purchase_id: str


def digest_of(use_case: str, *content: object) -> bytes:
    """What tells one request from another."""
    return hashlib.sha256(msgspec.json.encode([use_case, *content], order="sorted")).digest()


class Keys:
    """The keys of purchases."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def claim(self, tx: Transaction, claims: Sequence[Claim]) -> set[str]:
        """The purchases of those whose key is now theirs; the keys of the others belong to earlier ones."""
        claimed = await queries.CLAIM_KEYS.all(
            tx,
            account_ids=[one.account_id for one in claims],
            keys=[one.key for one in claims],
            digests=[one.digest for one in claims],
            purchase_ids=[one.purchase_id for one in claims],
            now=self._clock.now(),
        )
        return set(claimed)

    async def earlier(self, where: Connection, account_id: str, key: str, digest: bytes) -> KeyRow | None:
        """What this key began before, if it was used. Raises KeyReused when that was another request."""
        row = await queries.KEY.first(where, account_id=account_id, key=key)
        if row is not None and row.digest != digest:
            raise KeyReused
        return row

    async def free(self, tx: Transaction, purchase_ids: Sequence[str]) -> None:
        """Forget the keys of purchases that never were, so that the same requests may come again."""
        await queries.FREE_KEYS.run(tx, purchase_ids=list(purchase_ids))

    async def forget_old(self, where: Connection) -> None:
        """Drop keys older than a day."""
        await queries.FORGET_KEYS.run(where, before=self._clock.now() - REMEMBERED)
