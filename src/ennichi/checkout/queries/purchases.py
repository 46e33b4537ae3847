"""SQL of purchases, and of the idempotency keys that came with them."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from ennichi.kit.db import Command, Query


class KeyRow(Struct, frozen=True):
    """What an idempotency key was used for."""

    digest: bytes
    answer: str | None
    charge_id: str | None


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


class ConfirmationRow(Struct, frozen=True):
    """A hold on its way through the gateway."""

    charge_id: str
    hold_id: str
    order_id: str
    address: dict[str, Any]
    save: bool
    tell_room: bool
    started_at: datetime


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
