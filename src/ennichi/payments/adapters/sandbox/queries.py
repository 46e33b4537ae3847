"""The SQL of the sandbox's books."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from ennichi.kit.db import Command, Query
from ennichi.payments.model import Brand, DeclineReason, GatewayCard, Method

PaymentState = Literal["authorised", "action_required", "awaiting", "captured", "declined", "cancelled"]


class CardRow(Struct, frozen=True):
    """A test card."""

    token: str
    brand: Brand
    last4: str
    exp_month: int
    exp_year: int
    behaviour: str


class PaymentRow(Struct, frozen=True, kw_only=True):
    """A payment in the sandbox's books."""

    idempotency_key: str
    reference: str
    method: Method
    brand: Brand | None
    last4: str | None
    behaviour: str | None
    amount: int
    currency: str
    state: PaymentState
    reason: DeclineReason | None
    number: str | None
    confirmation: str | None
    expires_at: datetime | None
    return_url: str


ADD_CARD = Command(
    "insert into sandbox_cards (token, brand, last4, exp_month, exp_year, behaviour, created_at)"
    " values (%(token)s, %(brand)s, %(last4)s, %(exp_month)s, %(exp_year)s, %(behaviour)s, %(now)s)"
)
CARD = Query(
    CardRow, "select token, brand, last4, exp_month, exp_year, behaviour from sandbox_cards where token = %(token)s"
)
DESCRIBE = Query(
    GatewayCard,
    "select token as ref, brand, last4, exp_month, exp_year from sandbox_cards where token = %(token)s",
)
ADD_PAYMENT = Command(
    "insert into sandbox_payments (idempotency_key, reference, method, token, amount, currency, state, reason, number,"
    " confirmation, expires_at, return_url, created_at) values (%(key)s, %(reference)s, %(method)s, %(token)s,"
    " %(amount)s, %(currency)s, %(state)s, %(reason)s, %(number)s, %(confirmation)s, %(expires_at)s, %(return_url)s,"
    " %(now)s) on conflict (idempotency_key) do nothing"
)
_PAYMENT = (
    "select p.idempotency_key, p.reference, p.method, c.brand, c.last4, c.behaviour, p.amount, p.currency, p.state,"
    " p.reason, p.number, p.confirmation, p.expires_at, p.return_url from sandbox_payments p"
    " left join sandbox_cards c on c.token = p.token"
)
BY_KEY = Query(PaymentRow, f"{_PAYMENT} where p.idempotency_key = %(key)s")
BY_REFERENCE = Query(PaymentRow, f"{_PAYMENT} where p.reference = %(reference)s")
LOCK = Query(PaymentRow, f"{_PAYMENT} where p.reference = %(reference)s for update of p")
MOVE = Command("update sandbox_payments set state = %(state)s, reason = %(reason)s where reference = %(reference)s")


class RefundRow(Struct, frozen=True):
    """A refund in the sandbox's books."""

    reference: str
    settles_at: datetime


ADD_REFUND = Command(
    "insert into sandbox_refunds (idempotency_key, payment, reference, amount, settles_at, created_at)"
    " values (%(key)s, %(payment)s, %(reference)s, %(amount)s, %(settles_at)s, %(now)s)"
)
REFUND = Query(RefundRow, "select reference, settles_at from sandbox_refunds where idempotency_key = %(key)s")
GIVEN_BACK = Query(int, "select coalesce(sum(amount), 0)::bigint from sandbox_refunds where payment = %(payment)s")


class PayoutRow(Struct, frozen=True):
    """A transfer in the sandbox's books."""

    reference: str
    reason: str | None
    settles_at: datetime


ADD_PAYOUT = Command(
    "insert into sandbox_payouts (idempotency_key, reference, store_id, amount, bank, reason, settles_at, created_at)"
    " values (%(key)s, %(reference)s, %(store_id)s, %(amount)s, %(bank)s::jsonb, %(reason)s, %(settles_at)s, %(now)s)"
    " on conflict (idempotency_key) do nothing"
)
PAYOUT = Query(PayoutRow, "select reference, reason, settles_at from sandbox_payouts where idempotency_key = %(key)s")


class EventRow(Struct, frozen=True, kw_only=True):
    """Something the sandbox has to tell."""

    id: str
    type: str
    charge_id: str | None
    refund_id: str | None
    times: int
    created_at: datetime


ADD_EVENT = Command(
    "insert into sandbox_events (id, type, charge_id, refund_id, times, due_at, created_at)"
    " values (%(id)s, %(type)s, %(charge_id)s, %(refund_id)s, %(times)s, %(due_at)s, %(now)s)"
)
DUE_EVENTS = Query(
    EventRow,
    "update sandbox_events set due_at = %(now)s::timestamptz + interval '30 seconds' where id in"
    " (select id from sandbox_events where due_at <= %(now)s order by due_at, id limit %(limit)s"
    " for update skip locked) returning id, type, charge_id, refund_id, times, created_at",
)
TOLD = Command("update sandbox_events set due_at = null where id = any(%(ids)s)")
SECRET = Query(str, "select secret from sandbox_secret")
