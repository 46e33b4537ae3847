"""All SQL of stores."""

from datetime import datetime
from typing import LiteralString

from msgspec import Struct

from ennichi.kit.db import Command, Query
from ennichi.stores.model import Role, StoreFee, StoreRow

_ROW: LiteralString = """
    select s.id, s.handle, s.name, s.story, s.face_id, s.color, s.place, s.opened_at, s.legal_company, s.legal_seller,
        s.legal_representative, s.legal_address, s.legal_phone, s.legal_email, s.legal_on_request, s.legal_other_costs,
        s.legal_antique_license, s.shipping_fee, s.ships_within_days, s.carrier, s.returns, s.cancellation,
        s.invoice_number, s.invoice_by_market, s.fee_bps, c.sold, c.likes, c.followers, c.ratings,
        c.stars, c.live_show_id
    from stores s join store_counters c on c.store_id = s.id
"""
STORE = Query(StoreRow, _ROW + " where s.id = %(ref)s or s.handle = %(ref)s")
STORE_FOR_UPDATE = Query(StoreRow, _ROW + " where s.id = %(id)s for update of s")
STORES = Query(StoreRow, _ROW + " where s.id = any(%(ids)s)")

KEPT_BY = Query(
    str,
    """
    select m.store_id from store_members m where m.account_id = %(account_id)s and m.role = 'owner'
    order by m.joined_at, m.store_id
    """,
)

FOLLOWED_BY = Query(
    str,
    "select f.store_id from follows f where f.account_id = %(account_id)s order by f.since desc, f.store_id limit 200",
)

FOUND = Query(
    str,
    """
    select s.id from stores s join store_counters c on c.store_id = s.id
    where s.name ilike %(like)s or s.handle ilike %(like)s or s.place ilike %(like)s or s.story ilike %(like)s
    order by c.live_show_id is null, c.followers desc, c.sold desc, s.opened_at desc, s.id limit %(limit)s
    """,
)

INSERT_STORE = Command("""
    insert into stores (id, handle, name, story, face_id, color, place, opened_at, legal_company, legal_seller,
        legal_representative, legal_address, legal_phone, legal_email, legal_on_request, legal_other_costs,
        legal_antique_license, shipping_fee, ships_within_days, carrier, returns, cancellation)
    values (%(id)s, %(handle)s, %(name)s, %(story)s, %(face_id)s, %(color)s, %(place)s, %(opened_at)s,
        %(legal_company)s, %(legal_seller)s, %(legal_representative)s, %(legal_address)s, %(legal_phone)s,
        %(legal_email)s, %(legal_on_request)s, %(legal_other_costs)s, %(legal_antique_license)s, %(shipping_fee)s,
        %(ships_within_days)s, %(carrier)s, %(returns)s, %(cancellation)s)
    on conflict (handle) do nothing
""")

INSERT_COUNTERS = Command("insert into store_counters (store_id) values (%(store_id)s)")

UPDATE_STORE = Command("""
    update stores set name = %(name)s, story = %(story)s, face_id = %(face_id)s, color = %(color)s, place = %(place)s,
        legal_company = %(legal_company)s, legal_seller = %(legal_seller)s,
        legal_representative = %(legal_representative)s, legal_address = %(legal_address)s,
        legal_phone = %(legal_phone)s, legal_email = %(legal_email)s, legal_on_request = %(legal_on_request)s,
        legal_other_costs = %(legal_other_costs)s, legal_antique_license = %(legal_antique_license)s,
        shipping_fee = %(shipping_fee)s, ships_within_days = %(ships_within_days)s, carrier = %(carrier)s,
        returns = %(returns)s, cancellation = %(cancellation)s, invoice_number = %(invoice_number)s,
        invoice_by_market = %(invoice_by_market)s
    where id = %(id)s
""")

INSERT_MEMBER = Command("""
    insert into store_members (store_id, account_id, role, joined_at)
    values (%(store_id)s, %(account_id)s, 'owner', %(now)s)
""")

# Taken while somebody's stores are counted and one more is added: two at once must not both be the last one allowed.
LOCK_KEEPER = Query(int, "select 1 from pg_advisory_xact_lock(hashtextextended('stores.keeper:' || %(account_id)s, 0))")

MEMBERS = Query(str, "select account_id from store_members where store_id = %(store_id)s and role = 'owner'")


class Member(Struct, kw_only=True, frozen=True):
    """Somebody with a part in a store."""

    account_id: str
    role: Role


STAFF = Query(Member, "select account_id, role from store_members where store_id = %(store_id)s")
ROLE = Query(str, "select role from store_members where store_id = %(store_id)s and account_id = %(account_id)s")


class Moderator(Struct, kw_only=True, frozen=True):
    """Somebody who keeps order in a store's rooms, and since when."""

    account_id: str
    since: datetime


MODERATORS = Query(
    Moderator,
    """
    select account_id, joined_at as since from store_members where store_id = %(store_id)s and role = 'moderator'
    order by joined_at, account_id
    """,
)

INSERT_MODERATOR = Command("""
    insert into store_members (store_id, account_id, role, joined_at)
    values (%(store_id)s, %(account_id)s, 'moderator', %(now)s)
    on conflict do nothing
""")

DELETE_MODERATOR = Command("""
    delete from store_members where store_id = %(store_id)s and account_id = %(account_id)s and role = 'moderator'
""")

FOLLOWS = Query(
    bool, "select exists (select from follows where store_id = %(store_id)s and account_id = %(account_id)s)"
)


class Ties(Struct, kw_only=True, frozen=True):
    """What ties one account to one store."""

    following: bool
    mine: bool


TIES = Query(
    Ties,
    """
    select
        exists (select from follows where store_id = %(store_id)s and account_id = %(account_id)s) as following,
        exists (select from store_members where store_id = %(store_id)s and account_id = %(account_id)s
            and role = 'owner') as mine
    """,
)

FOLLOW = Command("""
    insert into follows (account_id, store_id, since) values (%(account_id)s, %(store_id)s, %(now)s)
    on conflict do nothing
""")

UNFOLLOW = Command("delete from follows where account_id = %(account_id)s and store_id = %(store_id)s")

ADD_FOLLOWERS = Command("update store_counters set followers = followers + %(n)s where store_id = %(store_id)s")

ADD_SOLD = Command("update store_counters set sold = greatest(sold + %(n)s, 0) where store_id = %(store_id)s")

ADD_LIKES = Command("update store_counters set likes = likes + %(n)s where store_id = %(store_id)s")

ADD_RATING = Command(
    "update store_counters set ratings = ratings + 1, stars = stars + %(stars)s where store_id = %(store_id)s"
)

SET_LIVE_SHOW = Command("update store_counters set live_show_id = %(show_id)s where store_id = %(store_id)s")

OWN_FEES = Query(
    StoreFee, "select id, handle, name, fee_bps from stores where fee_bps is not null order by name, id limit 200"
)
SET_FEE = Command("update stores set fee_bps = %(fee_bps)s where id = %(id)s")

ADD_REQUEST = Command("""
    insert into legal_requests (id, store_id, account_id, asked_at)
    values (%(id)s, %(store_id)s, %(account_id)s, %(asked_at)s)
""")

REQUEST_SENT = Command("update legal_requests set sent_at = %(sent_at)s where id = %(id)s")


class RequestRow(Struct, kw_only=True, frozen=True):
    """Somebody asked for a notice."""

    id: str
    account_id: str
    asked_at: datetime
    sent: bool


REQUESTS = Query(
    RequestRow,
    """
    select id, account_id, asked_at, sent_at is not null as sent from legal_requests where store_id = %(store_id)s
    order by asked_at desc, id desc limit 200
    """,
)
