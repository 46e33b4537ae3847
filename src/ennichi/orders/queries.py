"""All SQL of orders."""

from ennichi.kit.db import Command, Query
from ennichi.orders.model import ShowSales
from ennichi.orders.rows import (
    EventRow,
    ExportRow,
    GivenBackRow,
    IssuerRow,
    LineRow,
    MailRow,
    MessageRow,
    OrderRow,
    RatingRow,
    RefundRow,
    StateCount,
    Unread,
)

_ORDER = (
    "id, number, account_id, store_id, show_id, charge_id, state, placed_at, items, quantity, lines_count, title,"
    " photo_id, totals, total, address, terms, method, brand, last4, refunding, refunded, pay_by, ship_by, arrives_by,"
    " paid_at, carrier, tracking, shipped_at, received_at, cancel_asked_at, cancel_by, cancel_reason,"
    " buyer_read, seller_read"
)

# Placing: one statement each, however many orders.

TAKE_NUMBERS = Query(
    int,
    "insert into order_numbers (month, last) values (%(month)s, %(n)s)"
    " on conflict (month) do update set last = order_numbers.last + %(n)s returning last",
)
ADD = Query(
    OrderRow,
    f"""
    insert into orders (id, number, account_id, store_id, show_id, purchase_id, charge_id, state, placed_at, items,
        quantity, lines_count, title, photo_id, totals, total, address, terms, method, brand, last4, pay_by, ship_by,
        arrives_by, paid_at)
    select o.id, o.number, o.account_id, o.store_id, o.show_id, o.purchase_id, o.charge_id, o.state, o.placed_at,
        o.items, o.quantity, o.lines_count, o.title, o.photo_id, o.totals, o.total, o.address, o.terms, o.method,
        o.brand, o.last4, o.pay_by, o.ship_by, o.arrives_by, o.paid_at
    from jsonb_to_recordset(%(orders)s::jsonb) as o (id text, number text, account_id text, store_id text,
        show_id text, purchase_id text, charge_id text, state text, placed_at timestamptz, items bigint,
        quantity integer, lines_count integer, title text, photo_id text, totals jsonb, total bigint, address jsonb,
        terms jsonb, method text, brand text, last4 text, pay_by timestamptz, ship_by date, arrives_by date,
        paid_at timestamptz)
    returning {_ORDER}
    """,
)
ADD_LINES = Command("""
    insert into order_lines (order_id, place, hold_id, listing_id, variant_id, title, variant_name, photo_id,
        unit_price, quantity, tax_rate)
    select l.order_id, l.place, l.hold_id, l.listing_id, l.variant_id, l.title, l.variant_name, l.photo_id,
        l.unit_price, l.quantity, l.tax_rate
    from jsonb_to_recordset(%(lines)s::jsonb) as l (order_id text, place integer, hold_id text, listing_id text,
        variant_id text, title text, variant_name text, photo_id text, unit_price bigint, quantity integer,
        tax_rate smallint)
""")
ADD_EVENTS = Command("""
    insert into order_events (order_id, what, by, account_id, at, amount, reason)
    select e.order_id, e.what, e.by, e.account_id, e.at, e.amount, coalesce(e.reason, '')
    from jsonb_to_recordset(%(events)s::jsonb) as e (order_id text, what text, by text, account_id text,
        at timestamptz, amount bigint, reason text)
""")
ADD_MAILS = Command("""
    insert into order_mails (order_id, kind, "to", amount, reason, due_at)
    select m.order_id, m.kind, m."to", m.amount, coalesce(m.reason, ''), m.due_at
    from jsonb_to_recordset(%(mails)s::jsonb) as m (order_id text, kind text, "to" text, amount bigint, reason text,
        due_at timestamptz)
    on conflict (order_id, "to") where kind = 'message' and mailed_at is null do nothing
""")

# Looking.

GET = Query(OrderRow, f"select {_ORDER} from orders where id = %(id)s")
SOME = Query(OrderRow, f"select {_ORDER} from orders where id = any(%(ids)s)")
OF_ACCOUNT = Query(
    OrderRow,
    f"""
    select {_ORDER} from orders where account_id = %(account_id)s
        and (%(before)s::text is null or (placed_at, id) < (
            select placed_at, id from orders where id = %(before)s and account_id = %(account_id)s))
    order by placed_at desc, id desc limit %(limit)s
    """,
)
OF_STORE = Query(
    OrderRow,
    f"""
    select {_ORDER} from orders where store_id = %(store_id)s
        and (%(states)s::text[] is null or state = any(%(states)s))
        and (%(before)s::text is null
            or (placed_at, id) < (select placed_at, id from orders where id = %(before)s and store_id = %(store_id)s))
    order by placed_at desc, id desc limit %(limit)s
    """,
)
COUNTS = Query(StateCount, "select state, count(*)::int as n from orders where store_id = %(store_id)s group by state")
OF_SHOW = Query(
    OrderRow,
    f"select {_ORDER} from orders where show_id = %(show_id)s and account_id = %(account_id)s"
    " order by placed_at desc, id desc limit %(limit)s",
)
LINES = Query(
    LineRow,
    "select order_id, place, hold_id, listing_id, variant_id, title, variant_name, photo_id, unit_price, quantity,"
    " returned, tax_rate from order_lines where order_id = any(%(order_ids)s) order by order_id, place",
)
EVENTS = Query(
    EventRow, "select what, by, at, amount, reason from order_events where order_id = %(order_id)s order by id"
)
REFUNDS = Query(
    RefundRow,
    "select id, order_id, amount, state, reason, at, reduced from order_refunds where order_id = %(order_id)s"
    " order by at, id",
)
RATING = Query(RatingRow, "select order_id, stars, comment, at from order_ratings where order_id = %(order_id)s")
SALES_OF_SHOW = Query(
    ShowSales,
    """
    with standing as (
        select id from orders where show_id = %(show_id)s and state not in ('cancelled', 'refunded')
    ), things as (
        select listing_id, sum(quantity - returned) as n, sum(unit_price * (quantity - returned)) as amount
        from order_lines where order_id in (select id from standing) group by listing_id
    )
    select coalesce(sum(amount), 0)::bigint as amount, (select count(*) from standing) as orders,
        coalesce(sum(n), 0)::bigint as units, coalesce(jsonb_object_agg(listing_id, n), '{}') as listings
    from things
    """,
)
SOLD_SINCE = Query(
    int,
    "select coalesce(sum(l.unit_price * (l.quantity - l.returned)), 0)::bigint"
    " from orders o join order_lines l on l.order_id = o.id"
    " where o.store_id = any(%(store_ids)s) and o.placed_at > %(since)s and o.state not in ('cancelled', 'refunded')",
)
EXPORT = Query(
    ExportRow,
    """
    select o.number, o.placed_at, o.state, o.method, l.place, l.title, l.variant_name, l.quantity, l.returned,
        l.unit_price, l.tax_rate, (o.totals ->> 'shipping')::bigint as shipping, o.total, o.refunded, a.name as buyer,
        o.address, o.carrier, o.tracking, o.shipped_at
    from orders o join order_lines l on l.order_id = o.id join accounts a on a.id = o.account_id
    where o.store_id = %(store_id)s and o.placed_at >= %(since)s and o.placed_at < %(until)s
    order by o.placed_at, o.id, l.place
    """,
)

# Moving. Who moves an order locks it first.

LOCK = Query(OrderRow, f"select {_ORDER} from orders where id = %(id)s for no key update")
LOCK_OF_CHARGES = Query(
    OrderRow,
    f"select {_ORDER} from orders where charge_id = any(%(charge_ids)s) order by id for no key update",
)
LOCK_RECEIVED = Query(
    OrderRow,
    f"select {_ORDER} from orders where state = 'received' order by received_at limit %(limit)s"
    " for no key update skip locked",
)
LOCK_OVERDUE = Query(
    OrderRow,
    f"select {_ORDER} from orders where state = 'shipped' and arrives_by < %(arrived_before)s order by arrives_by"
    " limit %(limit)s for no key update skip locked",
)
PAID = Query(
    OrderRow,
    "update orders set state = 'paid', paid_at = %(now)s, pay_by = null, ship_by = %(ship_by)s,"
    " arrives_by = arrives_by + (%(ship_by)s - ship_by), cancel_asked_at = null, cancel_by = null, cancel_reason = ''"
    f" where id = %(id)s returning {_ORDER}",
)
SHIPPED = Query(
    OrderRow,
    "update orders set state = 'shipped', shipped_at = %(now)s, carrier = %(carrier)s, tracking = %(tracking)s,"
    f" arrives_by = %(arrives_by)s, cancel_asked_at = null where id = %(id)s returning {_ORDER}",
)
CORRECTED = Query(
    OrderRow,
    "update orders set carrier = %(carrier)s, tracking = %(tracking)s, arrives_by = %(arrives_by)s where id = %(id)s"
    f" returning {_ORDER}",
)
RECEIVED = Query(
    OrderRow,
    f"update orders set state = 'received', received_at = %(now)s where id = any(%(ids)s) returning {_ORDER}",
)
SETTLED = Query(OrderRow, f"update orders set state = 'settled' where id = any(%(ids)s) returning {_ORDER}")
STOPPED = Query(
    OrderRow,
    f"update orders set state = %(state)s, cancel_asked_at = null, pay_by = null where id = %(id)s returning {_ORDER}",
)
ASKED = Query(
    OrderRow,
    "update orders set cancel_asked_at = %(now)s, cancel_by = %(by)s, cancel_reason = %(reason)s where id = %(id)s"
    f" returning {_ORDER}",
)
HAND_OVER = Command("update orders set account_id = %(account_id)s where account_id = any(%(from_ids)s)")

# Money back.

ADD_REFUND = Command(
    "insert into order_refunds (id, order_id, amount, reason, account_id, at, reduced)"
    " values (%(id)s, %(order_id)s, %(amount)s, %(reason)s, %(account_id)s, %(now)s, %(reduced)s)"
)
OWE = Query(OrderRow, f"update orders set refunding = refunding + %(amount)s where id = %(id)s returning {_ORDER}")
END_REFUNDS = Query(
    RefundRow,
    "update order_refunds r set state = e.state, done_at = %(now)s"
    " from unnest(%(ids)s::text[], %(states)s::text[]) as e (id, state) where r.id = e.id and r.state = 'pending'"
    " returning r.id, r.order_id, r.amount, r.state, r.reason, r.at, r.reduced",
)
COUNT_REFUNDS = Query(
    OrderRow,
    "update orders o set refunding = o.refunding - e.ended, refunded = o.refunded + e.done"
    " from unnest(%(order_ids)s::text[], %(ended)s::bigint[], %(done)s::bigint[]) as e (id, ended, done)"
    " where o.id = e.id returning " + ", ".join(f"o.{name}" for name in _ORDER.split(", ")),
)
RETURN_UNITS = Command(
    "update order_lines l set returned = l.returned + r.quantity"
    " from unnest(%(places)s::integer[], %(quantities)s::integer[]) as r (place, quantity)"
    " where l.order_id = %(order_id)s and l.place = r.place"
)

# What is said.

ADD_MESSAGE = Command(
    "insert into order_messages (id, order_id, by, account_id, text, at)"
    " values (%(id)s, %(order_id)s, %(by)s, %(account_id)s, %(text)s, %(now)s)"
)
COUNT_MESSAGES = Query(int, "select count(*)::int from order_messages where order_id = %(order_id)s")
MESSAGES = Query(
    MessageRow,
    "select id, order_id, by, account_id, text, at from order_messages where order_id = %(order_id)s order by id",
)
UNREAD = Query(
    Unread,
    """
    select o.id as order_id, count(*) filter (where m.by = 'seller' and m.id > o.buyer_read)::int as buyer,
        count(*) filter (where m.by = 'buyer' and m.id > o.seller_read)::int as seller
    from orders o join order_messages m on m.order_id = o.id where o.id = any(%(order_ids)s) group by o.id
    """,
)
READ_BY_BUYER = Command(
    "update orders set buyer_read = greatest(buyer_read, %(up_to)s) where id = %(id)s and buyer_read < %(up_to)s"
)
READ_BY_SELLER = Command(
    "update orders set seller_read = greatest(seller_read, %(up_to)s) where id = %(id)s and seller_read < %(up_to)s"
)
ADD_RATING = Command(
    "insert into order_ratings (order_id, store_id, account_id, stars, comment, at)"
    " values (%(order_id)s, %(store_id)s, %(account_id)s, %(stars)s, %(comment)s, %(now)s) on conflict do nothing"
)

# Letters.

CLAIM_MAILS = Query(
    MailRow,
    """
    update order_mails set due_at = %(again)s, attempts = attempts + 1 where id in (
        select id from order_mails where mailed_at is null and due_at <= %(now)s order by due_at limit %(limit)s
        for update skip locked
    ) returning id, order_id, kind, "to", amount, reason, attempts
    """,
)
MAILED = Command("update order_mails set mailed_at = %(now)s, problem = %(problem)s where id = %(id)s")
PUT_OFF_MAIL = Command("update order_mails set due_at = %(due_at)s, problem = %(problem)s where id = %(id)s")
ADD_ISSUERS = Command(
    "insert into order_issuers (order_id, issuer)"
    " select r.order_id, r.issuer from jsonb_to_recordset(%(rows)s::jsonb) as r (order_id text, issuer jsonb)"
)
ISSUER = Query(IssuerRow, "select issuer from order_issuers where order_id = %(order_id)s")
GIVEN_BACK = Query(
    GivenBackRow,
    "select amount, reduced, done_at from order_refunds where order_id = %(order_id)s and state = 'done'"
    " order by done_at, id",
)
