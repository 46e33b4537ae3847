"""All SQL of the catalog."""

from ennichi.catalog.model import Listed, ListingRow, OfferRow, PriceRow, ProfileRow, StockLevel, StockSet, VariantRow
from ennichi.kit.db import Command, Query

LISTINGS = Query(
    ListingRow,
    "select id, store_id, title, story, condition, price, tax_rate, photo_ids, archived, created_at,"
    " shipping_id, size, per_buyer, show_former from listings where id = any(%(ids)s)",
)
LOCK_LISTING = Query(
    ListingRow,
    "select id, store_id, title, story, condition, price, tax_rate, photo_ids, archived, created_at,"
    " shipping_id, size, per_buyer, show_former from listings where id = %(id)s for no key update",
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
    "insert into listings (id, store_id, title, story, condition, price, tax_rate, photo_ids, created_at, shipping_id,"
    " size, per_buyer, show_former)"
    " values (%(id)s, %(store_id)s, %(title)s, %(story)s, %(condition)s, %(price)s, %(tax_rate)s, %(photo_ids)s,"
    " %(created_at)s, %(shipping_id)s, %(size)s, %(per_buyer)s, %(show_former)s)"
)
EDIT_LISTING = Command(
    "update listings set title = %(title)s, story = %(story)s, condition = %(condition)s, price = %(price)s,"
    " tax_rate = %(tax_rate)s, photo_ids = %(photo_ids)s, shipping_id = %(shipping_id)s, size = %(size)s,"
    " per_buyer = %(per_buyer)s, show_former = %(show_former)s where id = %(id)s"
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

KEEP_PRICES = Command(
    "insert into prices (variant_id, price, since)"
    " select v.id, now.price, %(since)s from variants v join listings l on l.id = v.listing_id"
    " cross join lateral"
    " (select case when not l.archived and not v.removed then coalesce(v.price, l.price) end) now (price)"
    " left join lateral"
    " (select p.n, p.price from prices p where p.variant_id = v.id order by p.n desc limit 1) last on true"
    " where v.listing_id = %(listing_id)s and (last.n is null or last.price is distinct from now.price)"
)
PRICES = Query(
    PriceRow,
    "select p.variant_id, p.price, p.since from unnest(%(variant_ids)s::text[]) v (id)"
    " join prices p on p.variant_id = v.id where p.n >="
    " coalesce((select max(e.n) from prices e where e.variant_id = v.id and e.since <= %(since)s), 0)"
    " order by p.variant_id, p.n",
)

PROFILES = Query(
    ProfileRow, "select id, store_id, content from shipping_profiles where id = any(%(ids)s) order by made_at, id"
)
PROFILES_OF_STORE = Query(
    ProfileRow, "select id, store_id, content from shipping_profiles where store_id = %(store_id)s order by made_at, id"
)
HOLD_PROFILE = Query(ProfileRow, "select id, store_id, content from shipping_profiles where id = %(id)s for share")
LOCK_PROFILE = Query(
    ProfileRow, "select id, store_id, content from shipping_profiles where id = %(id)s for no key update"
)
ADD_PROFILE = Command(
    "insert into shipping_profiles (id, store_id, content, made_at)"
    " values (%(id)s, %(store_id)s, %(content)s::jsonb, %(made_at)s)"
)
EDIT_PROFILE = Command("update shipping_profiles set content = %(content)s::jsonb where id = %(id)s")
SENT_BY = Query(str, "select id from listings where shipping_id = %(id)s")
LEAVE_PROFILE = Query(str, "update listings set shipping_id = null where shipping_id = %(id)s returning id")
REMOVE_PROFILE = Command("delete from shipping_profiles where id = %(id)s")

LISTED = Query(
    Listed,
    "select count(*) filter (where l.created_at > %(since)s) as lately, count(*) filter (where not l.archived and"
    " exists (select from variants v where v.listing_id = l.id and not v.removed and v.available + v.held > 0)) as now"
    " from listings l where l.store_id = any(%(store_ids)s)",
)

_OFFERS = (
    "select v.id as variant_id, v.name as variant_name, l.id as listing_id, l.store_id, l.title,"
    " l.photo_ids[1] as photo_id, coalesce(v.price, l.price) as price, l.tax_rate, v.available,"
    " l.archived or v.removed as archived, s.content as shipping, l.size, l.per_buyer"
    " from variants v join listings l on l.id = v.listing_id left join shipping_profiles s on s.id = l.shipping_id"
)
OFFERS = Query(OfferRow, f"{_OFFERS} where v.id = any(%(variant_ids)s::text[])")
# Whoever had to wait for a lock gets the row as it is then. Joined once more for the limit of a listing, which is on
# all of its variants together.
LOCK_OFFERS = Query(
    OfferRow,
    f"{_OFFERS} where v.id in ("
    " select unnest(%(variant_ids)s::text[])"
    " union select s.id from variants v join listings l on l.id = v.listing_id and l.per_buyer is not null"
    " join variants s on s.listing_id = l.id where v.id = any(%(variant_ids)s::text[]))"
    " order by v.id for no key update of v",
)
LOCK_STOCK = Query(str, "select id from variants where id = any(%(variant_ids)s::text[]) order by id for no key update")
HOLD_UNITS = Query(
    StockLevel,
    "update variants v set available = v.available - g.quantity, held = v.held + g.quantity"
    " from unnest(%(variant_ids)s::text[], %(quantities)s::int[]) as g (variant_id, quantity)"
    " where v.id = g.variant_id returning v.id as variant_id, v.listing_id, v.available",
)
GIVE_BACK = Query(
    StockLevel,
    "update variants v set available = v.available + g.quantity, held = v.held - g.quantity"
    " from unnest(%(variant_ids)s::text[], %(quantities)s::int[]) as g (variant_id, quantity)"
    " where v.id = g.variant_id returning v.id as variant_id, v.listing_id, v.available",
)
MARK_SOLD = Command(
    "update variants v set held = v.held - g.quantity, sold = v.sold + g.quantity"
    " from unnest(%(variant_ids)s::text[], %(quantities)s::int[]) as g (variant_id, quantity)"
    " where v.id = g.variant_id"
)
RESTOCK = Query(
    StockLevel,
    "update variants v set available = v.available + g.quantity, sold = v.sold - g.quantity"
    " from unnest(%(variant_ids)s::text[], %(quantities)s::int[]) as g (variant_id, quantity)"
    " where v.id = g.variant_id returning v.id as variant_id, v.listing_id, v.available",
)
SET_AVAILABLE = Query(
    StockSet,
    "with before as (select id, available from variants where id = %(variant_id)s for no key update)"
    " update variants v set stocked = v.stocked - v.available + %(available)s, available = %(available)s"
    " from before where v.id = before.id and v.available <> %(available)s"
    " returning v.id as variant_id, v.listing_id, v.available, v.available > before.available as rose",
)
