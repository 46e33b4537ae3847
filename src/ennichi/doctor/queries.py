"""All SQL of the doctor: one statement for each thing that must always be true, which finds the rows that break it.

Each takes `now`, reads only, and returns a hundred rows at most: with one there is something to look into.
"""

from msgspec import Struct

from ennichi.kit.db import Query


class Violation(Struct, frozen=True, kw_only=True):
    """A row that breaks a rule: which it is, and what is wrong with it."""

    subject: str
    detail: str


STOCK_ADDS_UP = Query(
    Violation,
    """
    select v.id as subject, format('%%s stocked, %%s available, %%s held, %%s sold', v.stocked, v.available, v.held,
        v.sold) as detail
    from variants v
    where v.stocked <> v.available + v.held + v.sold or v.available < 0 or v.held < 0 or v.sold < 0
    order by v.id limit 100
    """,
)
HELD_IS_HELD = Query(
    Violation,
    """
    select v.id as subject, format('%%s held, running holds have %%s', v.held, coalesce(h.units, 0)) as detail
    from variants v left join (
        select variant_id, sum(quantity) as units from holds where state in ('held', 'confirming') group by variant_id
    ) h on h.variant_id = v.id
    where v.held <> coalesce(h.units, 0)
    order by v.id limit 100
    """,
)
HOLDS_END_IN_TIME = Query(
    Violation,
    """
    select id as subject, format('held since %%s, its time was over at %%s', created_at, expires_at) as detail
    from holds where state = 'held' and expires_at < %(now)s::timestamptz - interval '60 seconds'
    order by expires_at limit 100
    """,
)
SOLD_HAS_AN_ORDER = Query(
    Violation,
    """
    select h.id as subject, format('sold as order %%s, which is not there or has no such line', h.order_id) as detail
    from holds h
    where h.state = 'sold' and not exists (
        select from order_lines l where l.order_id = h.order_id and l.hold_id = h.id
    )
    order by h.id limit 100
    """,
)
ENTRIES_SUM_TO_ZERO = Query(
    Violation,
    """
    select e.id::text as subject, format('%%s of %%s sums to %%s', e.kind, e.ref, coalesce(sum(p.amount), 0)) as detail
    from entries e left join postings p on p.entry_id = e.id
    group by e.id having coalesce(sum(p.amount), 0) <> 0 or count(p.entry_id) < 2
    order by e.id limit 100
    """,
)
NOBODY_OWES_US = Query(
    Violation,
    """
    select account as subject, format('stands at %%s: more went out than came in', sum(amount)) as detail
    from postings
    where account ~ '^(clearing|refunds|reserve|payout):' or account in ('gateway', 'fees', 'fee_tax')
    group by account
    having case when account = 'gateway' then sum(amount) < 0 else sum(amount) > 0 end
    order by account limit 100
    """,
)
PAID_HAS_ITS_MONEY = Query(
    Violation,
    """
    select o.id as subject, format('%%s is %%s: total %%s, charge %%s of %%s, in the ledger %%s', o.number, o.state,
        o.total, coalesce(c.state, 'missing'), c.amount, coalesce(p.amount::text, 'nothing')) as detail
    from orders o
        left join charges c on c.id = o.charge_id
        left join entries e on e.kind = 'sale' and e.ref = o.id
        left join postings p on p.entry_id = e.id and p.account = 'gateway'
    where o.paid_at is not null
        and (c.state is distinct from 'succeeded' or c.amount is distinct from o.total
            or p.amount is distinct from o.total)
    order by o.id limit 100
    """,
)
NEVER_SHIPPED_UNPAID = Query(
    Violation,
    """
    select o.id as subject, format('%%s is %%s, its charge is %%s', o.number, o.state, coalesce(c.state, 'missing'))
        as detail
    from orders o left join charges c on c.id = o.charge_id
    where (o.shipped_at is not null or o.state in ('shipped', 'received', 'settled'))
        and c.state is distinct from 'succeeded'
    order by o.id limit 100
    """,
)
MONEY_HAS_AN_ORDER = Query(
    Violation,
    """
    select c.id as subject, format('%%s taken at %%s, and no order, nor on its way back', c.amount, c.settled_at)
        as detail
    from charges c
    where c.state = 'succeeded' and c.settled_at < %(now)s::timestamptz - interval '60 seconds'
        and not exists (select from orders o where o.charge_id = c.id)
        and not exists (select from refunds r where r.charge_id = c.id and r.state <> 'failed')
    order by c.settled_at limit 100
    """,
)
NOT_MORE_BACK_THAN_TAKEN = Query(
    Violation,
    """
    select c.id as subject, format('%%s taken, %%s given back', c.amount, sum(r.amount)) as detail
    from charges c join refunds r on r.charge_id = c.id and r.state <> 'failed'
    group by c.id having sum(r.amount) > c.amount
    order by c.id limit 100
    """,
)
REFUNDS_ARE_BOOKED = Query(
    Violation,
    """
    select o.id as subject, format('%%s: %%s given back or on the way, %%s in the ledger', o.number,
        o.refunding + o.refunded, coalesce(b.amount, 0)) as detail
    from orders o left join (
        select e.order_id, -sum(p.amount) as amount
        from entries e join postings p on p.entry_id = e.id and p.account = 'refunds:' || e.store_id
        where e.kind in ('refund', 'refund_failed')
        group by e.order_id
    ) b on b.order_id = o.id
    where o.refunding + o.refunded <> coalesce(b.amount, 0)
    order by o.id limit 100
    """,
)
SETTLED_IS_SETTLED = Query(
    Violation,
    """
    select coalesce(o.id, s.order_id) as subject, format('the order is %%s, the ledger has %%s settled, %%s waits',
        coalesce(o.state, 'missing'), case when s.order_id is null then 'not' else 'it' end, coalesce(w.amount, 0))
        as detail
    from orders o full join settlements s on s.order_id = o.id
        left join lateral (
            select -sum(p.amount) as amount
            from entries e join postings p on p.entry_id = e.id and p.account = 'clearing:' || e.store_id
            where s.order_id is not null and e.order_id = s.order_id
        ) w on true
    where (o.state = 'settled' and s.order_id is null)
        or (s.order_id is not null and (o.id is null or coalesce(w.amount, 0) <> 0))
    order by 1 limit 100
    """,
)
REFUNDS_GO_ON = Query(
    Violation,
    """
    select id as subject, format('waits since %%s to be sent, tried %%s times', created_at, tries) as detail
    from refunds where state = 'pending' and created_at < %(now)s::timestamptz - interval '1 hour'
    order by created_at limit 100
    """,
)
STRAYS_GO_BACK = Query(
    Violation,
    """
    select charge_id as subject, format('%%s came when it was over, and cannot be given back: %%s', amount,
        coalesce(reason, 'no reason known')) as detail
    from refunds where stray and state = 'failed'
    order by created_at limit 100
    """,
)
PAYOUTS_ARE_BOOKED = Query(
    Violation,
    """
    select coalesce(p.store_id, b.store_id) as subject, format('withdrawals on the way: %%s, in the ledger: %%s',
        coalesce(p.amount, 0), coalesce(b.amount, 0)) as detail
    from (
        select store_id, sum(amount) as amount from payouts where state in ('pending', 'sent') group by store_id
    ) p full join (
        select substr(account, 8) as store_id, -sum(amount) as amount from postings where account like 'payout:%%'
        group by account
    ) b on b.store_id = p.store_id
    where coalesce(p.amount, 0) <> coalesce(b.amount, 0)
    order by 1 limit 100
    """,
)
PAYOUTS_GO_ON = Query(
    Violation,
    """
    select id as subject, format('asked for at %%s, tried %%s times: %%s', asked_at, attempts,
        coalesce(problem, 'no problem known')) as detail
    from payouts where state = 'pending' and asked_at < %(now)s::timestamptz - interval '1 hour'
    order by asked_at limit 100
    """,
)
WEBHOOKS_ARE_WORKED = Query(
    Violation,
    """
    select format('%%s %%s', gateway, event_id) as subject, format('%%s received at %%s, tried %%s times: %%s', type,
        received_at, attempts, coalesce(problem, 'no problem known')) as detail
    from webhooks where worked_at is null and received_at < %(now)s::timestamptz - interval '5 minutes'
    order by received_at limit 100
    """,
)
PAYMENTS_ARE_SETTLED = Query(
    Violation,
    """
    select id as subject, format('its outcome is not known since %%s, asked %%s times', created_at, looks) as detail
    from charges where state = 'pending' and created_at < %(now)s::timestamptz - interval '10 minutes'
    order by created_at limit 100
    """,
)
