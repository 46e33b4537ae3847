"""A gateway that moves no money and otherwise behaves: it keeps its own books and does nothing twice for one key.

card      authorised ──▶ captured ──▶ (refunds)
│ ▲
action_required        ──▶ declined, cancelled
konbini   awaiting ──▶ captured
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, time, timedelta

import msgspec

from ennichi.kit.clock import JAPAN, Clock
from ennichi.kit.db import Database, Transaction
from ennichi.kit.ids import Ids
from ennichi.payments.adapters.sandbox import queries
from ennichi.payments.adapters.sandbox.cards import CardCounter, SandboxCard, past
from ennichi.payments.adapters.sandbox.desk import Desk, SandboxPayment, Step
from ennichi.payments.adapters.sandbox.queries import CardRow, PaymentRow, PaymentState
from ennichi.payments.adapters.sandbox.telling import Deliver, Message, Telling
from ennichi.payments.errors import GatewaySilent
from ennichi.payments.model import (
    Action,
    ActionRequired,
    Answer,
    Arrived,
    Authorised,
    Awaiting,
    Captured,
    Declined,
    DeclineReason,
    Failed,
    GatewayCard,
    Hint,
    Instructions,
    Method,
    Onboarding,
    Outflow,
    Sent,
    Transfer,
)
from ennichi.payments.ports import Ask, Sought

NAME = "sandbox"
SLOW_SECONDS = 5.0
ACTION_TIME = timedelta(minutes=15)
KONBINI_DAYS = timedelta(days=3)

MOMENT = timedelta(seconds=3)
"""How long a transfer to a bank takes here, and cash on its way back to who paid at a counter."""

BAD_ACCOUNT = "0000000"
"""An account number to which every transfer fails."""


class SandboxGateway:
    """The sandbox. `sleep` is how the slow card takes its time."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        ids: Ids,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._sleep = sleep
        self._cards = CardCounter(db, clock, ids)
        self._telling = Telling(db, clock, ids, NAME)
        self._desk = Desk(db, clock, self._telling)

    @property
    def name(self) -> str:
        """See Gateway."""
        return NAME

    @property
    def methods(self) -> list[Method]:
        """See Gateway."""
        return ["card", "konbini"]

    @property
    def publishable_key(self) -> str | None:
        """See Gateway."""
        return None

    @property
    def by_hand(self) -> bool:
        """See Gateway."""
        return True

    async def issue(self, *, number: str, exp_month: int, exp_year: int, cvc: str) -> SandboxCard:
        """A token for a test card; CardInvalid names every field that does not fit."""
        return await self._cards.issue(number=number, exp_month=exp_month, exp_year=exp_year, cvc=cvc)

    async def payment(self, reference: str) -> SandboxPayment:
        """A payment as its page shows it; NotFound."""
        return await self._desk.payment(reference)

    async def step(self, reference: str, step: Step) -> SandboxPayment:
        """The buyer, at the page: approve or fail the 3-D Secure step, pay or let expire at the counter.

        NotFound; PaymentMoved {state} when the payment is not waiting for that.
        """
        return await self._desk.step(reference, step)

    def deliver_to(self, deliver: Deliver) -> None:
        """Where its messages go: called with its name, the body and the headers."""
        self._telling.to(deliver)

    async def sign(self, message: Message) -> tuple[bytes, dict[str, str]]:
        """A message as the sandbox would send it now: its body and headers."""
        return await self._telling.sign(message)

    async def send_messages(self) -> None:
        """A job: send the messages that are due."""
        await self._telling.send()

    async def card(self, ref: str) -> GatewayCard | None:
        """See Gateway."""
        if not ref.isascii() or not ref.isprintable():
            return None
        async with self._db.read() as conn:
            return await queries.DESCRIBE.first(conn, token=ref)

    async def authorise(self, ask: Ask) -> Answer:
        """See Gateway."""
        async with self._db.read() as conn:
            row = await queries.BY_KEY.first(conn, key=ask.charge_id)
            card = await queries.CARD.first(conn, token=ask.means.card.ref) if ask.means.card else None
        if row is None:
            if card is None and ask.means.method == "card":
                return Declined("card_declined")
            if card is not None and card.behaviour == "slow":
                await self._sleep(SLOW_SECONDS)
            row = await self._add(ask, card)
        return _answer(row) or Declined("cancelled")

    async def capture(self, reference: str, amount: int, key: str) -> Captured | Declined:  # noqa: ARG002 (the port's)
        """See Gateway."""
        async with self._db.transaction() as tx:
            row = await queries.LOCK.one(tx, reference=reference)
            moves = row.state == "authorised" and amount <= row.amount
            if moves:
                await self._move(tx, row, "captured")
        if moves and row.behaviour == "lost_answer":
            raise GatewaySilent  # the money is taken
        if moves or row.state == "captured":
            return Captured(reference)
        return Declined(row.reason or ("cancelled" if row.state == "cancelled" else "processing_error"))

    async def cancel(self, reference: str, key: str) -> Captured | None:  # noqa: ARG002 (the port's)
        """See Gateway."""
        async with self._db.transaction() as tx:
            row = await queries.LOCK.one(tx, reference=reference)
            if row.state in ("authorised", "action_required", "awaiting"):
                await self._move(tx, row, "cancelled")
        return Captured(reference) if row.state == "captured" else None

    async def find(self, sought: Sought) -> Answer | None:
        """See Gateway."""
        async with self._db.transaction() as tx:
            row = await queries.BY_KEY.first(tx, key=sought.charge_id)
            if row is None:
                return None
            late = row.expires_at is not None and row.expires_at <= self._clock.now()
            if not late or row.state not in ("awaiting", "action_required"):
                return _answer(row)
            locked = await queries.LOCK.one(tx, reference=row.reference)
            if locked.state != row.state:
                return _answer(locked)
            await self._move(tx, row, "declined", "expired")
            return Declined("expired")

    async def refund(self, reference: str, amount: int, key: str) -> Outflow:
        """See Gateway."""
        async with self._db.transaction() as tx:
            payment = await queries.LOCK.first(tx, reference=reference)
            if payment is None or payment.state != "captured":
                return Failed("not_captured")
            if await queries.REFUND.first(tx, key=key) is None:
                if amount > payment.amount - await queries.GIVEN_BACK.one(tx, payment=reference):
                    return Failed("too_large")
                now = self._clock.now()
                settles_at = now + MOMENT if payment.method == "konbini" else now
                await queries.ADD_REFUND.run(
                    tx,
                    key=key,
                    payment=reference,
                    reference=f"sandbox_re_{self._ids.new()}",
                    amount=amount,
                    settles_at=settles_at,
                    now=now,
                )
                await self._telling.about_refund(tx, key, settles_at)
        answer = await self.find_refund(reference, key)
        if answer is None:
            raise RuntimeError("a refund is missing from the sandbox's books right after it was put in")
        return answer

    async def find_refund(self, reference: str, key: str) -> Outflow | None:  # noqa: ARG002 (the port's)
        """See Gateway."""
        async with self._db.read() as conn:
            row = await queries.REFUND.first(conn, key=key)
        if row is None:
            return None
        return Arrived(row.reference) if row.settles_at <= self._clock.now() else Sent(row.reference)

    async def payout(self, transfer: Transfer) -> Outflow:
        """See Gateway."""
        now = self._clock.now()
        async with self._db.transaction() as tx:
            await queries.ADD_PAYOUT.run(
                tx,
                key=transfer.id,
                reference=f"sandbox_po_{self._ids.new()}",
                store_id=transfer.store_id,
                amount=transfer.amount,
                bank=msgspec.json.encode(transfer.bank).decode(),
                reason="no_such_account" if transfer.bank.number == BAD_ACCOUNT else None,
                settles_at=now + MOMENT,
                now=now,
            )
        answer = await self.find_payout(transfer)
        if answer is None:
            raise RuntimeError("a transfer is missing from the sandbox's books right after it was put in")
        return answer

    async def find_payout(self, transfer: Transfer) -> Outflow | None:
        """See Gateway."""
        async with self._db.read() as conn:
            row = await queries.PAYOUT.first(conn, key=transfer.id)
        if row is None:
            return None
        if row.settles_at > self._clock.now():
            return Sent(row.reference)
        return Arrived(row.reference) if row.reason is None else Failed(row.reason)

    async def onboard(self, store_id: str, account: str | None, back: str) -> Onboarding | None:  # noqa: ARG002 (the port's shape)
        """See Gateway."""
        return None

    async def payee_ready(self, account: str) -> bool:  # noqa: ARG002 (the port's shape)
        """See Gateway."""
        return False

    async def webhook(self, body: bytes, headers: Mapping[str, str]) -> Hint:
        """See Gateway."""
        return await self._telling.read(body, headers)

    async def close(self) -> None:
        """See Gateway."""

    async def _add(self, ask: Ask, card: CardRow | None) -> PaymentRow:
        now = self._clock.now()
        state, reason = self._first_state(card, now)
        konbini = ask.means.method == "konbini"
        ends = {"awaiting": _end_of_day(now + KONBINI_DAYS), "action_required": now + ACTION_TIME}
        async with self._db.transaction() as tx:
            added = await queries.ADD_PAYMENT.run(
                tx,
                key=ask.charge_id,
                reference=f"sandbox_{self._ids.secret(15)}",
                method=ask.means.method,
                token=card.token if card else None,
                amount=ask.amount,
                currency=ask.currency,
                state=state,
                reason=reason,
                number=self._ids.digits(11) if konbini else None,
                confirmation=self._ids.digits(6) if konbini else None,
                expires_at=ends.get(state),
                return_url=ask.return_url,
                now=now,
            )
            row = await queries.BY_KEY.one(tx, key=ask.charge_id)
            if added:
                await self._telling.about_payment(tx, row, f"payment.{row.state}")
            return row

    def _first_state(self, card: CardRow | None, now: datetime) -> tuple[PaymentState, DeclineReason | None]:
        """Without a card it is paid at a counter."""
        if card is None:
            return "awaiting", None
        if past(card.exp_month, card.exp_year, now):
            return "declined", "expired_card"
        match card.behaviour:
            case "card_declined" | "insufficient_funds" | "processing_error" as reason:
                return "declined", reason
            case "three_d_secure" | "three_d_secure_fails":
                return "action_required", None
            case _:
                return "authorised", None

    async def _move(
        self, tx: Transaction, row: PaymentRow, state: PaymentState, reason: DeclineReason | None = None
    ) -> None:
        await queries.MOVE.run(tx, reference=row.reference, state=state, reason=reason)
        await self._telling.about_payment(tx, row, f"payment.{state}")


def _answer(row: PaymentRow) -> Answer | None:
    """What the books say; None when it was cancelled."""
    url = f"/sandbox/payments/{row.reference}"
    match row.state:
        case "authorised":
            return Authorised(row.reference)
        case "captured":
            return Captured(row.reference)
        case "declined" if row.reason:
            return Declined(row.reason)
        case "action_required" if row.expires_at:
            return ActionRequired(row.reference, Action(kind="page", url=url), row.expires_at)
        case "awaiting" if row.expires_at:
            told = Instructions(
                number=row.number or "", confirmation=row.confirmation or "", url=url, pay_by=row.expires_at
            )
            return Awaiting(row.reference, told)
    return None


def _end_of_day(at: datetime) -> datetime:
    """The last second of that day in Japan, where konbini are."""
    there = at.astimezone(JAPAN)
    return datetime.combine(there.date(), time(23, 59, 59), JAPAN).astimezone(at.tzinfo)
