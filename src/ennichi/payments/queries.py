"""All SQL of payments. The sandbox gateway's own is beside it."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from ennichi.kit.db import Command, Query
from ennichi.payments.model import Brand, ChargeState, DeclineReason, Method, Refund, RefundState


class ChargeRow(Struct, frozen=True, kw_only=True):
    """A charge as it is kept."""

    id: str
    account_id: str
    method: Method
    card_ref: str | None
    brand: Brand | None
    last4: str | None
    exp_month: int | None
    exp_year: int | None
    amount: int
    currency: str
    save: bool
    destination: str | None
    fee: int
    return_url: str
    payer_name: str
    payer_email: str
    state: ChargeState
    reason: DeclineReason | None
    reference: str | None
    action: dict[str, Any] | None
    instructions: dict[str, Any] | None
    expires_at: datetime | None
    created_at: datetime


_CHARGE = (
    "id, account_id, method, card_ref, brand, last4, exp_month, exp_year, amount, currency, save, destination, fee,"
    " return_url, payer_name, payer_email, state, reason, reference, action, instructions, expires_at, created_at"
)
ADD_CHARGES = Command(
    "insert into charges (id, account_id, gateway, method, card_ref, brand, last4, exp_month, exp_year, amount,"
    " currency, save, destination, fee, return_url, payer_name, payer_email, created_at, look_at)"
    " select n.id, n.account_id, %(gateway)s, n.method, n.card_ref, n.brand, n.last4, n.exp_month, n.exp_year,"
    " n.amount, n.currency, n.save, n.destination, n.fee, n.return_url, n.payer_name, n.payer_email, %(now)s,"
    " %(look_at)s from jsonb_to_recordset(%(rows)s::jsonb) n (id text, account_id text, method text, card_ref text,"
    " brand text, last4 text, exp_month smallint, exp_year smallint, amount bigint, currency text, save boolean,"
    " destination text, fee bigint, return_url text, payer_name text, payer_email text)"
)
CHARGE = Query(ChargeRow, f"select {_CHARGE} from charges where id = %(id)s")
CHARGES = Query(ChargeRow, f"select {_CHARGE} from charges where id = any(%(ids)s)")
LOCK_CHARGES = Query(ChargeRow, f"select {_CHARGE} from charges where id = any(%(ids)s) order by id for update")
MOVE_CHARGES = Command(
    "update charges c set state = m.state, reason = m.reason, reference = m.reference, action = m.action,"
    " instructions = m.instructions, expires_at = m.expires_at, look_at = m.look_at, looks = 0,"
    " settled_at = case when m.state in ('succeeded', 'declined', 'void') then %(now)s::timestamptz end"
    " from jsonb_to_recordset(%(rows)s::jsonb) m (id text, state text, reason text, reference text, action jsonb,"
    " instructions jsonb, expires_at timestamptz, look_at timestamptz) where c.id = m.id"
)
DUE_CHARGES = Query(
    str,
    # A look is on lease: it comes again unless the charge moves. Those that are over are looked at a few times more,
    # in case money comes after all.
    "update charges set looks = looks + 1, look_at = case"
    " when state in ('pending', 'action_required') then %(now)s::timestamptz + interval '30 seconds'"
    " when state = 'awaiting' then %(now)s + interval '10 minutes'"
    " when looks = 0 then %(now)s + interval '10 minutes'"
    " when looks = 1 then %(now)s + interval '1 hour'"
    " when looks = 2 then %(now)s + interval '1 day' end"
    " where id in (select id from charges where look_at <= %(now)s and gateway = %(gateway)s order by look_at"
    " limit %(limit)s for update skip locked) returning id",
)


class CardRow(Struct, frozen=True):
    """A saved card as it is kept."""

    id: str
    account_id: str
    ref: str
    brand: Brand
    last4: str
    exp_month: int
    exp_year: int


CARDS = Query(
    CardRow,
    "select id, account_id, ref, brand, last4, exp_month, exp_year from saved_cards where account_id = %(account_id)s"
    " and gateway = %(gateway)s order by used_at desc, id desc",
)
LATEST_CARDS = Query(
    CardRow,
    "select distinct on (account_id) id, account_id, ref, brand, last4, exp_month, exp_year from saved_cards"
    " where account_id = any(%(account_ids)s::text[]) and gateway = %(gateway)s"
    " order by account_id, used_at desc, id desc",
)
KEEP_CARD = Query(
    CardRow,
    "insert into saved_cards (id, account_id, gateway, ref, brand, last4, exp_month, exp_year, used_at)"
    " values (%(id)s, %(account_id)s, %(gateway)s, %(ref)s, %(brand)s, %(last4)s, %(exp_month)s, %(exp_year)s, %(now)s)"
    " on conflict (account_id, gateway, brand, last4, exp_month, exp_year) do update set ref = %(ref)s,"
    " used_at = %(now)s returning id, account_id, ref, brand, last4, exp_month, exp_year",
)
KEEP_CARDS = Command(
    "insert into saved_cards (id, account_id, gateway, ref, brand, last4, exp_month, exp_year, used_at)"
    " select distinct on (c.account_id, c.brand, c.last4, c.exp_month, c.exp_year) k.id, c.account_id, c.gateway,"
    " c.card_ref, c.brand, c.last4, c.exp_month, c.exp_year, %(now)s"
    " from jsonb_to_recordset(%(rows)s::jsonb) k (id text, charge_id text) join charges c on c.id = k.charge_id"
    " order by c.account_id, c.brand, c.last4, c.exp_month, c.exp_year, k.id"
    " on conflict (account_id, gateway, brand, last4, exp_month, exp_year) do update set ref = excluded.ref,"
    " used_at = excluded.used_at"
)
TOUCH_CARDS = Command(
    "update saved_cards s set used_at = %(now)s where s.id in (select s2.id from saved_cards s2"
    " join charges c on c.account_id = s2.account_id and c.card_ref = s2.ref where c.id = any(%(charge_ids)s)"
    " order by s2.id for update of s2)"
)
FORGET_CARD = Command("delete from saved_cards where id = %(id)s and account_id = %(account_id)s")

CUSTOMER = Query(
    str, "select customer from gateway_customers where gateway = %(gateway)s and account_id = %(account_id)s"
)
KEEP_CUSTOMER = Command(
    "insert into gateway_customers (gateway, account_id, customer) values (%(gateway)s, %(account_id)s, %(customer)s)"
    " on conflict do nothing"
)


class PayeeRow(Struct, frozen=True):
    """A store's own account at the gateway."""

    store_id: str
    account: str
    ready: bool


PAYEE = Query(
    PayeeRow,
    "select store_id, account, ready from payees where gateway = %(gateway)s and store_id = %(store_id)s",
)
READY_PAYEES = Query(
    PayeeRow,
    "select store_id, account, ready from payees where gateway = %(gateway)s and store_id = any(%(store_ids)s::text[])"
    " and ready",
)
ADD_PAYEE = Command(
    "insert into payees (gateway, store_id, account, asked_at)"
    " values (%(gateway)s, %(store_id)s, %(account)s, %(now)s) on conflict do nothing"
)
ASKED_PAYEE = Command(
    "update payees set ready = %(ready)s, asked_at = %(now)s where gateway = %(gateway)s and account = %(account)s"
)
PAYEES_TO_ASK = Query(
    str,
    "select account from payees where gateway = %(gateway)s and asked_at <= %(before)s order by asked_at"
    " limit %(limit)s",
)


class RefundRow(Struct, frozen=True, kw_only=True):
    """A refund that is due, with the charge it gives back from."""

    id: str
    charge_id: str
    charge_reference: str | None
    amount: int
    state: RefundState
    tries: int
    stray: bool


ADD_REFUND = Command(
    "insert into refunds (id, charge_id, amount, created_at, due_at)"
    " values (%(id)s, %(charge_id)s, %(amount)s, %(now)s, %(now)s) on conflict (id) do nothing"
)
ADD_STRAYS = Command(
    "insert into refunds (id, charge_id, amount, stray, created_at, due_at)"
    " select s.id, c.id, c.amount, true, %(now)s, %(now)s"
    " from jsonb_to_recordset(%(rows)s::jsonb) s (id text, charge_id text, reference text)"
    " join charges c on c.id = s.charge_id on conflict (charge_id) where stray do nothing"
)
NAME_STRAYS = Command(
    "update charges c set reference = s.reference"
    " from jsonb_to_recordset(%(rows)s::jsonb) s (charge_id text, reference text) where c.id = s.charge_id"
)
REFUND = Query(
    Refund, "select id, charge_id, amount, state, reason, reference, created_at from refunds where id = %(id)s"
)
REFUNDS = Query(
    Refund,
    "select id, charge_id, amount, state, reason, reference, created_at from refunds where charge_id = %(charge_id)s"
    " order by created_at, id",
)
GIVEN_BACK = Query(
    int,
    "select coalesce(sum(amount), 0)::bigint from refunds where charge_id = %(charge_id)s and state <> 'failed'",
)
DUE_REFUNDS = Query(
    RefundRow,
    "update refunds r set tries = tries + 1, due_at = %(now)s::timestamptz"
    " + least(interval '30 seconds' * 2 ^ least(r.tries, 10), interval '1 hour')"
    " from charges c where c.id = r.charge_id and r.id in (select d.id from refunds d join charges dc"
    " on dc.id = d.charge_id where d.due_at <= %(now)s and dc.gateway = %(gateway)s order by d.due_at"
    " limit %(limit)s for update of d skip locked) returning r.id, r.charge_id, c.reference as charge_reference,"
    " r.amount, r.state, r.tries, r.stray",
)
MOVE_REFUNDS = Query(
    Refund,
    "update refunds r set state = m.state, reason = m.reason, reference = coalesce(m.reference, r.reference),"
    " settled_at = case when m.state in ('succeeded', 'failed') then %(now)s::timestamptz end,"
    " due_at = case when m.state = 'sent' then r.due_at end"
    " from jsonb_to_recordset(%(rows)s::jsonb) m (id text, state text, reason text, reference text)"
    " where r.id = m.id and (r.state = 'pending' or r.state = 'sent' and m.state <> 'sent')"
    " returning r.id, r.charge_id, r.amount, r.state, r.reason, r.reference, r.created_at",
)
CHARGE_OF_ARRIVED = Query(
    str,
    "select c.reference from refunds r join charges c on c.id = r.charge_id"
    " where r.id = %(id)s and r.state = 'succeeded'",
)
REFUND_SOON = Command("update refunds set due_at = %(now)s where id = %(id)s and state in ('pending', 'sent')")


class WebhookRow(Struct, frozen=True):
    """A gateway's message that is to be worked."""

    event_id: str
    type: str
    charge_id: str | None
    refund_id: str | None
    attempts: int


ADD_WEBHOOK = Command(
    "insert into webhooks (gateway, event_id, type, charge_id, refund_id, payload, received_at, due_at)"
    " values (%(gateway)s, %(event_id)s, %(type)s, %(charge_id)s, %(refund_id)s, %(payload)s, %(now)s, %(now)s)"
    " on conflict do nothing"
)
DUE_WEBHOOKS = Query(
    WebhookRow,
    "update webhooks set attempts = attempts + 1, due_at = %(now)s::timestamptz"
    " + least(interval '30 seconds' * 2 ^ least(attempts, 10), interval '1 hour')"
    " where (gateway, event_id) in (select gateway, event_id from webhooks where due_at <= %(now)s"
    " and gateway = %(gateway)s order by due_at limit %(limit)s for update skip locked)"
    " returning event_id, type, charge_id, refund_id, attempts",
)
WORKED_WEBHOOKS = Command(
    "update webhooks set worked_at = %(now)s, due_at = null, problem = null"
    " where gateway = %(gateway)s and event_id = any(%(event_ids)s) and worked_at is null"
)
FAILED_WEBHOOKS = Command(
    "update webhooks set problem = %(problem)s"
    " where gateway = %(gateway)s and event_id = any(%(event_ids)s) and worked_at is null"
)
DROP_OLD_WEBHOOKS = Command("delete from webhooks where worked_at < %(before)s")
