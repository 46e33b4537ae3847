"""The SQL of purchases, and of the keys that begin them."""

from msgspec import Struct

from ennichi.checkout.model import HoldRow
from ennichi.checkout.purchases import PurchaseRow
from ennichi.checkout.queries.holds import HOLD_COLUMNS
from ennichi.kit.db import Command, Query


class KeyRow(Struct, frozen=True):
    """What an idempotency key was used for."""

    digest: bytes
    purchase_id: str | None


KEY = Query(KeyRow, "select digest, purchase_id from request_keys where account_id = %(account_id)s and key = %(key)s")
CLAIM_KEYS = Query(
    str,
    "insert into request_keys (account_id, key, digest, purchase_id, created_at)"
    " select account_id, key, digest, purchase_id, %(now)s from unnest(%(account_ids)s::text[], %(keys)s::text[],"
    " %(digests)s::bytea[], %(purchase_ids)s::text[]) as asked (account_id, key, digest, purchase_id)"
    " order by account_id, key on conflict do nothing returning purchase_id",
)
FREE_KEYS = Command("delete from request_keys where purchase_id = any(%(purchase_ids)s::text[])")
FORGET_KEYS = Command("delete from request_keys where created_at < %(before)s")

_COLUMNS = (
    "id, charge_id, order_id, account_id, store_id, show_id, hold_ids, items, shipping, address, save, tell_room,"
    " state, started_at"
)
ADD_PURCHASES = Command(
    f"insert into purchases ({_COLUMNS}) select {_COLUMNS} from jsonb_to_recordset(%(rows)s::jsonb) as begun (id text,"
    " charge_id text, order_id text, account_id text, store_id text, show_id text, hold_ids text[], items bigint,"
    " shipping bigint, address jsonb, save boolean, tell_room boolean, state text, started_at timestamptz)"
)
_PURCHASES = f"select {_COLUMNS} from purchases"
PURCHASE = Query(PurchaseRow, f"{_PURCHASES} where id = %(id)s")
LOCK_PURCHASES_OF_CHARGES = Query(
    PurchaseRow,
    f"{_PURCHASES} where charge_id = any(%(charge_ids)s::text[]) order by id for no key update",
)
MOVE_PURCHASES = Command(
    "update purchases p set state = moved.state from unnest(%(ids)s::text[], %(states)s::text[]) as moved (id, state)"
    " where p.id = moved.id"
)
CONFIRM_HOLDS = Command(
    "update holds h set state = 'confirming', purchase_id = begun.purchase_id"
    " from unnest(%(ids)s::text[], %(purchase_ids)s::text[]) as begun (id, purchase_id)"
    " where h.id = begun.id and h.state = 'held'"
)
SELL_HOLDS = Command(
    "update holds h set state = 'sold', order_id = sold.order_id"
    " from unnest(%(ids)s::text[], %(order_ids)s::text[]) as sold (id, order_id)"
    " where h.id = sold.id and h.state = 'confirming'"
)
HOLD_AGAIN = Command(
    "update holds set state = 'held', purchase_id = null where id = any(%(ids)s::text[]) and state = 'confirming'"
)
RUNNING_OF_STORE = Query(
    HoldRow,
    f"select {HOLD_COLUMNS} from holds h join terms t on t.id = h.terms_id"
    " where h.account_id = %(account_id)s and h.store_id = %(store_id)s and h.state = 'held'"
    " and h.expires_at > %(now)s order by h.created_at, h.id",
)
