"""All SQL of orders."""

from ennichi.kit.db import Command, Query
from ennichi.orders.model import LineRow, OrderRow, Sales

NEXT_NUMBER = Query(
    int,
    "insert into order_numbers (month, last) values (%(month)s, 1)"
    " on conflict (month) do update set last = order_numbers.last + 1 returning last",
)
ADD = Command(
    "insert into orders (id, number, account_id, store_id, show_id, hold_id, charge_id, state, placed_at, items,"
    " quantity, title, photo_id, totals, address, terms, brand, last4)"
    " values (%(id)s, %(number)s, %(account_id)s, %(store_id)s, %(show_id)s, %(hold_id)s, %(charge_id)s, %(state)s,"
    " %(placed_at)s, %(items)s, %(quantity)s, %(title)s, %(photo_id)s, %(totals)s::jsonb, %(address)s::jsonb,"
    " %(terms)s::jsonb, %(brand)s, %(last4)s)"
)
ADD_LINE = Command(
    "insert into order_lines (order_id, place, listing_id, variant_id, title, variant_name, photo_id, unit_price,"
    " quantity, tax_rate) values (%(order_id)s, %(place)s, %(listing_id)s, %(variant_id)s, %(title)s,"
    " %(variant_name)s, %(photo_id)s, %(unit_price)s, %(quantity)s, %(tax_rate)s)"
)
GET = Query(
    OrderRow,
    "select id, number, account_id, store_id, show_id, state, placed_at, quantity, title, photo_id, totals, address,"
    " terms, brand, last4 from orders where id = %(id)s",
)
OF_ACCOUNT = Query(
    OrderRow,
    "select id, number, account_id, store_id, show_id, state, placed_at, quantity, title, photo_id, totals, address,"
    " terms, brand, last4 from orders where account_id = %(account_id)s order by placed_at desc, id desc"
    " limit %(limit)s",
)
OF_STORE = Query(
    OrderRow,
    "select id, number, account_id, store_id, show_id, state, placed_at, quantity, title, photo_id, totals, address,"
    " terms, brand, last4 from orders where store_id = %(store_id)s order by placed_at desc, id desc limit %(limit)s",
)
OF_SHOW = Query(
    OrderRow,
    "select id, number, account_id, store_id, show_id, state, placed_at, quantity, title, photo_id, totals, address,"
    " terms, brand, last4 from orders where show_id = %(show_id)s and account_id = %(account_id)s"
    " order by placed_at desc, id desc limit %(limit)s",
)
LINES = Query(
    LineRow,
    "select listing_id, variant_id, title, variant_name, photo_id, unit_price, quantity, tax_rate from order_lines"
    " where order_id = %(order_id)s order by place",
)
SALES_OF_SHOW = Query(
    Sales,
    "select coalesce(sum(items), 0)::bigint as amount, count(*) as orders, coalesce(sum(quantity), 0)::bigint as units"
    " from orders where show_id = %(show_id)s and state not in ('cancelled', 'refunded')",
)
