"""Use cases of withdrawals.

Invariants: what is withdrawn was available; it leaves the store's balance in the transaction that asks for it, and
comes back when the transfer fails. A withdrawal is committed before the bank hears of it, its id is the key, so asking
again after a crash sends nothing twice. A store has one withdrawal looking at its balance at a time.
"""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import msgspec
import structlog

from ennichi.accounts import Account
from ennichi.kit.clock import JAPAN, Clock
from ennichi.kit.db import Connection, Database, Transaction
from ennichi.kit.errors import Forbidden, Invalid
from ennichi.kit.ids import Ids
from ennichi.kit.outage import outage
from ennichi.ledger import book, queries
from ennichi.ledger.errors import NoBankAccount, NoSender, NotByHand, PayoutKeyReused, PayoutTooLarge
from ennichi.ledger.events import PayoutMoved
from ennichi.ledger.model import KeptBankAccount, LineKind, Money, NewBankAccount, NewPayout, Payout, PayoutState
from ennichi.ledger.ports import PayoutHouse
from ennichi.ledger.queries import PayoutRow
from ennichi.ledger.service import LedgerService
from ennichi.ledger.zengin import Sender, kana, transfers_file
from ennichi.payments import Arrived, BankAccount, Failed, Outflow, Transfer
from ennichi.stores import StoreService

log = structlog.get_logger(__name__)

LIST_LIMIT = 50
AT_ONCE = 20
CLAIMED_FOR = timedelta(minutes=2)
ASK_AGAIN = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)


class PayoutService:
    """Stores' bank accounts, withdrawals, and the job that carries them out."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        *,
        stores: StoreService,
        ledger: LedgerService,
        house: PayoutHouse,
        sender: Sender | None = None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._stores = stores
        self._ledger = ledger
        self._house = house
        self._sender = sender

    async def money(self, actor: Account, store_id: str) -> Money:
        """A store's money at a glance, for its members. StoreNotFound, Forbidden."""
        async with self._db.read() as conn:
            store = await self._stores.require_member(conn, store_id, actor)
            return await self._money(conn, store.id)

    async def keep_bank_account(self, actor: Account, store_id: str, account: NewBankAccount) -> KeptBankAccount:
        """Say where withdrawals go from now on. StoreNotFound, Forbidden; Invalid for names banks cannot write."""
        bank = _as_banks_write(account)
        async with self._db.transaction() as tx:
            store = await self._stores.require_member(tx, store_id, actor)
            await queries.KEEP_BANK.run(tx, store_id=store.id, now=self._clock.now(), **msgspec.structs.asdict(bank))
        return _shown_bank(bank)

    async def withdraw(self, actor: Account, store_id: str, wanted: NewPayout, key: str) -> Payout:
        """Send money to the store's bank account. `key` makes a repeated request safe.

        Raises StoreNotFound, Forbidden, NoBankAccount, PayoutTooLarge, PayoutKeyReused.
        """
        async with self._db.transaction() as tx:
            store = await self._stores.require_member(tx, store_id, actor)
            bank = await queries.BANK_FOR_UPDATE.first(tx, store_id=store.id)
            if bank is None:
                raise NoBankAccount
            before = await queries.PAYOUT_OF_KEY.first(tx, store_id=store.id, key=key)
            if before is not None:
                if before.amount != wanted.amount:
                    raise PayoutKeyReused
                return _shown(before)
            available = (await self._ledger.balance(tx, store.id)).available
            if wanted.amount > available:
                raise PayoutTooLarge(available=max(0, available))
            payout_id = self._ids.new()
            now = self._clock.now()
            await queries.ADD_PAYOUT.run(
                tx,
                id=payout_id,
                store_id=store.id,
                account_id=actor.id,
                key=key,
                amount=wanted.amount,
                bank=msgspec.json.encode(bank).decode(),
                now=now,
            )
            change = book.moved(wanted.amount, book.store(store.id), book.payout(store.id))
            await self._ledger.enter(tx, [book.entry("payout", payout_id, store.id, now, change)])
            tx.record(PayoutMoved(payout_id, store.id, "pending"))
            return _shown(await queries.PAYOUT.one(tx, id=payout_id))

    async def work(self) -> None:
        """Send what waits to be sent, and ask after what was sent. Safe in several processes."""
        while True:
            now = self._clock.now()
            async with self._db.read() as conn:
                due = await queries.CLAIM.all(conn, now=now, again=now + CLAIMED_FOR, limit=AT_ONCE)
            for row in due:
                await self._carry(row)
            if len(due) < AT_ONCE:
                return

    async def transfers_csv(self, actor: Account, day: date) -> str:
        """The withdrawals asked for on a day (in Japan), for the operator: one line each. Forbidden."""
        file = io.StringIO()
        lines = csv.writer(file)
        lines.writerow(["id", "store", "bank", "branch", "kind", "number", "holder", "amount", "state", "asked_at"])
        for row in await self._asked_on(actor, day):
            bank = msgspec.convert(row.bank, BankAccount)
            name = [bank.bank_code, bank.branch_code, bank.kind, bank.number, bank.holder]
            lines.writerow([row.id, row.store_id, *name, row.amount, row.state, row.asked_at.isoformat()])
        return file.getvalue()

    async def transfers_file(self, actor: Account, day: date) -> bytes:
        """The same as a 全銀 file for the market's bank. Forbidden, NotByHand, NoSender."""
        rows = await self._asked_on(actor, day)
        if not self._house.by_hand:
            raise NotByHand
        if self._sender is None:
            raise NoSender
        return transfers_file(self._sender, day, [(msgspec.convert(row.bank, BankAccount), row.amount) for row in rows])

    async def _money(self, where: Connection, store_id: str) -> Money:
        bank = await queries.BANK.first(where, store_id=store_id)
        return Money(
            balance=await self._ledger.balance(where, store_id),
            bank_account=None
            if bank is None
            else _shown_bank(msgspec.convert(bank, BankAccount, from_attributes=True)),
            payouts=[_shown(row) for row in await queries.PAYOUTS.all(where, store_id=store_id, limit=LIST_LIMIT)],
        )

    async def _carry(self, row: PayoutRow) -> None:
        """One withdrawal a step further. What fails is written beside it and does not hold up the others."""
        try:
            bank = msgspec.convert(row.bank, BankAccount)
            transfer = Transfer(id=row.id, store_id=row.store_id, amount=row.amount, bank=bank)
            answer = await self._house.find_payout(transfer) or await self._house.payout(transfer)
        except Exception as problem:  # whatever the other house does, its outcome is unknown: ask again later
            if not outage.noticed(problem):
                log.exception("a withdrawal could not be carried out yet", payout=row.id)
            again = self._clock.now() + min(LONGEST_PAUSE, ASK_AGAIN * 2 ** min(row.attempts - 1, 10))
            async with self._db.read() as conn:
                await queries.PROBLEM.run(conn, id=row.id, problem=repr(problem)[:500], again=again)
            return
        async with self._db.transaction() as tx:
            await self._note(tx, row, answer)

    async def _note(self, tx: Transaction, row: PayoutRow, answer: Outflow) -> None:
        now = self._clock.now()
        if isinstance(answer, Arrived):
            await self._end(tx, row, "settled", now, reference=answer.reference)
        elif isinstance(answer, Failed):
            await self._end(tx, row, "failed", now, reason=answer.reason)
        else:
            await queries.SENT.run(tx, id=row.id, reference=answer.reference, now=now, again=now + ASK_AGAIN)
            if row.state == "pending":
                tx.record(PayoutMoved(row.id, row.store_id, "sent"))

    async def _end(
        self,
        tx: Transaction,
        row: PayoutRow,
        state: PayoutState,
        now: datetime,
        *,
        reference: str | None = None,
        reason: str | None = None,
    ) -> None:
        if not await queries.ENDED.run(tx, id=row.id, state=state, reference=reference, reason=reason, now=now):
            return  # another process was first
        on_the_way = book.payout(row.store_id)
        kind: LineKind = "payout_settled" if state == "settled" else "payout_failed"
        target = book.GATEWAY if state == "settled" else book.store(row.store_id)
        entry = book.entry(kind, row.id, row.store_id, now, book.moved(row.amount, on_the_way, target))
        await self._ledger.enter(tx, [entry])
        tx.record(PayoutMoved(row.id, row.store_id, state))

    async def _asked_on(self, actor: Account, day: date) -> Sequence[PayoutRow]:
        if not actor.operator:
            raise Forbidden
        since = datetime.combine(day, time(), JAPAN)
        async with self._db.read() as conn:
            return await queries.ASKED_BETWEEN.all(conn, since=since, until=since + timedelta(days=1))


def _as_banks_write(account: NewBankAccount) -> BankAccount:
    """With its names in half-width kana; Invalid names every field that cannot be written so, or is too long."""
    wrong: list[tuple[str, str]] = []
    names: dict[str, str] = {}
    for field, width in (("bank_name", 15), ("branch_name", 15), ("holder", 30)):
        try:
            names[field] = kana(getattr(account, field))
        except Invalid:
            wrong.append((field, "not_kana"))
            continue
        if len(names[field]) > width:
            wrong.append((field, "too_long"))
    if wrong:
        raise Invalid(*wrong)
    return BankAccount(
        bank_code=account.bank_code, branch_code=account.branch_code, kind=account.kind, number=account.number, **names
    )


def _shown_bank(bank: BankAccount) -> KeptBankAccount:
    return KeptBankAccount(
        bank_code=bank.bank_code,
        bank_name=bank.bank_name,
        branch_code=bank.branch_code,
        branch_name=bank.branch_name,
        kind=bank.kind,
        ends=bank.number[-3:],
        holder=bank.holder,
    )


def _shown(row: PayoutRow) -> Payout:
    return Payout(
        id=row.id,
        amount=row.amount,
        state=row.state,
        reason=row.reason,
        bank=_shown_bank(msgspec.convert(row.bank, BankAccount)),
        asked_at=row.asked_at,
        ended_at=row.ended_at,
    )
