"""SQL of holds, of who came when, and of lines.

Locks are taken in one order: variants (by the catalog), holds, places in lines, each by their ids.
"""

from datetime import datetime

from msgspec import Struct

from ennichi.checkout.model import ArrivalOutcome, HoldRow, HoldState, WaitRow
from ennichi.kit.db import Command, Query

HOLD_COLUMNS = (
    "h.id, h.account_id, h.store_id, h.listing_id, h.variant_id, h.show_id, h.title, h.variant_name, h.photo_id,"
    " h.quantity, h.unit_price, h.tax_rate, h.size, h.terms_id, t.content as terms, h.state, h.expires_at,"
    " h.created_at, h.purchase_id, h.order_id"
)
_HOLDS = f"select {HOLD_COLUMNS} from holds h join terms t on t.id = h.terms_id"

HOLD = Query(HoldRow, f"{_HOLDS} where h.id = %(id)s")
LOCK_HOLD = Query(HoldRow, f"{_HOLDS} where h.id = %(id)s for no key update of h")
HOLDS = Query(HoldRow, f"{_HOLDS} where h.id = any(%(ids)s::text[]) order by h.id")
LOCK_HOLDS = Query(HoldRow, f"{_HOLDS} where h.id = any(%(ids)s::text[]) order by h.id for no key update of h")
RUNNING_OF = Query(
    HoldRow,
    f"{_HOLDS} where h.account_id = %(account_id)s"
    " and (h.state = 'confirming' or h.state = 'held' and h.expires_at > %(now)s)"
    " order by h.created_at desc, h.id desc",
)
MOVE = Command("update holds set state = %(state)s where id = any(%(ids)s::text[])")
TAKE_BACK = Command(
    "update holds h set returned = h.returned + b.quantity,"
    " state = case when h.returned + b.quantity = h.quantity then 'returned' else h.state end"
    " from unnest(%(ids)s::text[], %(quantities)s::int[]) as b (id, quantity) where h.id = b.id and h.state = 'sold'"
)

NEXT_DUE = Query(datetime, "select expires_at from holds where state = 'held' order by expires_at limit 1")


class Due(Struct, frozen=True):
    """A hold whose time is over."""

    id: str
    variant_id: str


DUE = Query(
    Due,
    "select id, variant_id from holds where state = 'held' and expires_at <= %(now)s order by expires_at"
    " limit %(limit)s",
)
EXPIRE = Query(
    HoldRow,
    "with due as (select id from holds where id = any(%(ids)s::text[]) and state = 'held' and expires_at <= %(now)s"
    " order by id for no key update)"
    " update holds h set state = 'expired' from due, terms t where h.id = due.id and t.id = h.terms_id"
    f" returning {HOLD_COLUMNS}",
)

# --- settling many at once

# A batch looks up a few hundred rows of tables that may have grown by thousands since they were last analysed: what is
# planned while they are small reads them whole. In this transaction alone everything is looked up by its index, and
# planned once for all batches.
BY_INDEX = Query(
    str,
    "select set_config('enable_seqscan', 'off', true) || set_config('plan_cache_mode', 'force_generic_plan', true)",
)


class Active(Struct, frozen=True):
    """An active hold that a request of a batch is about."""

    id: str
    account_id: str
    variant_id: str
    quantity: int
    state: HoldState
    expires_at: datetime


class Answered(Struct, frozen=True):
    """What a key was used for, and what came of it."""

    account_id: str
    key: str
    digest: str
    hold_id: str | None = None
    wait_id: str | None = None


class Place(Struct, frozen=True):
    """A place somebody has in the line of a variant."""

    id: str
    account_id: str
    variant_id: str


class Line(Struct, frozen=True):
    """How many came for a variant so far, and how many stand in its line."""

    variant_id: str
    last: int
    waiting: int


class Busy(Struct, frozen=True):
    """Active holds and places in lines of one account."""

    account_id: str
    n: int


class Had(Struct, frozen=True):
    """Units of a limited listing that one account holds or has bought."""

    account_id: str
    listing_id: str
    units: int


class Stands(Struct, frozen=True):
    """Everything a batch has to know besides what is free. What there is none of is null."""

    active: list[Active] | None
    answered: list[Answered] | None
    places: list[Place] | None
    lines: list[Line] | None
    busy: list[Busy] | None


# As one text that is decoded at once: rows of the driver's own cost several times as much for each request. `offset 0`
# keeps each look-up one by the index of what is theirs: a planner that takes few holds or waits for active would read
# them all, or a whole line, for each request.
STANDS = Query(
    str,
    """
    with asked as materialized (
        select * from unnest(%(account_ids)s::text[], %(variant_ids)s::text[], %(keys)s::text[])
            as a (account_id, variant_id, key)
    ), theirs as materialized (
        select h.id, h.account_id, h.variant_id = a.variant_id as asked_for from asked a cross join lateral (
            select h.id, h.account_id, h.variant_id from holds h
            where h.account_id = a.account_id and h.state in ('held', 'confirming') offset 0
        ) h
    ), locked as materialized (
        select h.id, h.account_id, h.variant_id, h.quantity, h.state, h.expires_at from holds h
        where h.id = any(array(select id from theirs where asked_for)) order by h.id for no key update
    ), active as (
        select * from locked where state in ('held', 'confirming')
    ), answered as (
        select r.account_id, r.key, encode(r.digest, 'hex') as digest, r.hold_id,
            (select w.id from waits w where w.variant_id = r.variant_id and w.n = r.n) as wait_id
        from asked a cross join lateral (
            select * from arrivals r where r.account_id = a.account_id and r.key = a.key limit 1
        ) r
    ), standing as materialized (
        select w.id, w.account_id, w.variant_id, w.variant_id = a.variant_id as asked_for
        from asked a cross join lateral (
            select w.id, w.account_id, w.variant_id from waits w
            where w.account_id = a.account_id and w.state = 'waiting' offset 0
        ) w
    ), places as (
        select distinct id, account_id, variant_id from standing where asked_for
    ), lines as (
        select v.variant_id,
            coalesce((select n from arrivals r where r.variant_id = v.variant_id order by n desc limit 1), 0) as last,
            (select count(*) from waits w where w.variant_id = v.variant_id and w.state = 'waiting') as waiting
        from (select distinct variant_id from asked) v
    ), busy as (
        select account_id, count(distinct id) as n
        from (select account_id, id from theirs union all select account_id, id from standing) b group by account_id
    )
    select json_build_object(
        'active', (select json_agg(active) from active),
        'answered', (select json_agg(answered) from answered),
        'places', (select json_agg(places) from places),
        'lines', (select json_agg(lines) from lines),
        'busy', (select json_agg(busy) from busy)
    )::text
    """,
)
ACTIVE_COUNTS = Query(
    Busy,
    "select account_id, count(*) as n from holds where account_id = any(%(account_ids)s::text[])"
    " and state in ('held', 'confirming') group by 1",
)
HAD = Query(
    Had,
    """
    select account_id, listing_id, sum(quantity - returned)::int as units from holds
    where account_id = any(%(account_ids)s::text[]) and listing_id = any(%(listing_ids)s::text[])
        and (state in ('held', 'confirming') or state = 'sold')
    group by account_id, listing_id
    """,
)

ADD_TERMS = Command(
    "insert into terms (id, content) select i, c::jsonb from unnest(%(ids)s::text[], %(contents)s::text[]) as n (i, c)"
    " on conflict do nothing"
)
ADD_HOLDS = Command(
    """
    insert into holds (id, account_id, store_id, listing_id, variant_id, show_id, title, variant_name, photo_id,
        quantity, unit_price, tax_rate, size, terms_id, expires_at, created_at)
    select n.id, n.account_id, o.store_id, o.listing_id, o.variant_id, n.show_id, o.title, o.variant_name, o.photo_id,
        n.quantity, o.price, o.tax_rate, o.size, o.terms_id, %(expires_at)s, %(now)s
    from unnest(%(ids)s::text[], %(account_ids)s::text[], %(variant_ids)s::text[], %(show_ids)s::text[],
        %(quantities)s::int[]) as n (id, account_id, variant_id, show_id, quantity)
    join json_to_recordset(%(offers)s::json) as o (variant_id text, variant_name text, listing_id text, store_id text,
        title text, photo_id text, price bigint, tax_rate smallint, size smallint, terms_id text)
        on o.variant_id = n.variant_id
    """
)
ADD_ARRIVALS = Command(
    """
    insert into arrivals (variant_id, n, account_id, key, digest, quantity, outcome, left_before, hold_id, at)
    select a.variant_id, a.n, a.account_id, a.key, decode(a.digest, 'hex'), a.quantity, a.outcome, a.left_before,
        a.hold_id, %(now)s
    from unnest(%(variant_ids)s::text[], %(ns)s::bigint[], %(account_ids)s::text[], %(keys)s::text[],
        %(digests)s::text[], %(quantities)s::int[], %(outcomes)s::text[], %(lefts)s::int[], %(hold_ids)s::text[])
        as a (variant_id, n, account_id, key, digest, quantity, outcome, left_before, hold_id)
    """,
)
SET_QUANTITIES = Command(
    "update holds h set quantity = q.quantity from unnest(%(ids)s::text[], %(quantities)s::int[]) as q (id, quantity)"
    " where h.id = q.id"
)

# --- lines

WAIT_COLUMNS = "id, variant_id, n, account_id, show_id, quantity, state, hold_id, asked_at"
ADD_WAITS = Command(
    """
    insert into waits (id, variant_id, n, account_id, show_id, quantity, state, hold_id, asked_at)
    select w.id, w.variant_id, w.n, w.account_id, w.show_id, w.quantity,
        case when w.hold_id is null then 'waiting' else 'held' end, w.hold_id, %(now)s
    from unnest(%(ids)s::text[], %(variant_ids)s::text[], %(ns)s::bigint[], %(account_ids)s::text[],
        %(show_ids)s::text[], %(quantities)s::int[], %(hold_ids)s::text[])
        as w (id, variant_id, n, account_id, show_id, quantity, hold_id)
    """
)
WAITS = Query(WaitRow, f"select {WAIT_COLUMNS} from waits where id = any(%(ids)s::text[]) order by id")
LOCK_WAIT = Query(WaitRow, f"select {WAIT_COLUMNS} from waits where id = %(id)s for no key update")
WAITING_OF = Query(
    WaitRow,
    f"select {WAIT_COLUMNS} from waits where account_id = %(account_id)s and show_id = %(show_id)s"
    " and state = 'waiting' order by asked_at, id",
)
HEAD = Query(
    WaitRow,
    f"select {WAIT_COLUMNS} from waits where variant_id = %(variant_id)s and state = 'waiting' order by n"
    " limit %(limit)s for no key update",
)
MOVE_WAITS = Command(
    "update waits w set state = m.state, hold_id = m.hold_id"
    " from unnest(%(ids)s::text[], %(states)s::text[], %(hold_ids)s::text[]) as m (id, state, hold_id)"
    " where w.id = m.id"
)


class Ahead(Struct, frozen=True):
    """What is before a place in its line: people, and the units they wait for."""

    id: str
    ahead: int
    units: int


AHEAD = Query(
    Ahead,
    """
    select w.id, count(b.n)::int as ahead, coalesce(sum(b.quantity), 0)::int as units
    from waits w left join waits b on b.variant_id = w.variant_id and b.state = 'waiting' and b.n < w.n
    where w.id = any(%(ids)s::text[]) and w.state = 'waiting' group by w.id
    """,
)
LINE = Query(
    WaitRow,
    f"select {WAIT_COLUMNS} from waits where variant_id = %(variant_id)s and state = 'waiting' order by n",
)


class Ending(Struct, frozen=True):
    """When a running hold of a variant ends, and how many units it has."""

    variant_id: str
    expires_at: datetime
    quantity: int


ENDINGS = Query(
    Ending,
    "select variant_id, expires_at, quantity from holds where variant_id = any(%(variant_ids)s::text[])"
    " and state = 'held' order by expires_at, id",
)

# --- who came when


class ArrivalRow(Struct, frozen=True):
    """A line of the log."""

    n: int
    account_id: str
    quantity: int
    outcome: ArrivalOutcome
    left_before: int
    at: datetime


ARRIVALS_AROUND = Query(
    ArrivalRow,
    """
    with mine as (
        select n from arrivals where variant_id = %(variant_id)s and account_id = %(account_id)s
        order by n desc limit %(most)s
    )
    select distinct a.n, a.account_id, a.quantity, a.outcome, a.left_before, a.at
    from mine m join arrivals a on a.variant_id = %(variant_id)s
        and a.n between m.n - %(around)s::int and m.n + %(around)s::int
    order by a.n
    """,
)
