"""Legal notices that are given on request: who asks gets all of it by mail at once, and the store sees who asked."""

from datetime import datetime, timedelta

from msgspec import Struct

from ennichi import locale
from ennichi.accounts import Account, AccountService, Mail, Mailer
from ennichi.kit.clock import Clock
from ennichi.kit.db import Database
from ennichi.kit.ids import Ids
from ennichi.kit.limits import Limits
from ennichi.stores import queries as q
from ennichi.stores.errors import EmailNeeded, NothingToRequest
from ennichi.stores.model import StoreRow
from ennichi.stores.service import StoreService

ASKING = (10, timedelta(days=1).total_seconds())
"""How often one person may ask in how many seconds: enough for anyone who buys, too slow to collect addresses."""
LINES = ("seller", "representative", "address", "phone", "email", "antique_license", "other_costs")


class NoticeRequest(Struct, kw_only=True, frozen=True):
    """Somebody asked for a store's whole notice."""

    id: str
    name: str
    asked_at: datetime
    sent: bool
    """Whether the mail went out; when it did not, the store has to answer itself."""


class Notices:
    """Takes requests for notices and answers them."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        limits: Limits,
        mailer: Mailer,
        *,
        accounts: AccountService,
        stores: StoreService,
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._limits = limits
        self._mailer = mailer
        self._accounts = accounts
        self._stores = stores

    async def request(self, actor: Account, store_id: str, *, lang: str) -> NoticeRequest:
        """Send the store's whole notice to the actor's address, in `lang`. The request is kept in any case.

        Raises StoreNotFound, NothingToRequest, EmailNeeded, TooFast, MailUnavailable.
        """
        if actor.email is None:
            raise EmailNeeded
        async with self._db.read() as conn:
            store = await self._stores.row(conn, store_id)
        if not store.legal_on_request or not store.legal_address:
            raise NothingToRequest
        self._limits.take(f"stores.notice:{actor.id}", *ASKING)
        asked = NoticeRequest(id=self._ids.new(), name=actor.name, asked_at=self._clock.now(), sent=True)
        async with self._db.transaction() as tx:
            await q.ADD_REQUEST.run(tx, id=asked.id, store_id=store.id, account_id=actor.id, asked_at=asked.asked_at)
        await self._mailer.send(self._answer(store, actor.email, lang))
        async with self._db.transaction() as tx:
            await q.REQUEST_SENT.run(tx, id=asked.id, sent_at=self._clock.now())
        return asked

    async def requests(self, actor: Account, store_id: str) -> list[NoticeRequest]:
        """Who asked, the latest first (at most 200). Raises StoreNotFound, Forbidden."""
        async with self._db.read() as conn:
            store = await self._stores.require_member(conn, store_id, actor)
            rows = await q.REQUESTS.all(conn, store_id=store.id)
            people = await self._accounts.load(conn, {row.account_id for row in rows})
        return [
            NoticeRequest(id=row.id, name=people[row.account_id].name, asked_at=row.asked_at, sent=row.sent)
            for row in rows
        ]

    def _answer(self, store: StoreRow, to: str, lang: str) -> Mail:
        legal = store.legal_in_full
        lines = [locale.text(lang, f"notice.{name}", value=value) for name in LINES if (value := getattr(legal, name))]
        return Mail(
            to=to,
            subject=locale.text(lang, "notice.subject", store=store.name),
            text=locale.text(lang, "notice.text", store=store.name, lines="\n".join(lines)),
            at=self._clock.now(),
        )
