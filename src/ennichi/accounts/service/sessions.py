"""Sessions: an opaque token with the browser, its SHA-256 with us, thirty days from the last use.

Whose token it is is remembered for a few seconds, as somebody who likes a show asks several times a second. What is
changed or ended here is forgotten at once; what another process ends holds here after `REMEMBERED`, or twice that.
"""

import hashlib
from datetime import timedelta

from ennichi.accounts import queries as q
from ennichi.accounts.model import SESSION_LIFE, Account, Session
from ennichi.kit.batching import Batcher
from ennichi.kit.clock import Clock
from ennichi.kit.db import Database, Transaction, texts
from ennichi.kit.ids import Ids
from ennichi.kit.remembered import Remembered
from ennichi.kit.text import clean

PROLONG_AFTER = timedelta(days=1)
LONGEST_TOKEN = 200
REMEMBERED = timedelta(seconds=5)


class Sessions:
    """Opens, recognises and ends sessions."""

    def __init__(self, db: Database, clock: Clock, ids: Ids) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._recent = Remembered[bytes, Account | None](clock, REMEMBERED)
        self._batcher = Batcher[bytes, Account | None](self._look_up, name="sessions")

    async def open(self, tx: Transaction, account: Account, user_agent: str) -> Session:
        """A new session for `account`; the token is in no other place than this answer."""
        now = self._clock.now()
        token = self._ids.secret()
        await q.SWEEP_SESSIONS.run(tx, now=now)
        await q.INSERT_SESSION.run(
            tx,
            digest=_digest(token),
            account_id=account.id,
            user_agent=clean(user_agent)[:120],
            now=now,
            expires_at=now + SESSION_LIFE,
        )
        return Session(account=account, token=token)

    async def authenticate(self, token: str) -> Account | None:
        """Whose token it is; None when it is nobody's, has run out, or was signed out.

        Use prolongs the session, at most once a day.
        """
        if not token or len(token) > LONGEST_TOKEN:
            return None
        digest = _digest(token)
        return await self._recent.get(digest, lambda: self._batcher.do(digest))

    def forget(self) -> None:
        """Look everybody up anew: an account is not what it was."""
        self._recent.forget_all()

    async def sign_out(self, token: str) -> None:
        """End the session of `token`, if there is one."""
        async with self._db.transaction() as tx:
            await q.DELETE_SESSION.run(tx, digest=_digest(token))
        self._recent.forget(_digest(token))

    async def _look_up(self, digests: list[bytes]) -> list[Account | None]:
        """Whose they are, for everybody who asks in the same moment at once."""
        now = self._clock.now()
        async with self._db.read() as conn:
            rows = await q.SESSIONS.all(conn, digests=_bytes(digests), now=now)
            ageing = [row.digest for row in rows if row.expires_at - now < SESSION_LIFE - PROLONG_AFTER]
            if ageing:
                await q.PROLONG_SESSIONS.run(conn, digests=_bytes(ageing), expires_at=now + SESSION_LIFE)
        known = {row.digest: row for row in rows}
        return [_account(known[digest]) if digest in known else None for digest in digests]


def _account(row: q.SessionRow) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        email=row.email,
        operator=row.operator,
        announced=row.announced,
        created_at=row.created_at,
        guest=row.guest,
        contact=row.contact,
    )


def _bytes(digests: list[bytes]) -> str:
    """Bytes as the text of an array."""
    return texts("\\x" + digest.hex() for digest in digests)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
