"""All SQL of the room."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from ennichi.kit.db import Command, Query


class LineRow(Struct, frozen=True, kw_only=True):
    """A line as it is kept."""

    id: str
    place: int
    at: datetime
    media_ms: int | None
    kind: str
    account_id: str
    name: str
    seller: bool
    moderator: bool
    text: str
    question: bool
    listing_id: str | None
    quantity: int | None
    heard_by: str
    queue: str | None
    asked: int
    answer: str | None
    taken_up_ms: int | None


_COLUMNS = (
    "id, place, at, media_ms, kind, account_id, name, seller, moderator, text, question, listing_id, quantity,"
    " heard_by, queue, asked, answer, taken_up_ms"
)

KEEP = Command("""
    insert into lines (id, show_id, epoch, place, at, media_ms, kind, account_id, name, seller, moderator, text,
        question, listing_id, quantity, heard_by, folded, about, merged_into, queue)
    values (%(id)s, %(show_id)s, %(epoch)s, %(place)s, %(at)s, %(media_ms)s, %(kind)s, %(account_id)s, %(name)s,
        %(seller)s, %(moderator)s, %(text)s, %(question)s, %(listing_id)s, %(quantity)s, %(heard_by)s, %(folded)s,
        %(about)s,
        -- Who asks an old question asks a new one where the old one never got into the books.
        (select id from lines where id = %(head)s),
        case when not %(question)s then null
            when exists (select from lines where id = %(head)s) then 'merged' else 'open' end)
""")
NEWEST = Query(
    LineRow,
    f"""
    select {_COLUMNS} from lines where show_id = %(show_id)s and removed_at is null and heard_by = 'all'
    order by place desc limit %(limit)s
    """,
)
QUIET = Query(
    LineRow,
    f"""
    select {_COLUMNS} from lines where show_id = %(show_id)s and removed_at is null and heard_by <> 'all'
    order by place desc limit %(limit)s
    """,
)
LAST_PLACE = Query(int, "select coalesce(max(place), 0) from lines where show_id = %(show_id)s")


class Said(Struct, frozen=True, kw_only=True):
    """A line as those who keep order need it. `staff`: its author spoke for the store."""

    id: str
    show_id: str
    at: datetime
    media_ms: int | None
    account_id: str
    name: str
    text: str
    heard_by: str
    staff: bool
    removed: bool


_SAID = (
    "id, show_id, at, media_ms, account_id, name, text, heard_by, seller or moderator as staff,"
    " removed_at is not null as removed"
)
SAID = Query(Said, f"select {_SAID} from lines where id = any(%(ids)s)")
SAID_SINCE = Query(
    Said,
    f"""
    select {_SAID} from lines
    where show_id = %(show_id)s and account_id = %(account_id)s and at > %(since)s and removed_at is null
    order by place
    """,
)


class RoomRow(Struct, frozen=True, kw_only=True):
    """What is kept of a room besides its lines."""

    peak: int
    notice: dict[str, Any] | None


ROOM = Query(RoomRow, "select peak, notice from rooms where show_id = %(show_id)s")
RAISE_PEAK = Command("""
    insert into rooms (show_id, peak) values (%(show_id)s, %(peak)s)
    on conflict (show_id) do update set peak = greatest(rooms.peak, excluded.peak)
""")
SET_NOTICE = Command("""
    insert into rooms (show_id, notice) values (%(show_id)s, %(notice)s)
    on conflict (show_id) do update set notice = excluded.notice
""")
TAKE_NOTICE_OF = Command("""
    update rooms set notice = null where show_id = %(show_id)s and notice ->> 'line_id' = %(line_id)s
""")
VISITORS = Query(str, "select visitor from visits where show_id = %(show_id)s")
VISIT = Command("insert into visits (show_id, visitor) values (%(show_id)s, %(visitor)s) on conflict do nothing")


class SegmentRow(Struct, frozen=True, kw_only=True):
    """A closed stretch of a feed."""

    number: int
    name: str
    began_at: datetime
    ended_at: datetime
    from_ms: int
    to_ms: int
    lines: int
    bytes: int
    stale: bool


class CarriedRow(Struct, frozen=True, kw_only=True):
    """Which lines a stretch says, and which its other events show."""

    number: int
    name: str
    said: list[str]
    quoted: list[str]


SEGMENTS = Query(
    SegmentRow,
    "select number, name, began_at, ended_at, from_ms, to_ms, cardinality(said) as lines, bytes, stale from segments"
    " where show_id = %(show_id)s order by number",
)
LAST_SEGMENT = Query(
    CarriedRow,
    "select number, name, said, quoted from segments where show_id = %(show_id)s order by number desc limit 1",
)
CARRYING = Query(
    CarriedRow,
    "select number, name, said, quoted from segments where show_id = %(show_id)s"
    " and (stale or %(line_id)s = any(said) or %(line_id)s = any(quoted)) order by number",
)
SEGMENT_SHOWN = Query(bool, "select true from segments where show_id = %(show_id)s and name = %(name)s and not stale")
ADD_SEGMENT = Command("""
    insert into segments (show_id, number, name, began_at, ended_at, from_ms, to_ms, said, quoted, bytes)
    values (%(show_id)s, %(number)s, %(name)s, %(began_at)s, %(ended_at)s, %(from_ms)s, %(to_ms)s, %(said)s,
        %(quoted)s, %(bytes)s)
""")
REPLACE_SEGMENT = Command("""
    update segments set name = %(name)s, bytes = %(bytes)s, said = %(said)s, quoted = %(quoted)s
    where show_id = %(show_id)s and number = %(number)s
""")
STALE_SHOWS = Query(str, "select distinct show_id from segments where stale")
MARK_STALE = Command("""
    update segments set stale = true
    where show_id = %(show_id)s and (%(line_id)s = any(said) or %(line_id)s = any(quoted))
""")
MENDED = Command("""
    update segments set stale = exists (select from lines where id = any(said || quoted) and removed_at is not null)
    where show_id = %(show_id)s and number = %(number)s
""")
ALIVE = Query(str, "select id from lines where id = any(%(ids)s) and removed_at is null")
GONE = Query(str, "select id from lines where id = any(%(ids)s) and removed_at is not null")
LOST = Query(
    LineRow,
    f"""
    select {_COLUMNS} from lines
    where show_id = %(show_id)s and place <= %(up_to)s and heard_by = 'all' and removed_at is null
        and id not in (select unnest(said) from segments where show_id = %(show_id)s)
    order by place limit %(limit)s
    """,
)
RECORDED = Query(bool, "select recorded from rooms where show_id = %(show_id)s")
SET_RECORDED = Command("""
    insert into rooms (show_id, recorded) values (%(show_id)s, true)
    on conflict (show_id) do update set recorded = true
""")


class AskingRow(LineRow, frozen=True, kw_only=True):
    """A line that asks; `merged_into` names the question it is part of when that is an earlier line's."""

    folded: str | None
    about: str | None
    merged_into: str | None


class AskerRow(Struct, frozen=True, kw_only=True):
    """Somebody who asked a question."""

    question_id: str
    account_id: str


class AnsweredRow(Struct, frozen=True, kw_only=True):
    """A question about a listing that was answered in writing."""

    id: str
    text: str
    asked: int
    answer: str
    at: datetime
    show_id: str
    media_ms: int | None


ASKING = Query(
    AskingRow,
    f"""
    select {_COLUMNS}, folded, about, merged_into from lines
    where show_id = %(show_id)s and question and removed_at is null order by place
    """,
)
ASKERS = Query(
    AskerRow,
    """
    select question_id, askings.account_id from askings join lines on lines.id = question_id
    where show_id = %(show_id)s and removed_at is null
    """,
)
ANSWERED_ABOUT = Query(
    AnsweredRow,
    """
    select id, text, asked, answer, answered_at as at, show_id, taken_up_ms as media_ms from lines
    where listing_id = %(listing_id)s and answer is not null and queue = 'answered' and removed_at is null
        and heard_by = 'all'
    order by answered_at desc, id desc limit %(limit)s
    """,
)
MOVE = Command("""
    update lines set queue = %(queue)s, asked = %(asked)s, answer = %(answer)s, taken_up_ms = %(taken_up_ms)s,
        answered_at = case when answer is distinct from %(answer)s then %(now)s else answered_at end
    where id = %(id)s and show_id = %(show_id)s and question and merged_into is null
""")
ASK = Command("""
    insert into askings (question_id, account_id, line_id)
    select id, %(account_id)s, %(line_id)s from lines where id = %(question_id)s
    on conflict do nothing
""")
MERGE = Command("""
    update lines set queue = 'merged', merged_into = %(into)s
    where show_id = %(show_id)s and (id = %(id)s or merged_into = %(id)s)
""")
MOVE_HEAD = Command("""
    update lines as one set queue = old.queue, merged_into = null, asked = old.asked, answer = old.answer,
        answered_at = old.answered_at, taken_up_ms = old.taken_up_ms
    from lines as old where one.id = %(to)s and old.id = %(id)s and one.show_id = %(show_id)s
""")
FOLLOW_HEAD = Command("""
    update lines set merged_into = %(to)s where show_id = %(show_id)s and merged_into = %(id)s
""")
MOVE_ASKINGS = Command("""
    insert into askings (question_id, account_id, line_id)
    select %(to)s, account_id, line_id from askings where question_id = %(id)s
    on conflict do nothing
""")
FORGET_ASKINGS = Command("delete from askings where question_id = %(id)s")
REMOVE = Command("""
    update lines set removed_at = %(now)s where id = %(id)s and show_id = %(show_id)s and removed_at is null
""")
STANDS = Query(
    bool, "select exists (select from lines where id = %(id)s and show_id = %(show_id)s and removed_at is null)"
)
IS_THERE = Query(bool, "select exists (select from lines where id = %(id)s and show_id = %(show_id)s)")


class VoteRow(Struct, frozen=True, kw_only=True):
    """A vote that is shown."""

    id: str
    question: str
    options: list[str]
    state: str
    closes_at: datetime | None


class BallotRow(Struct, frozen=True, kw_only=True):
    """What somebody chose."""

    account_id: str
    option: int


class ClosingRow(Struct, frozen=True, kw_only=True):
    """When a vote closes by itself."""

    id: str
    show_id: str
    closes_at: datetime


VOTE_SHOWN = Query(
    VoteRow,
    "select id, question, options, state, closes_at from votes where show_id = %(show_id)s and state <> 'away'",
)
BALLOTS = Query(BallotRow, "select account_id, option from ballots where vote_id = %(vote_id)s")
CHOICE = Query(int, "select option from ballots where vote_id = %(vote_id)s and account_id = %(account_id)s")
KEEP_VOTE = Command("""
    insert into votes (id, show_id, question, options, state, opened_at, closes_at)
    values (%(id)s, %(show_id)s, %(question)s, %(options)s, %(state)s, %(now)s, %(closes_at)s)
    on conflict (id) do update set state = excluded.state
""")
KEEP_BALLOTS = Command("""
    insert into ballots (vote_id, account_id, option)
    select %(vote_id)s, account_id, option
    from unnest(%(account_ids)s::text[], %(options)s::smallint[]) as chosen (account_id, option)
    on conflict (vote_id, account_id) do update set option = excluded.option
""")
CLOSE_VOTE = Command("update votes set state = 'closed' where id = %(id)s and state = 'open'")
VOTES_CLOSING = Query(
    ClosingRow,
    "select id, show_id, closes_at from votes where state = 'open' and closes_at is not null order by closes_at",
)
HEARD = Query(
    LineRow,
    f"""
    select {_COLUMNS} from lines
    where id = %(id)s and show_id = %(show_id)s and heard_by = 'all' and kind = 'said' and removed_at is null
    """,
)
