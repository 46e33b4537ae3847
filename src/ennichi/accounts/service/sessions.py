"""Sessions: an opaque token with the browser, its SHA-256 with us, thirty days from the last use.

Whose token it is is remembered for a few seconds, as somebody who likes a show asks several times a second. What is
changed or ended here is forgotten at once; what another process ends holds here after `REMEMBERED`.
"""

import hashlib
from datetime import datetime, timedelta

from ennichi.accounts import queries as q
from ennichi.accounts.model import SESSION_LIFE, Account, Session
from ennichi.kit.clock import Clock
from ennichi.kit.db import Database, Transaction
from ennichi.kit.ids import Ids
from ennichi.kit.text import clean

PROLONG_AFTER = timedelta(days=1)
LONGEST_TOKEN = 200
REMEMBERED = timedelta(seconds=5)
MOST_REMEMBERED = 20_000


class Sessions:
    """Opens, recognises and ends sessions."""

    def __init__(self, db: Database, clock: Clock, ids: Ids) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._recent: dict[bytes, tuple[Account, datetime]] = {}
        self._forgotten = 0

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
        now = self._clock.now()
        known = self._recent.get(digest)
        if known and now < known[1]:
            return known[0]
        forgotten = self._forgotten
        account, ends = await self._look_up(digest, now)
        # Something may have been ended while this was read.
        if account and ends and forgotten == self._forgotten:
            if len(self._recent) >= MOST_REMEMBERED:
                self._recent.clear()
            self._recent[digest] = account, min(ends, now + REMEMBERED)
        return account

    def forget(self) -> None:
        """Look everybody up anew: an account or a session is not what it was."""
        self._forgotten += 1
        self._recent.clear()

    async def sign_out(self, token: str) -> None:
        """End the session of `token`, if there is one."""
        async with self._db.transaction() as tx:
            await q.DELETE_SESSION.run(tx, digest=_digest(token))
        self.forget()

    async def _look_up(self, digest: bytes, now: datetime) -> tuple[Account, datetime] | tuple[None, None]:
        async with self._db.read() as conn:
            row = await q.SESSION.first(conn, digest=digest, now=now)
            if row is None:
                return None, None
            if row.expires_at - now < SESSION_LIFE - PROLONG_AFTER:
                await q.PROLONG_SESSION.run(conn, digest=digest, expires_at=now + SESSION_LIFE)
        account = Account(
            id=row.id,
            name=row.name,
            email=row.email,
            operator=row.operator,
            announced=row.announced,
            created_at=row.created_at,
        )
        return account, row.expires_at


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
