"""All SQL of payments, the sandbox gateway's own at the end."""

from msgspec import Struct

from ennichi.kit.db import Command, Query
from ennichi.payments.model import Brand, CardRow, DeclineReason, GatewayCard, OldCharge

ADD_CHARGE = Command(
    "insert into charges (id, account_id, amount, currency, card_ref, brand, last4, exp_month, exp_year, created_at)"
    " values (%(id)s, %(account_id)s, %(amount)s, %(currency)s, %(card_ref)s, %(brand)s, %(last4)s, %(exp_month)s,"
    " %(exp_year)s, %(created_at)s)"
)
CHARGE = Query(
    OldCharge,
    "select id, account_id, amount, currency, card_ref, brand, last4, exp_month, exp_year, state, reason, reference,"
    " created_at from charges where id = %(id)s",
)
SETTLE = Query(
    OldCharge,
    "update charges set state = %(state)s, reason = %(reason)s, reference = %(reference)s, settled_at = %(now)s"
    " where id = %(id)s and state = 'pending'"
    " returning id, account_id, amount, currency, card_ref, brand, last4, exp_month, exp_year, state, reason,"
    " reference, created_at",
)

CARDS = Query(
    CardRow,
    "select id, account_id, ref, brand, last4, exp_month, exp_year from saved_cards where account_id = %(account_id)s"
    " order by used_at desc, id desc",
)
KEEP_CARD = Query(
    CardRow,
    "insert into saved_cards (id, account_id, ref, brand, last4, exp_month, exp_year, used_at)"
    " values (%(id)s, %(account_id)s, %(ref)s, %(brand)s, %(last4)s, %(exp_month)s, %(exp_year)s, %(now)s)"
    " on conflict (account_id, brand, last4, exp_month, exp_year) do update set ref = %(ref)s, used_at = %(now)s"
    " returning id, account_id, ref, brand, last4, exp_month, exp_year",
)
TOUCH_CARD = Command("update saved_cards set used_at = %(now)s where account_id = %(account_id)s and ref = %(ref)s")
FORGET_CARD = Command("delete from saved_cards where id = %(id)s and account_id = %(account_id)s")


class SandboxCardRow(Struct, frozen=True):
    """A test card as the sandbox keeps it."""

    token: str
    brand: Brand
    last4: str
    exp_month: int
    exp_year: int
    behaviour: str


class SandboxChargeRow(Struct, frozen=True):
    """A charge in the sandbox's books; without a reason the money was taken."""

    reference: str
    reason: DeclineReason | None


SANDBOX_ADD_CARD = Command(
    "insert into sandbox_cards (token, brand, last4, exp_month, exp_year, behaviour, created_at)"
    " values (%(token)s, %(brand)s, %(last4)s, %(exp_month)s, %(exp_year)s, %(behaviour)s, %(now)s)"
)
SANDBOX_CARD = Query(
    SandboxCardRow,
    "select token, brand, last4, exp_month, exp_year, behaviour from sandbox_cards where token = %(token)s",
)
SANDBOX_DESCRIBE = Query(
    GatewayCard,
    "select token as ref, brand, last4, exp_month, exp_year from sandbox_cards where token = %(token)s",
)
SANDBOX_CHARGE = Command(
    "insert into sandbox_charges (idempotency_key, token, amount, currency, reference, reason, created_at)"
    " values (%(key)s, %(token)s, %(amount)s, %(currency)s, %(reference)s, %(reason)s, %(now)s)"
    " on conflict (idempotency_key) do nothing"
)
SANDBOX_FIND = Query(SandboxChargeRow, "select reference, reason from sandbox_charges where idempotency_key = %(key)s")
