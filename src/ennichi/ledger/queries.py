"""All SQL of the ledger."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from ennichi.kit.db import Command, Query
from ennichi.ledger.model import BankKind, Line, PayoutState

# Entries with their postings, however many, in one statement, in their order. Those that are there already stay as
# they are. Returns what was entered.
ENTER = Query(
    str,
    """
    with wanted as (
        select * from unnest(%(kinds)s::text[], %(refs)s::text[], %(orders)s::text[], %(stores)s::text[],
            %(ats)s::timestamptz[], %(memos)s::text[])
            with ordinality as w (kind, ref, order_id, store_id, at, memo, place)
    ),
    entered as (
        insert into entries (kind, ref, order_id, store_id, at, memo)
        select kind, ref, order_id, store_id, at, memo from wanted order by place
        on conflict (kind, ref) do nothing
        returning id, kind, ref
    ),
    posted as (
        insert into postings (entry_id, account, amount)
        select e.id, p.account, p.amount
        from unnest(%(places)s::bigint[], %(accounts)s::text[], %(amounts)s::bigint[]) as p (place, account, amount)
            join wanted w on w.place = p.place
            join entered e on e.kind = w.kind and e.ref = w.ref
    )
    select ref from entered
    """,
)

# Everything about an order's money waits for whoever has its first entry locked.
LOCK_ORDERS = Query(
    str,
    "select ref from entries where kind = 'sale' and ref = any(%(order_ids)s::text[]) order by ref for update",
)


class OrderSum(Struct, frozen=True, kw_only=True):
    """What one account has of one order's money."""

    order_id: str
    store_id: str
    account: str
    amount: int


OF_ORDERS = Query(
    OrderSum,
    """
    select e.order_id, e.store_id, p.account, sum(p.amount)::bigint as amount
    from entries e join postings p on p.entry_id = e.id
    where e.order_id = any(%(order_ids)s::text[])
    group by e.order_id, e.store_id, p.account
    """,
)


class SettlementRow(Struct, frozen=True, kw_only=True):
    """How an order was settled."""

    order_id: str
    store_id: str
    fee_bps: int
    reserve_bps: int
    released_at: datetime | None


SETTLEMENTS = Query(
    SettlementRow,
    "select order_id, store_id, fee_bps, reserve_bps, released_at from settlements"
    " where order_id = any(%(order_ids)s::text[])",
)
ADD_SETTLEMENTS = Command("""
    insert into settlements (order_id, store_id, fee_bps, reserve_bps, settled_at, release_at)
    select * from unnest(%(order_ids)s::text[], %(store_ids)s::text[], %(fees)s::integer[], %(reserves)s::integer[],
        %(ats)s::timestamptz[], %(releases)s::timestamptz[])
""")
TO_RELEASE = Query(
    SettlementRow,
    """
    select order_id, store_id, fee_bps, reserve_bps, released_at from settlements
    where released_at is null and release_at <= %(now)s
    order by release_at limit %(limit)s for update skip locked
    """,
)
RELEASED = Command("update settlements set released_at = %(now)s where order_id = any(%(order_ids)s::text[])")


class RefundRow(Struct, frozen=True, kw_only=True):
    """What is owed to a buyer: a posting, hence negative."""

    ref: str
    order_id: str
    store_id: str
    account: str
    amount: int


ENTERED = Query(str, "select ref from entries where kind = any(%(kinds)s::text[]) and ref = any(%(refs)s::text[])")
ORDERS_OF_REFUNDS = Query(
    str, "select distinct order_id from entries where kind = 'refund' and ref = any(%(refund_ids)s::text[])"
)
LOCK_REFUNDS = Query(
    str,
    "select ref from entries where kind = 'refund' and ref = any(%(refund_ids)s::text[]) order by ref for update",
)
OPEN_REFUNDS = Query(
    RefundRow,
    """
    select e.ref, e.order_id, e.store_id, p.account, p.amount
    from entries e join postings p on p.entry_id = e.id and p.account = 'refunds:' || e.store_id
    where e.kind = 'refund' and e.ref = any(%(refund_ids)s::text[])
        and not exists (select from entries x where x.kind in ('refunded', 'refund_failed') and x.ref = e.ref)
    order by e.id
    """,
)


class AccountSum(Struct, frozen=True, kw_only=True):
    """What one account comes to."""

    account: str
    amount: int


SUMS = Query(
    AccountSum,
    "select account, sum(amount)::bigint as amount from postings where account = any(%(accounts)s::text[])"
    " group by account",
)
PAID_OUT = Query(
    int,
    "select coalesce(sum(amount), 0)::bigint from payouts where store_id = %(store_id)s and state = 'settled'",
)
# `refunded` is left out: money on its way to a buyer has left the store's balance already.
LINES = Query(
    Line,
    """
    with page as (
        select id, at, kind, order_id, store_id from entries
        where store_id = %(store_id)s and id < %(before)s and kind <> 'refunded'
        order by id desc limit %(limit)s
    )
    select e.id, e.at, e.kind, e.order_id,
        coalesce((select s.memo from entries s where s.kind = 'sale' and s.ref = e.order_id), '') as order_number,
        coalesce(-sum(p.amount) filter (where p.account = 'clearing:' || e.store_id), 0)::bigint as waiting,
        coalesce(-sum(p.amount) filter (where p.account = 'store:' || e.store_id), 0)::bigint as available,
        coalesce(-sum(p.amount) filter (where p.account = 'reserve:' || e.store_id), 0)::bigint as reserved,
        coalesce(-sum(p.amount) filter (where p.account = 'payout:' || e.store_id), 0)::bigint as on_the_way,
        coalesce(-sum(p.amount) filter (where p.account in ('fees', 'fee_tax')), 0)::bigint as fees
    from page e join postings p on p.entry_id = e.id
    group by e.id, e.at, e.kind, e.order_id, e.store_id
    order by e.id desc
    """,
)


class BankRow(Struct, frozen=True, kw_only=True):
    """A store's bank account as it is kept."""

    bank_code: str
    bank_name: str
    branch_code: str
    branch_name: str
    kind: BankKind
    number: str
    holder: str


_BANK = "bank_code, bank_name, branch_code, branch_name, kind, number, holder"
BANK = Query(BankRow, f"select {_BANK} from bank_accounts where store_id = %(store_id)s")
# One withdrawal of a store at a time looks at what is available.
BANK_FOR_UPDATE = Query(BankRow, f"select {_BANK} from bank_accounts where store_id = %(store_id)s for update")
KEEP_BANK = Command("""
    insert into bank_accounts (store_id, bank_code, bank_name, branch_code, branch_name, kind, number, holder,
        changed_at)
    values (%(store_id)s, %(bank_code)s, %(bank_name)s, %(branch_code)s, %(branch_name)s, %(kind)s, %(number)s,
        %(holder)s, %(now)s)
    on conflict (store_id) do update set bank_code = excluded.bank_code, bank_name = excluded.bank_name,
        branch_code = excluded.branch_code, branch_name = excluded.branch_name, kind = excluded.kind,
        number = excluded.number, holder = excluded.holder, changed_at = excluded.changed_at
""")


class PayoutRow(Struct, frozen=True, kw_only=True):
    """A withdrawal as it is kept."""

    id: str
    store_id: str
    amount: int
    bank: dict[str, Any]
    state: PayoutState
    reference: str | None
    reason: str | None
    asked_at: datetime
    ended_at: datetime | None
    attempts: int


_PAYOUT = "id, store_id, amount, bank, state, reference, reason, asked_at, ended_at, attempts"
ADD_PAYOUT = Command("""
    insert into payouts (id, store_id, account_id, key, amount, bank, asked_at, next_at)
    values (%(id)s, %(store_id)s, %(account_id)s, %(key)s, %(amount)s, %(bank)s::jsonb, %(now)s, %(now)s)
""")
PAYOUT = Query(PayoutRow, f"select {_PAYOUT} from payouts where id = %(id)s")
PAYOUT_OF_KEY = Query(PayoutRow, f"select {_PAYOUT} from payouts where store_id = %(store_id)s and key = %(key)s")
PAYOUTS = Query(
    PayoutRow,
    f"select {_PAYOUT} from payouts where store_id = %(store_id)s order by asked_at desc, id desc limit %(limit)s",
)
# Whoever claims a withdrawal has until `next_at` before another looks at it.
CLAIM = Query(
    PayoutRow,
    f"""
    update payouts set attempts = attempts + 1, next_at = %(again)s
    where id in (
        select id from payouts where state in ('pending', 'sent') and next_at <= %(now)s
        order by next_at limit %(limit)s for update skip locked
    )
    returning {_PAYOUT}
    """,
)
SENT = Command("""
    update payouts set state = 'sent', reference = %(reference)s, sent_at = coalesce(sent_at, %(now)s),
        next_at = %(again)s, problem = null
    where id = %(id)s and state in ('pending', 'sent')
""")
ENDED = Command("""
    update payouts set state = %(state)s, reference = coalesce(%(reference)s, reference), reason = %(reason)s,
        ended_at = %(now)s, problem = null
    where id = %(id)s and state in ('pending', 'sent')
""")
PROBLEM = Command(
    "update payouts set problem = %(problem)s, next_at = %(again)s where id = %(id)s and ended_at is null"
)
ASKED_BETWEEN = Query(
    PayoutRow,
    f"select {_PAYOUT} from payouts where asked_at >= %(since)s and asked_at < %(until)s and state <> 'failed'"
    " order by asked_at, id",
)
