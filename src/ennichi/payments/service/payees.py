"""Stores' own accounts at a gateway that shares the money out.

A buyer's money goes there, less the market's fee, once the gateway says that the account may take it; until then it
stays with the market as where there are no such accounts.
"""

from collections.abc import Iterable
from datetime import timedelta

import structlog

from ennichi.accounts import Account
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database, array
from ennichi.kit.errors import NotFound
from ennichi.kit.money import market_share
from ennichi.kit.outage import outage
from ennichi.payments import queries
from ennichi.payments.model import NewCharge, Payee, PayeeLink
from ennichi.payments.ports import Gateway
from ennichi.stores import StoreService

log = structlog.get_logger(__name__)

ASK_AGAIN = timedelta(minutes=10)
BATCH = 100


class Payees:
    """Who is paid at the gateway itself. `fee_bps`: the market's fee where a store has none of its own."""

    def __init__(self, db: Database, clock: Clock, gateway: Gateway, *, stores: StoreService, fee_bps: int) -> None:
        self._db = db
        self._clock = clock
        self._gateway = gateway
        self._stores = stores
        self._fee_bps = fee_bps

    async def open(self, actor: Account, store_id: str, back: str) -> PayeeLink:
        """Where the store's keeper opens its account at the gateway, or completes it; `back` is where they come back.

        Raises StoreNotFound, Forbidden; NotFound where the gateway has no such accounts.
        """
        async with self._db.read() as conn:
            store = await self._stores.require_member(conn, store_id, actor)
            known = await queries.PAYEE.first(conn, gateway=self._gateway.name, store_id=store.id)
        opened = await self._gateway.onboard(store.id, known.account if known else None, back)
        if opened is None:
            raise NotFound
        if known is None:
            async with self._db.transaction() as tx:
                await queries.ADD_PAYEE.run(
                    tx, gateway=self._gateway.name, store_id=store.id, account=opened.account, now=self._clock.now()
                )
        return PayeeLink(url=opened.url)

    async def mine(self, actor: Account, store_id: str) -> Payee:
        """How far a store's account is, as the gateway says now. StoreNotFound, Forbidden."""
        async with self._db.read() as conn:
            store = await self._stores.require_member(conn, store_id, actor)
            known = await queries.PAYEE.first(conn, gateway=self._gateway.name, store_id=store.id)
        if known is None:
            return Payee(state="none")
        return Payee(state="ready" if await self._ask(known.account) else "begun")

    async def refresh(self) -> None:
        """A job: ask after the accounts that were not asked after for a while; some may take money no more."""
        async with self._db.read() as conn:
            before = self._clock.now() - ASK_AGAIN
            due = await queries.PAYEES_TO_ASK.all(conn, gateway=self._gateway.name, before=before, limit=BATCH)
        for account in due:
            try:
                await self._ask(account)
            except Exception as problem:  # one that cannot be asked after now must not keep the others from it
                if not outage.noticed(problem):
                    log.exception("a store's account could not be asked after", account=account)

    async def account(self, store_id: str) -> str | None:
        """The store's account, whether money may go there now or not: what came before is there still."""
        async with self._db.read() as conn:
            known = await queries.PAYEE.first(conn, gateway=self._gateway.name, store_id=store_id)
        return known.account if known else None

    async def shared(self, where: Connection, charges: Iterable[NewCharge]) -> dict[str, tuple[str, int]]:
        """Account and fee in basis points of the stores of these charges that are paid there, by store."""
        store_ids = {charge.store_id for charge in charges if charge.store_id}
        rows = await queries.READY_PAYEES.all(where, gateway=self._gateway.name, store_ids=array(store_ids))
        stores = await self._stores.rows(where, [row.store_id for row in rows]) if rows else {}
        fees = {store_id: store.fee_bps for store_id, store in stores.items()}
        return {row.store_id: (row.account, self._of(fees.get(row.store_id))) for row in rows}

    def _of(self, fee_bps: int | None) -> int:
        return self._fee_bps if fee_bps is None else fee_bps

    async def _ask(self, account: str) -> bool:
        ready = await self._gateway.payee_ready(account)
        async with self._db.transaction() as tx:
            await queries.ASKED_PAYEE.run(
                tx, gateway=self._gateway.name, account=account, ready=ready, now=self._clock.now()
            )
        return ready


def fee_of(amount: int, fee_bps: int) -> int:
    """What stays with the market of a sale, tax on its fee included."""
    fee, tax = market_share(amount, fee_bps)
    return fee + tax
