"""Accounts, sessions and addresses as values, and what makes an e-mail address or a postal address a valid one."""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.structs import replace

from ennichi.kit.errors import Invalid
from ennichi.kit.text import clean

SESSION_LIFE = timedelta(days=30)
CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5
CHALLENGE_LIFE = timedelta(minutes=5)
PASSKEYS_EACH = 20

READY_MADE = {"buyer": "buyer@demo.example", "seller": "seller@demo.example"}
"""Under which addresses a demo keeps the people anybody may step in as."""

# fmt: off
PREFECTURES = frozenset((
    "北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県", "茨城県", "栃木県", "群馬県", "埼玉県",
    "千葉県", "東京都", "神奈川県", "新潟県", "富山県", "石川県", "福井県", "山梨県", "長野県", "岐阜県", "静岡県",
    "愛知県", "三重県", "滋賀県", "京都府", "大阪府", "兵庫県", "奈良県", "和歌山県", "鳥取県", "島根県", "岡山県",
    "広島県", "山口県", "徳島県", "香川県", "愛媛県", "高知県", "福岡県", "佐賀県", "長崎県", "熊本県", "大分県",
    "宮崎県", "鹿児島県", "沖縄県",
))
# fmt: on

_EMAIL = re.compile(
    r"\A[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\Z"
)
_POSTAL_CODE = re.compile(r"\A[0-9]{7}\Z")
_PHONE = re.compile(r"\A0[0-9]{9,10}\Z")
_PUNCTUATION = str.maketrans("", "", "-‐‑‒–—―−ー()〒 .")

Name = Annotated[str, Meta(min_length=1, max_length=40, description="What others see beside what this person says.")]
Line = Annotated[str, Meta(min_length=1, max_length=100)]
OptionalLine = Annotated[str, Meta(max_length=100)]


class Account(Struct, kw_only=True, frozen=True):
    """A person who signs in; the same account buys and sells."""

    id: str
    name: str
    email: str | None
    operator: bool
    announced: Annotated[bool, Meta(description="Whether a room may say by name that this person has come.")] = True
    created_at: datetime
    guest: Annotated[bool, Meta(description="Buys without having signed up: sees its own orders, and no more.")] = False
    contact: Annotated[str | None, Meta(description="Where a guest's mail goes; nobody has proved it.")] = None

    @property
    def mail_to(self) -> str | None:
        """Where mail about what this person buys goes."""
        return self.email or self.contact


class Session(Struct, kw_only=True, frozen=True):
    """Somebody just signed in: who, and the token that proves it from now on (kept nowhere but with them)."""

    account: Account
    token: str


class Address(Struct, kw_only=True, frozen=True):
    """Where a parcel goes, in the order in which it is written in Japan. `checked` gives the form that is kept."""

    family_name: Line
    given_name: Line
    family_kana: OptionalLine = ""
    given_kana: OptionalLine = ""
    postal_code: Annotated[str, Meta(min_length=7, max_length=12, description="Seven digits; a hyphen is taken out.")]
    prefecture: Annotated[str, Meta(min_length=1, max_length=10, description="One of the 47, in Japanese: 東京都.")]
    city: Line
    line1: Line
    line2: OptionalLine = ""
    phone: Annotated[
        str, Meta(min_length=1, max_length=20, description="Ten or eleven digits from 0; hyphens are taken out.")
    ]


class Ceremony(Struct, kw_only=True, frozen=True):
    """A passkey ceremony that was begun: hand `options` to navigator.credentials, and its answer back with the id."""

    challenge_id: str
    options: dict[str, Any]


class Site(Struct, frozen=True):
    """The address under which the browser sees us: passkeys are bound to it."""

    rp_id: str
    """The host name alone: market.example."""
    origin: str
    """Scheme, host and port: https://market.example:8443."""


class Bounds(Struct, frozen=True, kw_only=True):
    """How often things may be done: (how many, in how many seconds)."""

    codes_per_email: tuple[int, float] = (5, 900)
    codes_per_email_daily: tuple[int, float] = (20, 86_400)
    codes_per_source: tuple[int, float] = (60, 600)
    tries_per_source: tuple[int, float] = (120, 600)
    ceremonies_per_source: tuple[int, float] = (240, 600)
    sign_ups_per_source: tuple[int, float] = (120, 3600)
    guests_per_source: tuple[int, float] = (60, 3600)
    guests_per_email: tuple[int, float] = (10, 3600)


def email_address(text: str) -> str:
    """The one spelling under which an e-mail address is kept; Invalid when it is none."""
    email = unicodedata.normalize("NFKC", text).strip().lower()
    if len(email) > 254 or not _EMAIL.match(email) or ".." in email:
        raise Invalid(("email", "not_an_email"))
    return email


def person_name(text: str) -> str:
    """A name as it is kept; Invalid when nothing visible is left of it."""
    name = clean(text)
    if not name:
        raise Invalid(("name", "empty"))
    return name


def checked(address: Address) -> Address:
    """The address as it is kept: cleaned, digits in their plain form. Invalid names every field that does not fit."""
    fields = {name: clean(getattr(address, name)) for name in Address.__struct_fields__}
    fields["postal_code"] = _digits(fields["postal_code"])
    phone = _digits(fields["phone"])
    fields["phone"] = f"0{phone[3:]}" if phone.startswith("+81") else phone
    wrong = [
        (name, "empty")
        for name in ("family_name", "given_name", "prefecture", "city", "line1", "phone")
        if not fields[name]
    ]
    if not _POSTAL_CODE.match(fields["postal_code"]):
        wrong.append(("postal_code", "not_seven_digits"))
    if fields["prefecture"] and fields["prefecture"] not in PREFECTURES:
        wrong.append(("prefecture", "unknown"))
    if fields["phone"] and not _PHONE.match(fields["phone"]):
        wrong.append(("phone", "not_a_phone_number"))
    if wrong:
        raise Invalid(*wrong)
    return replace(address, **fields)


def _digits(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_PUNCTUATION)
