"""Looks at everything that was sold and paid, across all tables: what does not fit together is said in words."""

from collections.abc import Mapping
from typing import Any

import psycopg

from ennichi.doctor import Doctor
from ennichi.kit.clock import Clock, SystemClock
from ennichi.kit.db import open_database

CHECKS: Mapping[str, str] = {
    "the gateway's books and ours differ": """
        select coalesce(c.id, p.idempotency_key), c.state, p.state from charges c
        full join sandbox_payments p on p.idempotency_key = c.id
        where (c.state = 'succeeded') is distinct from (p.state = 'captured')
            and coalesce(c.state, '') <> 'pending' and (c.state = 'succeeded' or p.state = 'captured')
            and not exists (select from sandbox_refunds r where r.payment = p.reference having sum(r.amount) = p.amount)
    """,
    "another amount was taken than asked for": """
        select c.id, c.amount, p.amount from charges c join sandbox_payments p on p.idempotency_key = c.id
        where p.state = 'captured' and p.amount <> c.amount
    """,
    "taken, and nothing to show for it": """
        select p.idempotency_key, p.amount from sandbox_payments p
        where p.state = 'captured'
            and not exists (select from orders o where o.charge_id = p.idempotency_key and o.paid_at is not null)
            and not exists (select from sandbox_refunds r where r.payment = p.reference having sum(r.amount) = p.amount)
    """,
    "paid for twice": """
        select hold_id, count(*) from purchases p, unnest(p.hold_ids) hold_id
        where p.state in ('paid', 'awaiting') group by hold_id having count(*) > 1
    """,
    "an order that was not paid is on its way": """
        select o.number, o.state, p.state from orders o left join sandbox_payments p on p.idempotency_key = o.charge_id
        where (o.shipped_at is not null or o.state in ('paid', 'shipped', 'received', 'settled'))
            and p.state is distinct from 'captured'
    """,
    "more sold than there ever was": """
        select v.id, v.stocked, v.sold, coalesce(l.units, 0) from variants v
        left join (
            select l.variant_id, sum(l.quantity) as units from order_lines l join holds h on h.id = l.hold_id
            where h.state = 'sold' group by l.variant_id
        ) l on l.variant_id = v.id
        where coalesce(l.units, 0) <> v.sold or v.sold > v.stocked
    """,
    "the ledger has other money than the gateway": """
        select booked, taken from (
            select (select coalesce(sum(amount), 0) from postings where account = 'gateway') as booked,
                (select coalesce(sum(p.amount), 0) from sandbox_payments p join orders o
                    on o.charge_id = p.idempotency_key where p.state = 'captured')
                - (select coalesce(sum(r.amount), 0) from sandbox_refunds r
                    join sandbox_payments p on p.reference = r.payment
                    join orders o on o.charge_id = p.idempotency_key)
                - (select coalesce(sum(amount), 0) from payouts where state = 'settled') as taken
        ) both_sides where booked <> taken
    """,
    "somebody came, and is not in the log in their turn": """
        select variant_id, count(*), max(n) from arrivals group by variant_id having count(*) <> max(n)
    """,
}
"""What must find nothing once every payment and refund under way has come to its end."""


async def wrongs(url: str, *, clock: Clock | None = None, quiet: bool = True) -> list[str]:
    """What does not fit; with nothing under way (`quiet`) all of CHECKS, else what the doctor finds alone."""
    async with open_database(url, size=2) as db:
        findings = await Doctor(db, clock or SystemClock()).examine()
    found = [f"{one.invariant}: {one.subject} {one.detail}" for one in findings]
    for name, check in CHECKS.items() if quiet else ():
        found += [f"{name}: {row}" for row in rows(url, check)]
    return found


def rows(url: str, sql: str, *given: Any) -> list[tuple[Any, ...]]:
    """What a statement finds."""
    with psycopg.connect(url, autocommit=True) as conn:
        return list(conn.execute(sql.encode(), given or None).fetchall())
