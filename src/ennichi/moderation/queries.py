"""All SQL of moderation."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from ennichi.kit.db import Command, Query
from ennichi.moderation.model import Reason, Word
from ennichi.room import HouseRules

RULES = Query(HouseRules, "select shield, slow_s, followers_only from house_rules where store_id = %(store_id)s")
SET_RULES = Command("""
    insert into house_rules (store_id, shield, slow_s, followers_only)
    values (%(store_id)s, coalesce(%(shield)s, true), coalesce(%(slow_s)s, 0), coalesce(%(followers_only)s, false))
    on conflict (store_id) do update set shield = coalesce(%(shield)s, house_rules.shield),
        slow_s = coalesce(%(slow_s)s, house_rules.slow_s),
        followers_only = coalesce(%(followers_only)s, house_rules.followers_only)
""")

# Two statements where one with "is not distinct from" would not find its index.
WORDS = Query(Word, "select id, word from ng_words where store_id = %(store_id)s order by added_at, id")
WORDS_EVERYWHERE = Query(Word, "select id, word from ng_words where store_id is null order by added_at, id")
ADD_WORD = Command("""
    insert into ng_words (id, store_id, word, added_at, added_by)
    values (%(id)s, %(store_id)s, %(word)s, %(at)s, %(by)s) on conflict do nothing
""")
DROP_WORD = Query(
    str, "delete from ng_words where id = %(id)s and store_id is not distinct from %(store_id)s returning word"
)


class RestraintRow(Struct, kw_only=True, frozen=True):
    """Somebody who may not speak, or not be heard; `until` is a time-out's."""

    account_id: str
    since: datetime
    until: datetime | None


RESTRAINTS = Query(
    RestraintRow,
    """
    select account_id, since, until from restraints
    where store_id = %(store_id)s and (kind = 'block' or until > %(now)s) order by since desc, account_id
    """,
)
BLOCK = Command("""
    insert into restraints (store_id, account_id, kind, since) values (%(store_id)s, %(account_id)s, 'block', %(now)s)
    on conflict do nothing
""")
TIME_OUT = Command("""
    insert into restraints (store_id, account_id, kind, until, since)
    values (%(store_id)s, %(account_id)s, 'timeout', %(until)s, %(now)s)
    on conflict (store_id, account_id, kind) do update set until = excluded.until, since = excluded.since
""")
UNBLOCK = Command(
    "delete from restraints where store_id = %(store_id)s and account_id = %(account_id)s and kind = 'block'"
)
RELEASE = Command(
    "delete from restraints where store_id = %(store_id)s and account_id = %(account_id)s and kind = 'timeout'"
)


class ReportRow(Struct, kw_only=True, frozen=True):
    """A report as it is kept."""

    id: str
    store_id: str
    show_id: str
    line_id: str
    about_staff: bool
    reporter_id: str
    reason: Reason
    note: str
    at: datetime


_REPORT = "id, store_id, show_id, line_id, about_staff, reporter_id, reason, note, at"
REPORTED = Query(
    int,
    "select count(*)::int from reports where show_id = %(show_id)s and settled_at is null and not about_staff",
)
ADD_REPORT = Command("""
    insert into reports (id, store_id, show_id, line_id, about_staff, reporter_id, reason, note, at)
    values (%(id)s, %(store_id)s, %(show_id)s, %(line_id)s, %(about_staff)s, %(reporter_id)s, %(reason)s, %(note)s,
        %(at)s)
    on conflict (line_id, reporter_id) do nothing
""")
REPORT = Query(ReportRow, f"select {_REPORT} from reports where id = %(id)s and store_id = %(store_id)s")
REPORTS = Query(
    ReportRow,
    f"""
    select {_REPORT} from reports
    where store_id = %(store_id)s and settled_at is null and (%(operator)s or not about_staff)
    order by at desc, id desc limit %(limit)s
    """,
)
REPORTS_EVERYWHERE = Query(
    ReportRow, f"select {_REPORT} from reports where settled_at is null order by at desc, id desc limit %(limit)s"
)
SETTLE = Query(
    str,
    """
    update reports set settled_at = %(now)s, settled_by = %(by)s
    where line_id = %(line_id)s and settled_at is null and (%(operator)s or not about_staff) returning id
    """,
)


class ActRow(Struct, kw_only=True, frozen=True):
    """An act as it is kept."""

    id: str
    show_id: str | None
    actor_id: str
    act: str
    account_id: str | None
    line_id: str | None
    detail: dict[str, Any]
    at: datetime


_ACT = "id, show_id, actor_id, act, account_id, line_id, detail, at"
_OLDER = "(%(before)s::text is null or (at, id) < (select at, id from acts where id = %(before)s))"
ADD_ACT = Command("""
    insert into acts (id, store_id, show_id, actor_id, act, account_id, line_id, detail, at)
    values (%(id)s, %(store_id)s, %(show_id)s, %(actor_id)s, %(act)s, %(account_id)s, %(line_id)s, %(detail)s, %(at)s)
""")
ACTS = Query(
    ActRow,
    f"""
    select {_ACT} from acts where store_id = %(store_id)s and {_OLDER} order by at desc, id desc limit %(limit)s
    """,
)
ACTS_EVERYWHERE = Query(
    ActRow, f"select {_ACT} from acts where store_id is null and {_OLDER} order by at desc, id desc limit %(limit)s"
)
