"""All SQL of the catalog."""

from ennichi.catalog.model import ListingRow, Offer, StockLevel, VariantRow
from ennichi.kit.db import Command, Query

LISTINGS = Query(
    ListingRow,
    "select id, store_id, title, story, condition, price, tax_rate, photo_ids, archived, created_at"
    " from listings where id = any(%(ids)s)",
)
LOCK_LISTING = Query(
    ListingRow,
    "select id, store_id, title, story, condition, price, tax_rate, photo_ids, archived, created_at"
    " from listings where id = %(id)s for no key update",
)
OF_STORE = Query(
    str,
    "select id from listings where store_id = %(store_id)s and archived = %(archived)s"
    " order by created_at desc, id desc limit %(limit)s",
)
SEARCH = Query(
    str,
    "select id from listings where not archived and (title ilike %(like)s or story ilike %(like)s)"
    " order by (title ilike %(like)s) desc, created_at desc, id desc limit %(limit)s",
)
ADD_LISTING = Command(
    "insert into listings (id, store_id, title, story, condition, price, tax_rate, photo_ids, created_at)"
    " values (%(id)s, %(store_id)s, %(title)s, %(story)s, %(condition)s, %(price)s, %(tax_rate)s, %(photo_ids)s,"
    " %(created_at)s)"
)
EDIT_LISTING = Command(
    "update listings set title = %(title)s, story = %(story)s, condition = %(condition)s, price = %(price)s,"
    " tax_rate = %(tax_rate)s, photo_ids = %(photo_ids)s where id = %(id)s"
)
ARCHIVE = Command("update listings set archived = %(archived)s where id = %(id)s")

VARIANTS = Query(
    VariantRow,
    "select id, listing_id, name, price, keyword, available from variants"
    " where listing_id = any(%(listing_ids)s) and not removed order by listing_id, place, id",
)
LOCK_VARIANTS = Query(
    VariantRow,
    "select id, listing_id, name, price, keyword, available from variants"
    " where listing_id = %(listing_id)s and not removed order by id for no key update",
)
ADD_VARIANT = Command(
    "insert into variants (id, listing_id, place, name, price, keyword, stocked, available)"
    " values (%(id)s, %(listing_id)s, %(place)s, %(name)s, %(price)s, %(keyword)s, %(stock)s::int, %(stock)s::int)"
)
EDIT_VARIANT = Command(
    "update variants set place = %(place)s, name = %(name)s, price = %(price)s, keyword = %(keyword)s where id = %(id)s"
)
REMOVE_VARIANT = Command("update variants set removed = true where id = %(id)s")

OFFERS = Query(
    Offer,
    "select v.id as variant_id, v.name as variant_name, l.id as listing_id, l.store_id, l.title,"
    " l.photo_ids[1] as photo_id, coalesce(v.price, l.price) as price, l.tax_rate, v.available,"
    " l.archived or v.removed as archived"
    " from variants v join listings l on l.id = v.listing_id where v.id = any(%(variant_ids)s)",
)
TAKE = Query(
    StockLevel,
    "update variants set available = available - %(quantity)s, held = held + %(quantity)s"
    " where id = %(variant_id)s and available >= %(quantity)s and not removed"
    " returning id as variant_id, listing_id, available",
)
LOCK_STOCK = Query(str, "select id from variants where id = any(%(variant_ids)s) order by id for no key update")
GIVE_BACK = Query(
    StockLevel,
    "update variants v set available = v.available + g.quantity, held = v.held - g.quantity"
    " from unnest(%(variant_ids)s::text[], %(quantities)s::int[]) as g (variant_id, quantity)"
    " where v.id = g.variant_id returning v.id as variant_id, v.listing_id, v.available",
)
MARK_SOLD = Query(
    StockLevel,
    "update variants set held = held - %(quantity)s, sold = sold + %(quantity)s where id = %(variant_id)s"
    " returning id as variant_id, listing_id, available",
)
SET_AVAILABLE = Query(
    StockLevel,
    "update variants set stocked = stocked - available + %(available)s, available = %(available)s"
    " where id = %(variant_id)s and available <> %(available)s"
    " returning id as variant_id, listing_id, available",
)
