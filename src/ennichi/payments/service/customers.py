"""Under which name a gateway knows an account."""

from ennichi.kit.db import Database
from ennichi.payments import queries


class CustomerBook:
    """See ports.Customers."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def of(self, gateway: str, account_id: str) -> str | None:
        """See Customers."""
        async with self._db.read() as conn:
            return await queries.CUSTOMER.first(conn, gateway=gateway, account_id=account_id)

    async def keep(self, gateway: str, account_id: str, customer: str) -> str:
        """See Customers."""
        async with self._db.transaction() as tx:
            await queries.KEEP_CUSTOMER.run(tx, gateway=gateway, account_id=account_id, customer=customer)
            return await queries.CUSTOMER.one(tx, gateway=gateway, account_id=account_id)
