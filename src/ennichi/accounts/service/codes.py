"""Signing in (or up) with a code sent by e-mail.

Asking answers the same whether or not somebody has the address, and a mail goes out either way. The newest code for
an address is the only one that works: once, for ten minutes, with five tries.
"""

import hashlib
import hmac
from datetime import datetime

from ennichi import locale
from ennichi.accounts import queries as q
from ennichi.accounts.errors import CodeExpired, CodeWrong
from ennichi.accounts.model import CODE_LIFE, CODE_TRIES, Account, Bounds, Session, email_address, person_name
from ennichi.accounts.ports import Mail, Mailer
from ennichi.accounts.service.guests import Guests
from ennichi.accounts.service.registry import Registry
from ennichi.accounts.service.sessions import Sessions
from ennichi.kit.clock import Clock
from ennichi.kit.db import Database, Transaction
from ennichi.kit.ids import Ids
from ennichi.kit.limits import Limits


class EmailCodes:
    """Sends codes and takes them back."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        limits: Limits,
        *,
        mailer: Mailer,
        sessions: Sessions,
        registry: Registry,
        guests: Guests,
        bounds: Bounds,
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._limits = limits
        self._mailer = mailer
        self._sessions = sessions
        self._registry = registry
        self._guests = guests
        self._bounds = bounds

    async def send(self, email: str, *, source: str, lang: str) -> datetime:
        """Send a fresh code, in `lang`, for somebody at the network address `source`; returns until when it works.

        Raises Invalid (not an e-mail address), TooFast, MailUnavailable.
        """
        address = email_address(email)
        self._limits.take(f"accounts.codes_from:{source}", *self._bounds.codes_per_source)
        self._limits.take(f"accounts.codes_to_daily:{address}", *self._bounds.codes_per_email_daily)
        self._limits.take(f"accounts.codes_to:{address}", *self._bounds.codes_per_email)
        now = self._clock.now()
        expires_at = now + CODE_LIFE
        code, salt = self._ids.digits(6), self._ids.secret(16)
        async with self._db.transaction() as tx:
            await q.SWEEP_CODES.run(tx, now=now)
            await q.PUT_CODE.run(
                tx,
                email=address,
                salt=salt,
                digest=_digest(salt, code),
                tries_left=CODE_TRIES,
                expires_at=expires_at,
            )
        minutes = int(CODE_LIFE.total_seconds() // 60)
        await self._mailer.send(
            Mail(
                to=address,
                subject=locale.text(lang, "mail.code_subject", code=code),
                text=locale.text(lang, "mail.code_text", code=code, minutes=minutes),
                at=now,
            )
        )
        return expires_at

    async def verify(
        self,
        email: str,
        code: str,
        name: str | None,
        *,
        source: str,
        user_agent: str,
        lang: str,
        visitor: Account | None = None,
    ) -> Session:
        """Sign in with a code; who has no account yet gets one, called `name`.

        `visitor` is who was signed in in the same browser: a guest of this address becomes the account. What other
        guests bought under the address is handed over (`GuestsProved`).

        Raises Invalid, TooFast, CodeWrong, CodeExpired.
        """
        address = email_address(email)
        wanted = person_name(name) if name is not None else None
        self._limits.take(f"accounts.tries_from:{source}", *self._bounds.tries_per_source)
        session: Session | None = None
        async with self._db.transaction() as tx:
            wrong = await self._spend(tx, address, "".join(code.split()))
            if wrong is None:
                account = await self._known(tx, address, wanted, visitor)
                if account is None:
                    called = wanted or locale.text(lang, "account.name", number=self._ids.digits(4))
                    account = await self._registry.sign_up(tx, self._ids.new(), called, address, source)
                await self._guests.take_over(tx, account.id, address)
                session = await self._sessions.open(tx, account, user_agent)
        if session is None:
            # Raised out here: the try that was spent has to stay spent.
            raise wrong or CodeExpired
        if visitor and visitor.guest:
            self._sessions.forget()
        return session

    async def _spend(self, tx: Transaction, email: str, code: str) -> CodeWrong | CodeExpired | None:
        """Use the code up, or a try of it; the row stays locked until the end of the transaction."""
        row = await q.CODE_FOR_UPDATE.first(tx, email=email)
        if row is None or row.expires_at <= self._clock.now() or row.tries_left <= 0:
            return CodeExpired()
        if hmac.compare_digest(row.digest, _digest(row.salt, code)):
            await q.DELETE_CODE.run(tx, email=email)
            return None
        await q.SPEND_TRY.run(tx, email=email)
        return CodeWrong(tries_left=row.tries_left - 1)

    async def _known(self, tx: Transaction, email: str, name: str | None, visitor: Account | None) -> Account | None:
        """The account that has the address; else the guest who is here under it, grown into one."""
        known = await q.ACCOUNT_BY_EMAIL.first(tx, email=email)
        if known is None and visitor and visitor.guest and visitor.contact == email:
            return await self._guests.grow(tx, visitor, email, name)
        return known


def _digest(salt: str, code: str) -> bytes:
    return hashlib.sha256(f"{salt}:{code}".encode("utf-8", "surrogatepass")).digest()
