"""The ledger and withdrawals on a test's database, with a bank that does as it is told."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.people import People, people_on

from ennichi.accounts import Account
from ennichi.kit.db import Query
from ennichi.kit.ids import RandomIds
from ennichi.ledger import LedgerService, NewBankAccount, Owed, PayoutMoved, PayoutService, Sale, Settlement, sender_of
from ennichi.payments import Arrived, Failed, Outflow, Sent, Transfer
from ennichi.stores import NewStore, Store

BANK = NewBankAccount(
    bank_code="0001",
    bank_name="みずほ",
    branch_code="110",
    branch_name="ナゴヤ",
    kind="ordinary",
    number="7654321",
    holder="みずの　わか",
)
SENDER = "1234567890:エンニチ:0001:ミズホ:110:ホンテン:ordinary:1234567"
SUM_OF_ALL = Query(int, "select coalesce(sum(amount), 0)::bigint from postings")
ACCOUNT = Query(int, "select coalesce(sum(amount), 0)::bigint from postings where account = %(account)s")
ENTRIES = Query(int, "select count(*) from entries")


class Silence(Exception):
    """The bank did not answer."""


class Bank:
    """Takes transfers, and lets them arrive or fail when the test says so."""

    def __init__(self) -> None:
        self.taken: dict[str, Transfer] = {}
        self.answers: dict[str, Outflow] = {}
        self.asked = 0
        self.by_hand = True
        self.silent: str | None = None
        """`before`: nothing arrives there; `after`: it arrives and the answer is lost."""

    async def payout(self, transfer: Transfer) -> Outflow:
        self.asked += 1
        if self.silent == "before":
            raise Silence
        assert self.taken.setdefault(transfer.id, transfer) == transfer
        if self.silent == "after":
            raise Silence
        return self.answers.get(transfer.id, Sent(f"out-{transfer.id}"))

    async def find_payout(self, transfer: Transfer) -> Outflow | None:
        if self.silent == "before":
            raise Silence
        if transfer.id not in self.taken:
            return None
        return self.answers.get(transfer.id, Sent(f"out-{transfer.id}"))

    def settle(self, payout_id: str) -> None:
        """It arrived."""
        self.answers[payout_id] = Arrived(f"out-{payout_id}")

    def fail(self, payout_id: str) -> None:
        """It came back."""
        self.answers[payout_id] = Failed("account_closed")


@dataclass
class Purse:
    """The services, a store with its keeper, and what was told."""

    people: People
    ids: RandomIds
    ledger: LedgerService
    payouts: PayoutService
    bank: Bank
    keeper: Account
    store: Store
    told: list[PayoutMoved] = field(default_factory=list)

    async def sale(self, amount: int, order_id: str | None = None) -> str:
        """An order that is paid."""
        order_id = order_id or self.ids.new()
        sale = Sale(
            order_id=order_id, store_id=self.store.id, amount=amount, at=self.people.clock.now(), number="EN-2611-0001"
        )
        async with self.people.db.transaction() as tx:
            await self.ledger.paid(tx, [sale])
        return order_id

    async def owe(self, order_id: str, amount: int, refund_id: str | None = None) -> str:
        """A refund that was decided."""
        refund_id = refund_id or self.ids.new()
        owed = Owed(
            refund_id=refund_id, order_id=order_id, store_id=self.store.id, amount=amount, at=self.people.clock.now()
        )
        async with self.people.db.transaction() as tx:
            await self.ledger.refund_owed(tx, owed)
        return refund_id

    async def end(self, *refund_ids: str, failed: bool = False) -> None:
        """Refunds that came to their end."""
        end = self.ledger.refund_failed if failed else self.ledger.refunded
        async with self.people.db.transaction() as tx:
            await end(tx, refund_ids, self.people.clock.now())

    async def settle(self, *order_ids: str, fee_bps: int = 1000, reserve_bps: int = 500) -> list[str]:
        """Orders that are concluded."""
        wanted = [
            Settlement(
                order_id=order_id,
                store_id=self.store.id,
                fee_bps=fee_bps,
                reserve_bps=reserve_bps,
                at=self.people.clock.now(),
            )
            for order_id in order_ids
        ]
        async with self.people.db.transaction() as tx:
            return await self.ledger.settle(tx, wanted)

    async def parts(self) -> tuple[int, int, int, int]:
        """Waiting, available, reserved, on the way."""
        async with self.people.db.read() as conn:
            now = await self.ledger.balance(conn, self.store.id)
            assert await SUM_OF_ALL.one(conn) == 0
        return now.waiting, now.available, now.reserved, now.on_the_way

    async def account(self, name: str) -> int:
        """What an account stands at."""
        async with self.people.db.read() as conn:
            return await ACCOUNT.one(conn, account=name)


@contextlib.asynccontextmanager
async def purse_on(db_url: str, folder: Path) -> AsyncIterator[Purse]:
    """A store's money on the database at `db_url`."""
    async with people_on(db_url, folder) as people:
        ids = RandomIds(people.clock)
        ledger = LedgerService(people.db, people.clock, stores=people.stores)
        bank = Bank()
        payouts = PayoutService(
            people.db,
            people.clock,
            ids,
            stores=people.stores,
            ledger=ledger,
            house=bank,
            sender=sender_of(SENDER),
        )
        keeper = await people.person("Wakako")
        store = await people.stores.open(keeper, NewStore(name="みずのわ商店", handle="mizunowa"))
        purse = Purse(people, ids, ledger, payouts, bank, keeper, store)

        async def told(moved: PayoutMoved) -> None:
            purse.told.append(moved)

        people.db.events.after(PayoutMoved, told)
        yield purse
