"""All SQL of the checkout."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from ennichi.checkout.model import HoldRow
from ennichi.kit.db import Command, Query


class KeyRow(Struct, frozen=True):
    """What an idempotency key was used for."""

    digest: bytes
    answer: str | None
    charge_id: str | None


class ConfirmationRow(Struct, frozen=True):
    """A hold on its way through the gateway."""

    charge_id: str
    hold_id: str
    order_id: str
    address: dict[str, Any]
    save: bool
    tell_room: bool
    started_at: datetime


QUEUE_UP = Query(str, "select pg_advisory_xact_lock(hashtextextended('hold ' || %(account_id)s, 0))::text")
CLAIM_KEY = Command(
    "insert into request_keys (account_id, key, digest, created_at)"
    " values (%(account_id)s, %(key)s, %(digest)s, %(now)s) on conflict do nothing"
)
KEY = Query(
    KeyRow,
    "select digest, answer, charge_id from request_keys where account_id = %(account_id)s and key = %(key)s",
)
KEEP_ANSWER = Command(
    "update request_keys set answer = %(answer)s, charge_id = %(charge_id)s"
    " where account_id = %(account_id)s and key = %(key)s"
)
FREE_KEY = Command("delete from request_keys where charge_id = %(charge_id)s")
FORGET_KEYS = Command("delete from request_keys where created_at < %(before)s")

HOLD = Query(
    HoldRow,
    "select id, account_id, store_id, listing_id, variant_id, show_id, title, variant_name, photo_id, quantity,"
    " unit_price, tax_rate, shipping, terms, state, expires_at, created_at, order_id from holds where id = %(id)s",
)
LOCK_HOLD = Query(
    HoldRow,
    "select id, account_id, store_id, listing_id, variant_id, show_id, title, variant_name, photo_id, quantity,"
    " unit_price, tax_rate, shipping, terms, state, expires_at, created_at, order_id from holds where id = %(id)s"
    " for no key update",
)
LOCK_ACTIVE = Query(
    HoldRow,
    "select id, account_id, store_id, listing_id, variant_id, show_id, title, variant_name, photo_id, quantity,"
    " unit_price, tax_rate, shipping, terms, state, expires_at, created_at, order_id from holds"
    " where account_id = %(account_id)s and variant_id = %(variant_id)s and state in ('held', 'confirming')"
    " for no key update",
)
ACTIVE_OF_SHOW = Query(
    HoldRow,
    "select id, account_id, store_id, listing_id, variant_id, show_id, title, variant_name, photo_id, quantity,"
    " unit_price, tax_rate, shipping, terms, state, expires_at, created_at, order_id from holds"
    " where account_id = %(account_id)s and show_id = %(show_id)s"
    " and (state = 'confirming' or state = 'held' and expires_at > %(now)s) order by created_at desc, id desc limit 1",
)
COUNT_ACTIVE = Query(
    int,
    "select count(*) from holds where account_id = %(account_id)s and state in ('held', 'confirming')",
)
ADD_HOLD = Command(
    "insert into holds (id, account_id, store_id, listing_id, variant_id, show_id, title, variant_name, photo_id,"
    " quantity, unit_price, tax_rate, shipping, terms, expires_at, created_at)"
    " values (%(id)s, %(account_id)s, %(store_id)s, %(listing_id)s, %(variant_id)s, %(show_id)s, %(title)s,"
    " %(variant_name)s, %(photo_id)s, %(quantity)s, %(unit_price)s, %(tax_rate)s, %(shipping)s, %(terms)s::jsonb,"
    " %(expires_at)s, %(created_at)s)"
)
SET_QUANTITY = Command("update holds set quantity = %(quantity)s where id = %(id)s")
MOVE = Command("update holds set state = %(state)s, order_id = %(order_id)s where id = %(id)s")
NEXT_DUE = Query(datetime, "select expires_at from holds where state = 'held' order by expires_at limit 1")
EXPIRE = Query(
    HoldRow,
    "update holds set state = 'expired' where id in (select id from holds where state = 'held'"
    " and expires_at <= %(now)s order by expires_at limit %(limit)s for no key update skip locked)"
    " returning id, account_id, store_id, listing_id, variant_id, show_id, title, variant_name, photo_id, quantity,"
    " unit_price, tax_rate, shipping, terms, state, expires_at, created_at, order_id",
)

ADD_CONFIRMATION = Command(
    "insert into confirmations (charge_id, hold_id, order_id, address, save, tell_room, started_at)"
    " values (%(charge_id)s, %(hold_id)s, %(order_id)s, %(address)s::jsonb, %(save)s, %(tell_room)s, %(now)s)"
)
CONFIRMATION = Query(
    ConfirmationRow,
    "select charge_id, hold_id, order_id, address, save, tell_room, started_at from confirmations"
    " where charge_id = %(charge_id)s",
)
UNSETTLED = Query(
    ConfirmationRow,
    "select charge_id, hold_id, order_id, address, save, tell_room, started_at from confirmations"
    " where not settled order by started_at limit %(limit)s",
)
CLOSE_CONFIRMATION = Command("update confirmations set settled = true where charge_id = %(charge_id)s")
