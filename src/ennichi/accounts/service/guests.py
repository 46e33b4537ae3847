"""Guests: buying without signing up.

A guest is an account of its own with a session, and an address that nobody has proved. That address opens nothing: not
an account that has it, nor another guest's. When it is proved by a code, in the guest's own browser, the guest becomes
a full account, unless there is one; from anywhere else the prover only takes over what was bought, never a session,
a card or a saved address.
"""

from ennichi import locale
from ennichi.accounts import queries as q
from ennichi.accounts.errors import SignedInAlready
from ennichi.accounts.events import GuestsProved
from ennichi.accounts.model import Account, Bounds, Session, email_address, person_name
from ennichi.accounts.service.sessions import Sessions
from ennichi.kit.clock import Clock
from ennichi.kit.db import Database, Transaction
from ennichi.kit.ids import Ids
from ennichi.kit.limits import Limits


class Guests:
    """Lets guests in, and makes more of them when their address is proved."""

    def __init__(
        self, db: Database, clock: Clock, ids: Ids, limits: Limits, *, sessions: Sessions, bounds: Bounds
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._limits = limits
        self._sessions = sessions
        self._bounds = bounds

    async def enter(
        self, email: str, name: str | None, *, source: str, user_agent: str, lang: str, visitor: Account | None = None
    ) -> Session:
        """A session of a guest whose mail goes to `email`; nothing is sent there now.

        `visitor` is who is there already: a guest stays the same one, with its address corrected. Raises
        SignedInAlready, Invalid, TooFast (per network address, and per e-mail address).
        """
        if visitor is not None and not visitor.guest:
            raise SignedInAlready
        contact = email_address(email)
        called = person_name(name) if name is not None else None
        self._limits.take(f"accounts.guests_from:{source}", *self._bounds.guests_per_source)
        self._limits.take(f"accounts.guests_of:{contact}", *self._bounds.guests_per_email)
        called = called or locale.text(lang, "account.guest_name", number=self._ids.digits(4))
        async with self._db.transaction() as tx:
            guest = await q.PUT_GUEST.one(
                tx,
                id=visitor.id if visitor else self._ids.new(),
                name=called,
                contact=contact,
                now=self._clock.now(),
            )
            session = await self._sessions.open(tx, guest, user_agent)
        if visitor:
            self._sessions.forget()
        return session

    async def grow(self, tx: Transaction, guest: Account, email: str, name: str | None) -> Account:
        """The guest, in whose browser `email` was just proved and which no account has, as a full account.

        Its earlier sessions end: whoever else had one has not proved anything.
        """
        founder = await q.CLAIM_INSTALLATION.run(tx, account_id=guest.id) == 1
        grown = await q.GROW_GUEST.one(tx, id=guest.id, email=email, name=name, operator=founder)
        await q.DELETE_SESSIONS_OF.run(tx, account_id=guest.id)
        return grown

    async def take_over(self, tx: Transaction, account_id: str, email: str) -> None:
        """Record that what guests bought under the proved `email` is this account's."""
        guests = await q.GUESTS_OF.all(tx, contact=email)
        if guests:
            tx.record(GuestsProved(account_id, guests))
