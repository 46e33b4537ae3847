"""What the sandbox tells of its own accord: signed messages, sent as a foreign house sends them.

The noisy card's come twice, and the first of them last.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import msgspec
import structlog
from msgspec import Struct

from ennichi.kit.clock import Clock
from ennichi.kit.db import Database, Transaction
from ennichi.kit.ids import Ids
from ennichi.kit.outage import outage
from ennichi.payments.adapters.sandbox import queries
from ennichi.payments.adapters.sandbox.signing import signed, verify
from ennichi.payments.errors import WebhookInvalid
from ennichi.payments.events import SandboxSpeaks
from ennichi.payments.model import Hint

log = structlog.get_logger(__name__)

Deliver = Callable[[str, bytes, Mapping[str, str]], Awaitable[None]]

LATE = timedelta(seconds=2)
BATCH = 100


class Message(Struct, frozen=True, kw_only=True):
    """The body of a message."""

    id: str
    type: str
    created: datetime
    charge_id: str | None = None
    refund_id: str | None = None


class Telling:
    """The sandbox's messages."""

    def __init__(self, db: Database, clock: Clock, ids: Ids, name: str) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._name = name
        self._deliver: Deliver | None = None
        self._secret: str | None = None

    def to(self, deliver: Deliver) -> None:
        """Send them here: the name of this gateway, the body, the headers."""
        self._deliver = deliver

    async def about_payment(self, tx: Transaction, row: queries.PaymentRow, kind: str) -> None:
        """Have a payment's move told once the transaction is committed."""
        noisy = row.behaviour == "noisy"
        late = LATE if noisy and kind == "payment.authorised" else timedelta()
        await self._add(tx, kind, charge_id=row.idempotency_key, times=2 if noisy else 1, late=late)

    async def about_refund(self, tx: Transaction, refund_id: str, at: datetime) -> None:
        """Have a refund's end told at that time."""
        await self._add(tx, "refund.succeeded", refund_id=refund_id, late=at - self._clock.now())

    async def send(self) -> None:
        """A job: send what is due. What cannot be delivered is sent again later."""
        if self._deliver is None:
            return
        async with self._db.transaction() as tx:
            due = await queries.DUE_EVENTS.all(tx, now=self._clock.now(), limit=BATCH)
        told = [row.id for row in due if await self._told(self._deliver, row)]
        if told:
            async with self._db.transaction() as tx:
                await queries.TOLD.run(tx, ids=told)

    async def read(self, body: bytes, headers: Mapping[str, str]) -> Hint:
        """See Gateway.webhook."""
        verify(await self._key(), body, headers, self._clock.now())
        try:
            message = msgspec.json.decode(body, type=Message)
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise WebhookInvalid(problem="not_a_message") from problem
        return Hint(event_id=message.id, type=message.type, charge_id=message.charge_id, refund_id=message.refund_id)

    async def sign(self, message: Message) -> tuple[bytes, dict[str, str]]:
        """A message as it is sent now: its body and headers."""
        body = msgspec.json.encode(message)
        return body, signed(await self._key(), body, self._clock.now())

    async def _told(self, deliver: Deliver, row: queries.EventRow) -> bool:
        message = Message(
            id=row.id, type=row.type, created=row.created_at, charge_id=row.charge_id, refund_id=row.refund_id
        )
        body, headers = await self.sign(message)
        try:
            await asyncio.gather(*(deliver(self._name, body, headers) for _ in range(row.times)))
        except Exception as problem:  # whoever it is for may be away; it is due again
            if not outage.noticed(problem):
                log.exception("a message of the sandbox could not be delivered", type=row.type)
            return False
        return True

    async def _add(
        self,
        tx: Transaction,
        kind: str,
        *,
        charge_id: str | None = None,
        refund_id: str | None = None,
        times: int = 1,
        late: timedelta,
    ) -> None:
        now = self._clock.now()
        await queries.ADD_EVENT.run(
            tx,
            id=f"evt_{self._ids.new()}",
            type=kind,
            charge_id=charge_id,
            refund_id=refund_id,
            times=times,
            due_at=now + late,
            now=now,
        )
        tx.record(SandboxSpeaks())

    async def _key(self) -> str:
        if self._secret is None:
            async with self._db.read() as conn:
                self._secret = await queries.SECRET.one(conn)
        return self._secret
