"""All SQL of shows."""

from ennichi.kit.db import Command, Query
from ennichi.shows.model import LineupRow, PlaceRow, ShowRow

_COLUMNS = "id, store_id, title, cover_id, state, planned_at, started_at, ended_at, pinned_id, likes, sold"

INSERT = Command(
    "insert into shows (id, store_id, title, cover_id, planned_at, created_at)"
    " values (%(id)s, %(store_id)s, %(title)s, %(cover_id)s, %(planned_at)s, %(now)s)"
)
GET = Query(ShowRow, f"select {_COLUMNS} from shows where id = %(id)s")
LOCK = Query(ShowRow, f"select {_COLUMNS} from shows where id = %(id)s for no key update")
EDIT = Command(
    "update shows set title = %(title)s, cover_id = %(cover_id)s, planned_at = %(planned_at)s where id = %(id)s"
)
MOVE = Command(
    "update shows set state = %(state)s, started_at = %(started_at)s, ended_at = %(ended_at)s,"
    " pinned_id = %(pinned_id)s where id = %(id)s"
)
LIVE_OF_STORE = Query(str, "select id from shows where store_id = %(store_id)s and state = 'live'")
UPCOMING = Query(
    ShowRow,
    f"select {_COLUMNS} from shows where state = 'scheduled' and planned_at > %(since)s"
    " and (%(q)s::text is null or title ilike %(q)s or store_id = any(%(store_ids)s))"
    " order by planned_at limit %(limit)s",
)
BY_STORE = Query(
    ShowRow,
    f"select {_COLUMNS} from shows where store_id = %(store_id)s and state <> 'cancelled'"
    " order by created_at desc limit 100",
)
PIN = Command("update shows set pinned_id = %(listing_id)s where id = %(id)s")
KEEP_LIKES = Command("update shows set likes = greatest(likes, %(likes)s) where id = %(id)s")
ADD_SOLD = Command("update shows set sold = sold + %(units)s where id = %(id)s")

LINEUP = Query(LineupRow, "select number, listing_id from lineup where show_id = %(show_id)s order by number")
LINEUP_COUNT = Query(int, "select count(*)::int from lineup where show_id = %(show_id)s")
LINEUP_CLEAR = Command("delete from lineup where show_id = %(show_id)s")
LINEUP_FILL = Command(
    "insert into lineup (show_id, number, listing_id)"
    " select %(show_id)s, n, id from unnest(%(listing_ids)s::text[]) with ordinality as given (id, n)"
)
SHOWING = Query(
    str,
    "select show_id from lineup where listing_id = %(listing_id)s and show_id = any(%(among)s)",
)
LIVE = Query(
    ShowRow,
    f"select {_COLUMNS} from shows where state = 'live' and (%(q)s::text is null or title ilike %(q)s"
    " or store_id = any(%(store_ids)s)) order by started_at desc limit %(limit)s",
)
ENDED = Query(
    ShowRow,
    f"select {_COLUMNS} from shows where state = 'ended' and (%(q)s::text is null or title ilike %(q)s"
    " or store_id = any(%(store_ids)s)) order by ended_at desc limit %(limit)s",
)
PLACES = Query(
    PlaceRow,
    "select l.show_id, l.number, l.listing_id from lineup l"
    " join shows s on s.id = l.show_id and s.pinned_id = l.listing_id where s.id = any(%(show_ids)s)",
)
