"""Messages from gateways: kept once each, then worked by a job.

A message is only a hint where to look. What is true is fetched, so one that comes twice, late, in the wrong order or
never cannot do harm.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta

import structlog

from ennichi.kit.clock import Clock
from ennichi.kit.db import Database
from ennichi.kit.errors import NotFound
from ennichi.kit.outage import outage
from ennichi.payments import queries
from ennichi.payments.errors import GatewayUnknown
from ennichi.payments.events import WebhookReceived
from ennichi.payments.ports import Gateway
from ennichi.payments.queries import WebhookRow
from ennichi.payments.service.charging import BATCH, Charging
from ennichi.payments.service.refunding import Refunding

log = structlog.get_logger(__name__)

KEPT = timedelta(days=30)
"""How long worked messages are kept; no gateway repeats itself for longer."""


class Inbox:
    """The messages."""

    def __init__(self, db: Database, clock: Clock, gateway: Gateway, charging: Charging, refunding: Refunding) -> None:
        self._db = db
        self._clock = clock
        self._gateway = gateway
        self._charging = charging
        self._refunding = refunding

    async def receive(self, gateway: str, body: bytes, headers: Mapping[str, str]) -> None:
        """See PaymentService.receive."""
        if gateway != self._gateway.name:
            raise GatewayUnknown
        hint = await self._gateway.webhook(body, headers)
        async with self._db.transaction() as tx:
            added = await queries.ADD_WEBHOOK.run(
                tx,
                gateway=gateway,
                event_id=hint.event_id,
                type=hint.type,
                charge_id=hint.charge_id,
                refund_id=hint.refund_id,
                payload=body,
                now=self._clock.now(),
            )
            if added:
                tx.record(WebhookReceived(gateway))

    async def work(self) -> None:
        """See PaymentService.work_webhooks."""
        now = self._clock.now()
        async with self._db.transaction() as tx:
            due = await queries.DUE_WEBHOOKS.all(tx, now=now, gateway=self._gateway.name, limit=BATCH)
            await queries.DROP_OLD_WEBHOOKS.run(tx, before=now - KEPT)
        about: dict[tuple[str | None, str | None], list[WebhookRow]] = defaultdict(list)
        for row in due:
            about[row.charge_id, row.refund_id].append(row)
        for (charge_id, refund_id), rows in about.items():
            await self._worked([row.event_id for row in rows], await self._follow(charge_id, refund_id))

    async def _follow(self, charge_id: str | None, refund_id: str | None) -> str | None:
        """Look where the hint points; returns what stood in the way."""
        try:
            if charge_id is not None:
                await self._charging.look(charge_id)
            if refund_id is not None:
                await self._refunding.look_soon(refund_id)
        except NotFound:
            log.info("a gateway speaks of a charge that is not ours", charge=charge_id)
        except Exception as problem:  # the message stays, and is worked again later
            if not outage.noticed(problem):
                log.exception("a gateway's message could not be worked", charge=charge_id, refund=refund_id)
            return repr(problem)[:500]
        return None

    async def _worked(self, event_ids: list[str], problem: str | None) -> None:
        name = self._gateway.name
        async with self._db.transaction() as tx:
            if problem is None:
                await queries.WORKED_WEBHOOKS.run(tx, gateway=name, event_ids=event_ids, now=self._clock.now())
            else:
                await queries.FAILED_WEBHOOKS.run(tx, gateway=name, event_ids=event_ids, problem=problem)
