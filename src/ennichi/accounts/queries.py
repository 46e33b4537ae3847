"""All SQL of accounts."""

from datetime import datetime

from msgspec import Struct

from ennichi.accounts.model import Account, Address
from ennichi.kit.db import Command, Query

_ACCOUNT = "id, name, email, operator, announced, created_at, guest, contact"

ANYBODY = Query(bool, "select exists (select from accounts where not guest)")
ACCOUNT = Query(Account, f"select {_ACCOUNT} from accounts where id = %(id)s")

ACCOUNTS = Query(Account, f"select {_ACCOUNT} from accounts where id = any(%(ids)s)")

ACCOUNT_BY_EMAIL = Query(Account, f"select {_ACCOUNT} from accounts where email = %(email)s")

CLAIM_INSTALLATION = Command("insert into installation (founder_id) values (%(account_id)s) on conflict do nothing")

INSERT_ACCOUNT = Command("""
    insert into accounts (id, name, email, operator, created_at)
    values (%(id)s, %(name)s, %(email)s, %(operator)s, %(now)s)
    on conflict (email) do nothing
""")

CHANGE = Query(
    Account,
    f"""
    update accounts set name = coalesce(%(name)s, name), announced = coalesce(%(announced)s, announced)
    where id = %(id)s returning {_ACCOUNT}
    """,
)

PUT_GUEST = Query(
    Account,
    f"""
    insert into accounts (id, name, guest, contact, announced, created_at)
    values (%(id)s, %(name)s, true, %(contact)s, false, %(now)s)
    on conflict (id) do update set name = excluded.name, contact = excluded.contact where accounts.guest
    returning {_ACCOUNT}
    """,
)

GROW_GUEST = Query(
    Account,
    f"""
    update accounts set guest = false, contact = null, announced = true, email = %(email)s,
        name = coalesce(%(name)s, name), operator = %(operator)s
    where id = %(id)s and guest
    returning {_ACCOUNT}
    """,
)

GUESTS_OF = Query(str, "select id from accounts where guest and contact = %(contact)s order by id")


class SessionRow(Struct, kw_only=True, frozen=True):
    """A session that still holds, with its account."""

    digest: bytes
    id: str
    name: str
    email: str | None
    operator: bool
    announced: bool
    created_at: datetime
    guest: bool
    contact: str | None
    expires_at: datetime


SESSIONS = Query(
    SessionRow,
    """
    select s.digest, a.id, a.name, a.email, a.operator, a.announced, a.created_at, a.guest, a.contact, s.expires_at
    from sessions s join accounts a on a.id = s.account_id
    where s.digest = any(%(digests)s::bytea[]) and s.expires_at > %(now)s
    """,
)

INSERT_SESSION = Command("""
    insert into sessions (digest, account_id, user_agent, created_at, expires_at)
    values (%(digest)s, %(account_id)s, %(user_agent)s, %(now)s, %(expires_at)s)
""")

PROLONG_SESSIONS = Command("update sessions set expires_at = %(expires_at)s where digest = any(%(digests)s::bytea[])")

DELETE_SESSIONS_OF = Command("delete from sessions where account_id = %(account_id)s")

DELETE_SESSION = Command("delete from sessions where digest = %(digest)s")

SWEEP_SESSIONS = Command("delete from sessions where expires_at <= %(now)s")


class CodeRow(Struct, kw_only=True, frozen=True):
    """The code that was sent to an address."""

    salt: str
    digest: bytes
    tries_left: int
    expires_at: datetime


PUT_CODE = Command("""
    insert into email_codes (email, salt, digest, tries_left, expires_at)
    values (%(email)s, %(salt)s, %(digest)s, %(tries_left)s, %(expires_at)s)
    on conflict (email) do update set
        salt = excluded.salt, digest = excluded.digest, tries_left = excluded.tries_left,
        expires_at = excluded.expires_at
""")

CODE_FOR_UPDATE = Query(
    CodeRow, "select salt, digest, tries_left, expires_at from email_codes where email = %(email)s for update"
)

SPEND_TRY = Command("update email_codes set tries_left = tries_left - 1 where email = %(email)s and tries_left > 0")

DELETE_CODE = Command("delete from email_codes where email = %(email)s")

SWEEP_CODES = Command("delete from email_codes where expires_at <= %(now)s")


class ChallengeRow(Struct, kw_only=True, frozen=True):
    """What a browser was asked to sign, and for whom."""

    challenge: bytes
    account_id: str | None
    name: str | None
    expires_at: datetime


INSERT_CHALLENGE = Command("""
    insert into challenges (id, purpose, challenge, account_id, name, expires_at)
    values (%(id)s, %(purpose)s, %(challenge)s, %(account_id)s, %(name)s, %(expires_at)s)
""")

TAKE_CHALLENGE = Query(
    ChallengeRow,
    """
    delete from challenges where id = %(id)s and purpose = %(purpose)s
    returning challenge, account_id, name, expires_at
    """,
)

SWEEP_CHALLENGES = Command("delete from challenges where expires_at <= %(now)s")


class PasskeyRow(Struct, kw_only=True, frozen=True):
    """A passkey an account may sign in with."""

    account_id: str
    public_key: bytes
    sign_count: int


INSERT_PASSKEY = Command("""
    insert into passkeys (credential_id, account_id, public_key, sign_count, created_at)
    values (%(credential_id)s, %(account_id)s, %(public_key)s, %(sign_count)s, %(now)s)
    on conflict do nothing
""")

PASSKEY_FOR_UPDATE = Query(
    PasskeyRow,
    "select account_id, public_key, sign_count from passkeys where credential_id = %(credential_id)s for update",
)

PASSKEYS_OF_ACCOUNT = Query(bytes, "select credential_id from passkeys where account_id = %(account_id)s")

PASSKEY_USED = Command(
    "update passkeys set sign_count = %(sign_count)s, used_at = %(now)s where credential_id = %(credential_id)s"
)

ADDRESS = Query(
    Address,
    """
    select family_name, given_name, family_kana, given_kana, postal_code, prefecture, city, line1, line2, phone
    from addresses where account_id = %(account_id)s
    """,
)

# As one text: rows of the driver's own cost several times as much, and a crowd's are read at once.
ADDRESSES = Query(
    str,
    """
    select coalesce(json_object_agg(account_id, to_json(a)), '{}')::text
    from addresses a where account_id = any(%(account_ids)s::text[])
    """,
)

PUT_ADDRESS = Command("""
    insert into addresses (account_id, family_name, given_name, family_kana, given_kana, postal_code, prefecture,
        city, line1, line2, phone)
    values (%(account_id)s, %(family_name)s, %(given_name)s, %(family_kana)s, %(given_kana)s, %(postal_code)s,
        %(prefecture)s, %(city)s, %(line1)s, %(line2)s, %(phone)s)
    on conflict (account_id) do update set
        family_name = excluded.family_name, given_name = excluded.given_name, family_kana = excluded.family_kana,
        given_kana = excluded.given_kana, postal_code = excluded.postal_code, prefecture = excluded.prefecture,
        city = excluded.city, line1 = excluded.line1, line2 = excluded.line2, phone = excluded.phone
""")

SPEAK = Command("update accounts set lang = %(lang)s where id = %(account_id)s and lang is distinct from %(lang)s")


class Speaker(Struct, frozen=True):
    """Somebody, and the language they last used."""

    account_id: str
    lang: str


LANGUAGES = Query(Speaker, "select id as account_id, lang from accounts where id = any(%(ids)s) and lang is not null")
