"""The use cases of accounts, one kind a file; `AccountService` is what the composition root builds."""

from collections.abc import Iterable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import structs

from ennichi.accounts import queries as q
from ennichi.accounts.model import Account, Address, Bounds, Session, checked, email_address, person_name
from ennichi.accounts.ports import Mailer
from ennichi.accounts.service.codes import EmailCodes
from ennichi.accounts.service.guests import Guests
from ennichi.accounts.service.registry import Registry
from ennichi.accounts.service.sessions import Sessions
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database, Later, Transaction, array
from ennichi.kit.ids import Ids
from ennichi.kit.limits import Limits

if TYPE_CHECKING:
    from ennichi.accounts.service.passkeys import Passkeys


SPOKEN_MOST = 20_000


_addresses = msgspec.json.Decoder(dict[str, Address])


class AccountService:
    """Who is who: sign-up and sign-in by `passkeys` and `codes`, `guests`, sessions, names and addresses."""

    def __init__(
        self, db: Database, clock: Clock, ids: Ids, limits: Limits, mailer: Mailer, *, bounds: Bounds | None = None
    ) -> None:
        bounds = bounds or Bounds()
        self._db = db
        self._ids = ids
        self._spoken: dict[str, str] = {}
        self._sessions = Sessions(db, clock, ids)
        self._registry = Registry(clock, limits, bounds)
        self.guests = Guests(db, clock, ids, limits, sessions=self._sessions, bounds=bounds)
        self.codes = EmailCodes(
            db,
            clock,
            ids,
            limits,
            mailer=mailer,
            sessions=self._sessions,
            registry=self._registry,
            guests=self.guests,
            bounds=bounds,
        )
        self._passkeys_of = partial(
            _passkeys, db, clock, ids, limits, sessions=self._sessions, registry=self._registry, bounds=bounds
        )

    @cached_property
    def passkeys(self) -> "Passkeys":
        """Sign-up and sign-in with a passkey."""
        return self._passkeys_of()

    async def authenticate(self, token: str) -> Account | None:
        """Whose token it is; None when it is nobody's (any more)."""
        return await self._sessions.authenticate(token)

    async def sign_out(self, token: str) -> None:
        """End the session of `token`; it stops working at once."""
        await self._sessions.sign_out(token)

    async def get(self, where: Connection, account_id: str) -> Account:
        """The account; NotFound when there is none."""
        return await q.ACCOUNT.one(where, id=account_id)

    async def load(self, where: Connection, account_ids: Iterable[str]) -> dict[str, Account]:
        """Those of the accounts that exist, by id, in one statement."""
        found = await q.ACCOUNTS.all(where, ids=list(set(account_ids)))
        return {account.id: account for account in found}

    async def speaks(self, account: Account, lang: str) -> None:
        """Remember the language somebody uses: mail to them is written in it."""
        if self._spoken.get(account.id) == lang:
            return
        async with self._db.read() as conn:
            await q.SPEAK.run(conn, account_id=account.id, lang=lang)
        if len(self._spoken) >= SPOKEN_MOST:
            self._spoken.clear()
        self._spoken[account.id] = lang

    async def languages(self, where: Connection, account_ids: Iterable[str]) -> dict[str, str]:
        """The languages those of the accounts last used that ever did, by id."""
        return {one.account_id: one.lang for one in await q.LANGUAGES.all(where, ids=list(set(account_ids)))}

    async def somebody_is_here(self) -> bool:
        """Whether this installation has any account yet."""
        async with self._db.read() as conn:
            return await q.ANYBODY.one(conn)

    async def change(self, actor: Account, *, name: str | None = None, announced: bool | None = None) -> Account:
        """Change what others see, as far as it is given; Invalid when nothing visible is left of the name."""
        called = None if name is None else person_name(name)
        async with self._db.transaction() as tx:
            account = await q.CHANGE.one(tx, id=actor.id, name=called, announced=announced)
        self._sessions.forget()
        return account

    async def address(self, where: Connection, account_id: str) -> Address | None:
        """Where this account's parcels went last, or None."""
        return await q.ADDRESS.first(where, account_id=account_id)

    async def addresses(self, where: Connection, account_ids: Iterable[str]) -> dict[str, Address]:
        """The same for many, by account, in one statement."""
        return await (await self.addresses_later(where, account_ids))

    async def addresses_later(self, where: Connection, account_ids: Iterable[str]) -> Later[dict[str, Address]]:
        """The same, sent `together` with other statements."""
        return await q.ADDRESSES.later(where, lambda rows: _addresses.decode(rows[0]), account_ids=array(account_ids))

    async def keep_address(self, tx: Transaction, account_id: str, address: Address) -> Address:
        """Keep an address as part of a larger use case; returns it as kept. Invalid names what does not fit."""
        kept = checked(address)
        await q.PUT_ADDRESS.run(tx, account_id=account_id, **structs.asdict(kept))
        return kept

    async def put_address(self, actor: Account, address: Address) -> Address:
        """Keep the actor's address; returns it as kept. Invalid names what does not fit."""
        async with self._db.transaction() as tx:
            return await self.keep_address(tx, actor.id, address)

    async def create_ready_made(self, name: str, email: str, *, user_agent: str = "ready-made") -> Session:
        """An account without a ceremony, signed in: for a demo's people and robots. Who is there already stays.

        It never becomes the operator: that is for the first person.
        """
        address = email_address(email)
        async with self._db.transaction() as tx:
            account = await self._registry.enter(tx, self._ids.new(), person_name(name), address, operator=False)
            return await self._sessions.open(tx, account, user_agent)

    async def enter_ready_made(self, email: str, *, user_agent: str) -> Session:
        """Sign in as a ready-made person; NotFound when there is none. The caller makes sure that this is a demo."""
        async with self._db.transaction() as tx:
            account = await q.ACCOUNT_BY_EMAIL.one(tx, email=email)
            return await self._sessions.open(tx, account, user_agent)


def _passkeys(*parts: Any, **more: Any) -> "Passkeys":
    # Loading the library takes a fifth of the whole start, so it waits for the first passkey.
    from ennichi.accounts.service.passkeys import Passkeys  # noqa: PLC0415 (see above)

    return Passkeys(*parts, **more)
