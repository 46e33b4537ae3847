"""The book of accounts: who there is, and how somebody new gets in."""

from ennichi.accounts import queries as q
from ennichi.accounts.model import Account, Bounds
from ennichi.kit.clock import Clock
from ennichi.kit.db import Transaction
from ennichi.kit.limits import Limits


class Registry:
    """Opens accounts. The first to sign up on a new installation becomes its operator, and nobody after that."""

    def __init__(self, clock: Clock, limits: Limits, bounds: Bounds) -> None:
        self._clock = clock
        self._limits = limits
        self._bounds = bounds

    async def sign_up(self, tx: Transaction, account_id: str, name: str, email: str | None, source: str) -> Account:
        """A new account for somebody at the network address `source`.

        With an `email` the caller has made sure (by holding its code's row) that nobody else signs up with it now.
        """
        self._limits.take(f"accounts.sign_up:{source}", *self._bounds.sign_ups_per_source)
        founder = await q.CLAIM_INSTALLATION.run(tx, account_id=account_id) == 1
        return await self.enter(tx, account_id, name, email, operator=founder)

    async def enter(self, tx: Transaction, account_id: str, name: str, email: str | None, *, operator: bool) -> Account:
        """Write an account into the book; with an `email` that is there already, the account that has it."""
        added = await q.INSERT_ACCOUNT.run(
            tx, id=account_id, name=name, email=email, operator=operator, now=self._clock.now()
        )
        if added or email is None:
            return await q.ACCOUNT.one(tx, id=account_id)
        return await q.ACCOUNT_BY_EMAIL.one(tx, email=email)
