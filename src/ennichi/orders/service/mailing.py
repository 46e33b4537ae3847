"""Letters about orders. A row is a letter to be sent; it is one until it has `mailed_at`.

A letter goes out at least once: who is cut off between sending and noting it sends it again.
"""

from collections.abc import Callable
from datetime import timedelta

import structlog

from ennichi import locale
from ennichi.accounts import READY_MADE, Account, AccountService, Mail, Mailer, MailUnavailable
from ennichi.kit.clock import Clock
from ennichi.kit.db import Connection, Database
from ennichi.kit.errors import Problem
from ennichi.orders import letters, queries
from ennichi.orders.letters import Letter
from ennichi.orders.rows import MailRow, OrderRow
from ennichi.payments import PaymentService
from ennichi.stores import StoreService

log = structlog.get_logger(__name__)

Links = Callable[[str, Account], str]
"""Where an order (by id) can be looked at by an account: the address that is put in its mail."""

AT_ONCE = 20
TRIES = 12
CLAIMED = timedelta(minutes=15)
"""Longer than a mail server that hardly answers takes for all of them: nobody else sends them meanwhile."""
LONGEST_PAUSE = timedelta(hours=6)


class Mailing:
    """Sends what is due."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        accounts: AccountService,
        stores: StoreService,
        payments: PaymentService,
        mailer: Mailer,
        links: Links,
    ) -> None:
        self._db = db
        self._clock = clock
        self._accounts = accounts
        self._stores = stores
        self._payments = payments
        self._mailer = mailer
        self._links = links

    async def work(self) -> None:
        """Send every letter that is due. Safe in several processes."""
        while True:
            now = self._clock.now()
            async with self._db.transaction() as tx:
                due = await queries.CLAIM_MAILS.all(tx, now=now, again=now + CLAIMED, limit=AT_ONCE)
            for mail in sorted(due, key=lambda one: one.id):
                await self._send(mail)
            if len(due) < AT_ONCE:
                return

    async def _send(self, row: MailRow) -> None:
        async with self._db.read() as conn:
            order = await queries.GET.one(conn, id=row.order_id)
            letters = await self._written(conn, row, order) if await self._wanted(conn, row) else []
        problem: str | None = None
        for letter in letters:
            try:
                await self._mailer.send(letter)
            except MailUnavailable:
                if row.attempts < TRIES:
                    await self._put_off(row)
                    return
                problem = "unavailable"
                log.warning("a letter about an order was given up", order=order.number, kind=row.kind)
            except Problem as refused:
                problem = refused.code
        async with self._db.read() as conn:
            await queries.MAILED.run(conn, id=row.id, now=self._clock.now(), problem=problem)

    async def _put_off(self, row: MailRow) -> None:
        pause = min(LONGEST_PAUSE, timedelta(seconds=30 * 2**row.attempts))
        async with self._db.read() as conn:
            await queries.PUT_OFF_MAIL.run(
                conn, id=row.id, due_at=self._clock.now() + pause, problem=MailUnavailable.code
            )

    async def _wanted(self, where: Connection, row: MailRow) -> bool:
        """Whether there is still something to tell: a message that was read meanwhile needs no letter."""
        if row.kind != "message":
            return True
        counts = await queries.UNREAD.first(where, order_ids=[row.order_id])
        return counts is not None and bool(counts.buyer if row.to == "buyer" else counts.seller)

    async def _written(self, where: Connection, row: MailRow, order: OrderRow) -> list[Mail]:
        """The letter, to each who gets it, in their language."""
        ids = {order.account_id} if row.to == "buyer" else await self._stores.members(where, order.store_id)
        people = await self._accounts.load(where, ids)
        langs = await self._accounts.languages(where, ids)
        store = await self._stores.row(where, order.store_id)
        charge = await self._payments.charge(where, order.charge_id) if row.kind == "placed" else None
        mails = []
        for person in people.values():
            if not person.mail_to or nobody(person.mail_to):
                continue
            letter = Letter(
                mail=row,
                order=order,
                person=called(person, order),
                store=store.name,
                link=self._links(order.id, person),
                at_shop=charge.instructions if charge else None,
            )
            subject, text = letters.write(langs.get(person.id, locale.FALLBACK), letter)
            mails.append(Mail(to=person.mail_to, subject=subject, text=text, at=self._clock.now()))
        return mails


def called(person: Account, order: OrderRow) -> str:
    """How a letter calls somebody: a guest by the name it gave to have the parcel sent, for it has no other."""
    if not person.guest:
        return person.name
    return f"{order.address['family_name']} {order.address['given_name']}".strip() or person.name


def nobody(email: str) -> bool:
    """Whether an address is one of those that reach nobody (RFC 2606): a demo's robots have such."""
    return email.endswith("demo.example") and email not in READY_MADE.values()
