"""Use cases of the ledger.

Invariants: every entry sums to zero and is entered once for its kind and what it refers to; entries are never changed,
what was wrong is undone by another entry; a balance is the sum of postings. Everything about one order's money happens
one after the other. Booking is done in the caller's transaction, together with what it is about.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from ennichi.accounts import Account
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database, Transaction, array, texts
from ennichi.ledger import book, queries
from ennichi.ledger.book import Entry
from ennichi.ledger.errors import MoreThanTaken
from ennichi.ledger.model import RESERVE_STAYS, Balance, Line, Owed, Sale, Settlement
from ennichi.ledger.queries import RefundRow, SettlementRow
from ennichi.stores import StoreService

LINES_AT_ONCE = 50
RELEASE_AT_ONCE = 200
NEWEST = 2**62


class LedgerService:
    """The book of all money."""

    def __init__(self, db: Database, clock: Clock, *, stores: StoreService) -> None:
        self._db = db
        self._clock = clock
        self._stores = stores

    async def paid(self, tx: Transaction, sales: Sequence[Sale]) -> None:
        """Buyers' money has arrived and waits with the stores. The same order again changes nothing."""
        await self.enter(
            tx,
            [
                book.entry(
                    "sale",
                    sale.order_id,
                    sale.store_id,
                    sale.at,
                    {book.GATEWAY: sale.amount, book.clearing(sale.store_id): -sale.amount},
                    order_id=sale.order_id,
                    memo=sale.number,
                )
                for sale in sales
            ],
        )

    async def refund_owed(self, tx: Transaction, owed: Owed) -> None:
        """Part of an order's money is to go back: from what waits, or after settlement from the store and the fee.

        The same refund again changes nothing. Raises MoreThanTaken.
        """
        await queries.LOCK_ORDERS.all(tx, order_ids=[owed.order_id])
        if await queries.ENTERED.first(tx, kinds=["refund"], refs=[owed.refund_id]):
            return
        settlement = await queries.SETTLEMENTS.first(tx, order_ids=[owed.order_id])
        sums = (await self._of_orders(tx, [owed.order_id]))[owed.order_id]
        left = book.left(sums, owed.store_id)
        if owed.amount > left:
            raise MoreThanTaken(left=left)
        postings = _to_buyer(owed.amount, owed.store_id, sums, settlement)
        entry = book.entry("refund", owed.refund_id, owed.store_id, owed.at, postings, order_id=owed.order_id)
        await self.enter(tx, [entry])

    async def refunded(self, tx: Transaction, refund_ids: Sequence[str], at: datetime) -> None:
        """The money of these refunds is back with the buyers. Again, or after `refund_failed`, changes nothing."""
        await self.enter(
            tx,
            [
                book.entry(
                    "refunded",
                    row.ref,
                    row.store_id,
                    at,
                    book.moved(-row.amount, row.account, book.GATEWAY),
                    order_id=row.order_id,
                )
                for row in await self._open_refunds(tx, refund_ids)
            ],
        )

    async def refund_failed(self, tx: Transaction, refund_ids: Sequence[str], at: datetime) -> None:
        """These refunds cannot be carried out: the money is the store's part again, or waits, as the order stands now.

        Again, or after `refunded`, changes nothing.
        """
        orders = await queries.ORDERS_OF_REFUNDS.all(tx, refund_ids=list(refund_ids))
        await queries.LOCK_ORDERS.all(tx, order_ids=orders)
        for row in await self._open_refunds(tx, refund_ids):
            settlement = await queries.SETTLEMENTS.first(tx, order_ids=[row.order_id])
            sums = (await self._of_orders(tx, [row.order_id]))[row.order_id]
            postings = _to_buyer(row.amount, row.store_id, sums, settlement)
            entry = book.entry("refund_failed", row.ref, row.store_id, at, postings, order_id=row.order_id)
            await self.enter(tx, [entry])

    async def settle(self, tx: Transaction, settlements: Sequence[Settlement]) -> list[str]:
        """What is left of these orders' money becomes the stores', less fee, tax on it and reserve.

        Returns the orders that were settled now; those settled before, and those never paid, are left alone.
        """
        wanted = {one.order_id: one for one in settlements}
        paid = await queries.LOCK_ORDERS.all(tx, order_ids=list(wanted))
        before = {row.order_id for row in await queries.SETTLEMENTS.all(tx, order_ids=paid)}
        now = [wanted[order_id] for order_id in paid if order_id not in before]
        sums = await self._of_orders(tx, [one.order_id for one in now])
        await queries.ADD_SETTLEMENTS.run(
            tx,
            order_ids=[one.order_id for one in now],
            store_ids=[one.store_id for one in now],
            fees=[one.fee_bps for one in now],
            reserves=[one.reserve_bps for one in now],
            ats=[one.at for one in now],
            releases=[one.at + RESERVE_STAYS for one in now],
        )
        await self.enter(
            tx,
            [
                book.entry(
                    "settle",
                    one.order_id,
                    one.store_id,
                    one.at,
                    book.settled(
                        -sums[one.order_id][book.clearing(one.store_id)],
                        one.store_id,
                        fee_bps=one.fee_bps,
                        reserve_bps=one.reserve_bps,
                    ),
                    order_id=one.order_id,
                )
                for one in now
            ],
        )
        return [one.order_id for one in now]

    async def release_reserves(self) -> None:
        """Give every reserve whose thirty days are over to its store. Safe in several processes."""
        while True:
            now = self._clock.now()
            async with self._db.transaction() as tx:
                due = await queries.TO_RELEASE.all(tx, now=now, limit=RELEASE_AT_ONCE)
                await self._release(tx, due, now)
            if len(due) < RELEASE_AT_ONCE:
                return

    async def balance(self, where: Connection, store_id: str) -> Balance:
        """Where a store's money is."""
        parts = [part(store_id) for part in (book.clearing, book.store, book.reserve, book.payout)]
        sums = {row.account: -row.amount for row in await queries.SUMS.all(where, accounts=parts)}
        waiting, available, reserved, on_the_way = (sums.get(part, 0) for part in parts)
        return Balance(
            waiting=waiting,
            available=available,
            reserved=reserved,
            on_the_way=on_the_way,
            paid_out=await queries.PAID_OUT.one(where, store_id=store_id),
        )

    async def lines(
        self, where: Connection, store_id: str, *, before: int | None = None, limit: int = LINES_AT_ONCE
    ) -> list[Line]:
        """What changed a store's money, the latest first; `before` is the id of the last line that is known."""
        return await queries.LINES.all(where, store_id=store_id, before=before or NEWEST, limit=limit)

    async def my_lines(self, actor: Account, store_id: str, *, before: int | None = None) -> list[Line]:
        """The same for a member of the store. StoreNotFound, Forbidden."""
        async with self._db.read() as conn:
            store = await self._stores.require_member(conn, store_id, actor)
            return await self.lines(conn, store.id, before=before)

    async def enter(self, tx: Transaction, entries: Sequence[Entry]) -> list[str]:
        """Write entries, however many, in one statement; returns what those refer to that are new."""
        kept = [one for one in entries if one.postings]
        if not kept:
            return []
        posted = [
            (place, account, amount)
            for place, one in enumerate(kept, start=1)
            for account, amount in one.postings.items()
        ]
        return await queries.ENTER.all(
            tx,
            kinds=array(one.kind for one in kept),
            refs=texts(one.ref for one in kept),
            orders=texts(one.order_id for one in kept),
            stores=texts(one.store_id for one in kept),
            ats=[one.at for one in kept],
            memos=texts(one.memo for one in kept),
            places=array(place for place, _, _ in posted),
            accounts=texts(account for _, account, _ in posted),
            amounts=array(amount for _, _, amount in posted),
        )

    async def _open_refunds(self, tx: Transaction, refund_ids: Sequence[str]) -> list[RefundRow]:
        """Those that are owed and not ended, locked; `amount` is what is owed, negative."""
        refs = await queries.LOCK_REFUNDS.all(tx, refund_ids=list(refund_ids))
        return await queries.OPEN_REFUNDS.all(tx, refund_ids=refs)

    async def _release(self, tx: Transaction, due: Sequence[SettlementRow], now: datetime) -> None:
        order_ids = [row.order_id for row in due]
        await queries.LOCK_ORDERS.all(tx, order_ids=order_ids)
        sums = await self._of_orders(tx, order_ids)
        await queries.RELEASED.run(tx, order_ids=order_ids, now=now)
        entries: list[Entry] = []
        for row in due:
            kept = -sums[row.order_id][book.reserve(row.store_id)]
            change = book.moved(kept, book.reserve(row.store_id), book.store(row.store_id))
            entries.append(book.entry("release", row.order_id, row.store_id, now, change, order_id=row.order_id))
        await self.enter(tx, entries)

    async def _of_orders(self, tx: Transaction, order_ids: Sequence[str]) -> dict[str, dict[str, int]]:
        sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for row in await queries.OF_ORDERS.all(tx, order_ids=list(order_ids)):
            sums[row.order_id][row.account] += row.amount
        return sums


def _to_buyer(
    amount: int, store_id: str, sums: Mapping[str, int], settlement: SettlementRow | None
) -> Mapping[str, int]:
    """`amount` of an order is owed to its buyer; with a negative one, it is so no more."""
    if settlement is None:
        return book.moved(amount, book.clearing(store_id), book.refunds(store_id))
    kept = 0 if settlement.released_at else settlement.reserve_bps
    return book.taken_back(sums, amount, store_id, fee_bps=settlement.fee_bps, reserve_bps=kept)
