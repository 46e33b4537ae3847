"""Buying: the money, and what happens when somebody falls over in the middle.

    tx 1   the holds go to confirming; a pending charge and all that is needed to finish are written (`beginning`)
    -      the gateway is asked, outside any transaction
    tx 2   payments settles the charge: sold, with an order; or the holds are held again (`selling`)

Both transactions are for as many purchases as come at the same time. Whatever falls over in between, payments asks the
gateway what became of the charge and does tx 2, which runs once: it begins by settling the charge, which only one can.
"""

import asyncio

import structlog

from ennichi.accounts import Account, AccountService, checked
from ennichi.checkout import queries
from ennichi.checkout.errors import (
    HoldNotFound,
    PaymentDeclined,
    PaymentUnsettled,
    PurchaseNotFound,
    PurchaseWrongState,
)
from ennichi.checkout.keys import Keys, digest_of
from ennichi.checkout.purchases import NewPurchase, Purchase, PurchaseRow
from ennichi.checkout.queries import KeyRow
from ennichi.checkout.service.beginning import Attempt, Beginning
from ennichi.kit.db import Connection, Database
from ennichi.kit.errors import Problem
from ennichi.kit.ids import Ids, is_id
from ennichi.payments import Charge, GatewaySilent, PaymentService

log = structlog.get_logger(__name__)

WAIT_SECONDS = 10.0
"""How long a repeated request waits for the outcome of the first."""

LOOK_EVERY = 0.1


class Buying:
    """What a buyer does to a purchase."""

    def __init__(
        self,
        db: Database,
        ids: Ids,
        *,
        keys: Keys,
        beginning: Beginning,
        accounts: AccountService,
        payments: PaymentService,
    ) -> None:
        self._db = db
        self._ids = ids
        self._keys = keys
        self._beginning = beginning
        self._accounts = accounts
        self._payments = payments
        self._running: set[asyncio.Task[str | None]] = set()

    async def buy(self, actor: Account, wanted: NewPurchase, key: str, site: str) -> Purchase:
        """See CheckoutService.buy."""
        if not all(is_id(hold_id) for hold_id in wanted.hold_ids):
            raise HoldNotFound
        digest = digest_of("buy", wanted)
        given = checked(wanted.address) if wanted.address else None
        while True:
            async with self._db.read() as conn:
                earlier = await self._keys.earlier(conn, actor.id, key, digest)
                saved = None if given or earlier else await self._accounts.address(conn, actor.id)
            if earlier is not None:
                return await self._repeated(earlier)
            attempt = Attempt(
                purchase_id=self._ids.new(),
                order_id=self._ids.new(),
                account_id=actor.id,
                hold_ids=list(dict.fromkeys(wanted.hold_ids)),
                address=given or saved,
                means=await self._payments.choose(actor.id, wanted.pay),
                total=wanted.total,
                save=wanted.save,
                tell_room=wanted.tell_room,
                site=site,
                email=actor.mail_to or "",
                key=key,
                digest=digest,
            )
            # None: the same request came in at the same moment and is a step ahead.
            if (purchase_id := await asyncio.shield(self._in_the_background(attempt))) is not None:
                return await self._answer(purchase_id)

    async def get(self, actor: Account, purchase_id: str) -> Purchase:
        """See CheckoutService.purchase."""
        async with self._db.read() as conn:
            row = await self._own(conn, actor, purchase_id)
            return _shown(row, await self._payments.charge(conn, row.charge_id))

    async def go_on(self, actor: Account, purchase_id: str) -> Purchase:
        """See CheckoutService.go_on."""
        async with self._db.read() as conn:
            row = await self._own(conn, actor, purchase_id)
        if row.state in ("paying", "action_required", "awaiting"):
            try:
                await self._payments.look(row.charge_id)
            except Exception as problem:  # noqa: BLE001 (the gateway does not answer; what is known is told)
                log.warning("a purchase could not be looked at", purchase=row.id, problem=repr(problem))
        return await self.get(actor, purchase_id)

    async def give_up(self, actor: Account, purchase_id: str) -> Purchase:
        """See CheckoutService.give_up."""
        async with self._db.read() as conn:
            row = await self._own(conn, actor, purchase_id)
        if row.state in ("paying", "awaiting", "paid"):
            raise _wrong_state(row)
        if row.state == "action_required":
            try:
                await self._payments.give_up(row.charge_id)
            except Exception:
                log.exception("a purchase could not be given up", purchase=row.id)
                raise PaymentUnsettled from None
        return await self.get(actor, purchase_id)

    async def drain(self) -> None:
        """Wait for what is being paid for."""
        await asyncio.gather(*self._running, return_exceptions=True)

    def _in_the_background(self, attempt: Attempt) -> "asyncio.Task[str | None]":
        """A task of its own: a buyer who hangs up must not stop what is being paid for."""
        task = asyncio.create_task(self._pay(attempt), name=f"purchase {attempt.purchase_id}")
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[str | None]") -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # it is the buyer's, who may be gone

    async def _pay(self, attempt: Attempt) -> str | None:
        """Begin and pay; what goes wrong from the gateway on is left to payments' own looking."""
        charge = await self._beginning.begin(attempt)
        if charge is None:
            return None
        try:
            await self._payments.settle(charge.id, await self._payments.ask(charge))
        except (GatewaySilent, TimeoutError):
            log.warning("a charge is unsettled, as the gateway does not answer", charge=charge.id)
        except Exception:
            log.exception("a charge is unsettled", charge=charge.id)
        return attempt.purchase_id

    async def _repeated(self, earlier: KeyRow) -> Purchase:
        """The answer to a request that was sent before, waiting for it when it is still being worked on."""
        if earlier.purchase_id is None:
            raise PaymentUnsettled
        for _ in range(int(WAIT_SECONDS / LOOK_EVERY)):
            async with self._db.read() as conn:
                row = await queries.PURCHASE.one(conn, id=earlier.purchase_id)
            if row.state != "paying":
                break
            await asyncio.sleep(LOOK_EVERY)
        return await self._answer(earlier.purchase_id)

    async def _answer(self, purchase_id: str) -> Purchase:
        async with self._db.read() as conn:
            row = await queries.PURCHASE.one(conn, id=purchase_id)
            charge = await self._payments.charge(conn, row.charge_id)
        if row.state == "declined":
            raise PaymentDeclined(reason=charge.reason)
        if row.state == "paying":
            raise PaymentUnsettled
        return _shown(row, charge)

    async def _own(self, where: Connection, actor: Account, purchase_id: str) -> PurchaseRow:
        row = await queries.PURCHASE.first(where, id=purchase_id) if is_id(purchase_id) else None
        if row is None or row.account_id != actor.id:
            raise PurchaseNotFound
        return row


def _shown(row: PurchaseRow, charge: Charge) -> Purchase:
    sold = row.state in ("paid", "awaiting")
    until = charge.expires_at
    if row.state == "awaiting":
        until = charge.instructions.pay_by if charge.instructions else None
    return Purchase(
        id=row.id,
        state=row.state,
        total=row.total,
        order_id=row.order_id if sold else None,
        action=charge.action if row.state == "action_required" else None,
        reason=charge.reason if row.state == "declined" else None,
        expires_at=until if row.state in ("action_required", "awaiting") else None,
    )


def _wrong_state(row: PurchaseRow) -> Problem:
    order = {"order_id": row.order_id} if row.state in ("paid", "awaiting") else {}
    return PurchaseWrongState(state=row.state, **order)
