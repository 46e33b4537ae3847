"""Stores as values: what everyone sees, what a member may change, and what a handle may be."""

import re
import unicodedata
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict, replace

from ennichi.accounts import Account, email_address
from ennichi.kit.errors import Invalid
from ennichi.kit.ids import is_id
from ennichi.kit.money import Yen
from ennichi.kit.text import clean, clean_block
from ennichi.photos import Photo

Role = Literal["owner", "moderator"]
"""Owners sell; moderators (and owners) keep order in the store's rooms."""

STORES_EACH = 10
NOREN = ("#2b3270", "#3f6fa8", "#55704a", "#6b4a78", "#8a3550", "#8a5a3a", "#2f7a86", "#c9566f")
"""Curtain colours a new store gets one of."""

# Words that would read as a page, as the house speaking, or as somebody in charge.
RESERVED = frozenset({
    "about", "account", "admin", "administrator", "api", "app", "assets", "cart", "contact", "demo", "edit", "ennichi",
    "feed", "followed", "health", "help", "house", "legal", "listings", "live", "login", "logout", "market", "media",
    "moderator", "new", "official", "open", "operator", "orders", "photos", "privacy", "root", "search", "security",
    "settings", "show", "shows", "sign-in", "sign-up", "signin", "signup", "staff", "static", "store", "stores",
    "studio", "support", "system", "terms", "welcome", "www",
})  # fmt: skip
_HANDLE = re.compile(r"\A[a-z0-9-]{3,30}\Z")
_STROKES = re.compile(r"[\s-]+")
_INVOICE_NUMBER = re.compile(r"\AT[0-9]{13}\Z")
_COLOR = re.compile(r"\A#[0-9a-f]{6}\Z")

StoreName = Annotated[str, Meta(min_length=1, max_length=60)]
Handle = Annotated[
    str, Meta(min_length=3, max_length=30, description="a-z, 0-9 and -; the store's page is /stores/{handle}.")
]
Story = Annotated[str, Meta(max_length=2000)]
Color = Annotated[str, Meta(min_length=7, max_length=7, description="The noren, as #rrggbb.")]
Place = Annotated[str, Meta(max_length=60, description="Where the store is at home, as people say it: 岐阜・多治見.")]
PhotoId = Annotated[str, Meta(min_length=1, max_length=40)]
Days = Annotated[int, Meta(ge=1, le=90)]
Carrier = Annotated[str, Meta(min_length=1, max_length=60)]
Terms = Annotated[str, Meta(min_length=1, max_length=500)]
LegalLine = Annotated[str, Meta(max_length=200)]


InvoiceNumber = Annotated[str, Meta(max_length=20, description="T and 13 digits; empty when there is none.")]


class Legal(Struct, kw_only=True, frozen=True):
    """The notice the law asks a seller for.

    With `on_request`, which is for individuals, address and phone are shown to members and sent to who asks for them.
    """

    company: Annotated[bool, Meta(description="Whether a company sells, not an individual.")] = False
    seller: LegalLine = ""
    representative: Annotated[LegalLine, Meta(description="Who answers for a company.")] = ""
    address: LegalLine = ""
    phone: LegalLine = ""
    email: LegalLine = ""
    on_request: bool = False
    other_costs: Annotated[LegalLine, Meta(description="What a buyer pays besides price and shipping.")] = ""
    antique_license: Annotated[LegalLine, Meta(description="\u53e4\u7269\u5546 number, of who sells used goods.")] = ""


class StoreBrief(Struct, kw_only=True, frozen=True):
    """A store in a line or on a tile."""

    id: str
    handle: str
    name: str
    face: Photo | None
    sold: int
    likes: int
    rating: Annotated[float | None, Meta(description="Stars, 1 to 5, of all ratings; null until there are any.")] = None
    ratings: Annotated[int, Meta(description="How many buyers rated it.")] = 0
    followers: int
    color: str
    """The curtain's colour, #rrggbb: wherever the store appears it is known by it."""
    selling: Annotated[bool, Meta(description="Whether it may sell: its legal notice is complete.")] = True


class Store(StoreBrief, kw_only=True, frozen=True):
    """A store on its own page, as one visitor sees it."""

    story: str
    place: str
    opened_at: datetime
    legal: Legal
    shipping_fee: Yen
    ships_within_days: int
    carrier: str
    returns: str
    cancellation: str
    following: bool
    mine: bool
    live_show_id: str | None
    missing: Annotated[list[str], Meta(description="What its legal notice lacks; nothing is sold until it is there.")]
    invoice_number: str
    invoice_by_market: Annotated[bool, Meta(description="Invoices are issued by the market in its own name.")]


class NewStore(Struct, kw_only=True, frozen=True):
    """What somebody says who opens a store."""

    name: StoreName
    handle: Handle
    story: Story = ""
    face_id: PhotoId | None = None


class StoreChanges(Struct, kw_only=True, frozen=True):
    """What a member changes; fields left out stay as they are."""

    name: StoreName | UnsetType = UNSET
    story: Story | UnsetType = UNSET
    face_id: PhotoId | UnsetType | None = UNSET
    color: Color | UnsetType = UNSET
    place: Place | UnsetType = UNSET
    legal: Legal | UnsetType = UNSET
    shipping_fee: Yen | UnsetType = UNSET
    ships_within_days: Days | UnsetType = UNSET
    carrier: Carrier | UnsetType = UNSET
    returns: Terms | UnsetType = UNSET
    cancellation: Terms | UnsetType = UNSET
    invoice_number: InvoiceNumber | UnsetType = UNSET
    invoice_by_market: bool | UnsetType = UNSET


class StoreFee(Struct, kw_only=True, frozen=True):
    """What the market keeps of a store's sales."""

    id: str
    handle: str
    name: str
    fee_bps: Annotated[
        int | None, Meta(description="In hundredths of a percent of a sale; null: as much as of everyone.")
    ]


class StoreRow(Struct, kw_only=True, frozen=True):
    """A store as it is kept."""

    id: str
    handle: str
    name: str
    story: str
    face_id: str | None
    color: str
    place: str
    opened_at: datetime
    legal_seller: str
    legal_representative: str
    legal_address: str
    legal_phone: str
    legal_email: str
    legal_on_request: bool
    shipping_fee: int
    ships_within_days: int
    carrier: str
    returns: str
    cancellation: str
    legal_company: bool = False
    legal_other_costs: str = ""
    legal_antique_license: str = ""
    invoice_number: str = ""
    invoice_by_market: bool = False
    fee_bps: int | None = None
    """What the market keeps of a sale, in hundredths of a percent; None: as much as of everyone."""
    sold: int = 0
    likes: int = 0
    followers: int = 0
    ratings: int = 0
    stars: int = 0
    live_show_id: str | None = None

    @property
    def legal(self) -> Legal:
        """The notice as everyone sees it: what is given on request only is left out."""
        full = self.legal_in_full
        return replace(full, address="", phone="") if full.on_request else full

    @property
    def legal_in_full(self) -> Legal:
        """The notice with everything in it, for members and for who asks."""
        return Legal(**{name: getattr(self, f"legal_{name}") for name in Legal.__struct_fields__})

    @property
    def missing(self) -> list[str]:
        """What stands between the store and its first sale: names of fields that are empty and must not be."""
        return missing_of(self)

    @property
    def may_sell(self) -> bool:
        """Whether its legal notice is complete, as the law asks before anything is sold."""
        return not self.missing

    def brief(self, faces: dict[str, Photo]) -> StoreBrief:
        """In a line, with its face out of `faces` (photos by id)."""
        return StoreBrief(**self._brief(faces))

    def seen(self, faces: dict[str, Photo], *, following: bool, mine: bool) -> Store:
        """In full, as a visitor sees it who follows it or not, and keeps it or not."""
        return Store(
            **self._brief(faces),
            story=self.story,
            place=self.place,
            opened_at=self.opened_at,
            legal=self.legal_in_full if mine else self.legal,
            shipping_fee=self.shipping_fee,
            ships_within_days=self.ships_within_days,
            carrier=self.carrier,
            returns=self.returns,
            cancellation=self.cancellation,
            following=following,
            mine=mine,
            live_show_id=self.live_show_id,
            missing=self.missing,
            invoice_number=self.invoice_number if mine or not self.invoice_by_market else "",
            invoice_by_market=self.invoice_by_market and (mine or bool(self.invoice_number)),
        )

    def _brief(self, faces: dict[str, Photo]) -> dict[str, Any]:
        return {
            "id": self.id,
            "handle": self.handle,
            "name": self.name,
            "face": faces.get(self.face_id) if self.face_id else None,
            "sold": self.sold,
            "likes": self.likes,
            "followers": self.followers,
            "rating": round(self.stars / self.ratings, 1) if self.ratings else None,
            "ratings": self.ratings,
            "color": self.color,
            "selling": self.may_sell,
        }


def missing_of(row: StoreRow) -> list[str]:
    """The fields of a legal notice that are still empty.

    An address that is given on request must be there to be given; a company names who answers for it.
    """
    needed = ["legal.seller", "legal.address", "legal.phone", "legal.email", "carrier", "returns", "cancellation"]
    if row.legal_company:
        needed.insert(1, "legal.representative")
    return [name for name in needed if not getattr(row, name.replace(".", "_"))]


def role_of(listed: str | None, account: Account) -> Role | None:
    """What somebody is to a store in whose list they stand as `listed`; the operator keeps order everywhere."""
    if listed == "owner":
        return "owner"
    return "moderator" if listed == "moderator" or account.operator else None


def is_invoice_number(text: str) -> bool:
    """Whether it is a number of the register of invoice issuers: T, and 13 digits of which the first proves the rest.

    The digits are a corporate number, or one made in the same way: the check digit is 9 less the remainder by 9 of the
    other twelve, weighed 1, 2, 1, 2, ... from the last.
    """
    if not _INVOICE_NUMBER.match(text):
        return False
    first, *rest = (int(digit) for digit in text[1:])
    weighed = sum(digit * (1 + place % 2) for place, digit in enumerate(reversed(rest)))
    return first == 9 - weighed % 9


def wrong_with(legal: Legal) -> list[tuple[str, str]]:
    """What a notice must not say: a company's address stands on its page, and mail has to arrive."""
    wrong = [("legal.on_request", "not_for_companies")] if legal.company and legal.on_request else []
    try:
        email_address(legal.email or "nobody@example.com")
    except Invalid:
        wrong.append(("legal.email", "not_an_email"))
    return wrong


def handle_of(text: str) -> str:
    """A handle as it is kept; Invalid when it has other characters, is a reserved word, or looks like an id."""
    handle = text.strip().lower()
    if not _HANDLE.match(handle) or handle.startswith("-") or handle.endswith("-"):
        raise Invalid(("handle", "not_a_handle"))
    if handle in RESERVED or is_id(handle):
        raise Invalid(("handle", "reserved"))
    return handle


def first_color(handle: str) -> str:
    """The curtain a new store gets; the same handle always gets the same one."""
    return NOREN[sum(handle.encode()) % len(NOREN)]


def changed(row: StoreRow, changes: StoreChanges) -> StoreRow:
    """The row with the changes in it, cleaned; Invalid names every field that does not fit."""
    given = {name: value for name, value in asdict(changes).items() if value is not UNSET}
    legal: Legal | None = given.pop("legal", None)
    wrong: list[tuple[str, str]] = []
    for name, value in given.items():
        if isinstance(value, str) and name != "face_id":
            given[name] = clean_block(value) if name in {"story", "returns", "cancellation"} else clean(value)
    wrong += [(name, "empty") for name in ("name", "carrier", "returns", "cancellation") if given.get(name) == ""]
    if "invoice_number" in given:
        given["invoice_number"] = _STROKES.sub("", unicodedata.normalize("NFKC", given["invoice_number"])).upper()
        if given["invoice_number"] and not is_invoice_number(given["invoice_number"]):
            wrong.append(("invoice_number", "not_an_invoice_number"))
    if "color" in given:
        given["color"] = given["color"].lower()
        if not _COLOR.match(given["color"]):
            wrong.append(("color", "not_a_color"))
    wrong += wrong_with(legal) if legal else []
    if wrong:
        raise Invalid(*wrong)
    if legal is not None:
        given |= {f"legal_{n}": clean(v) if isinstance(v, str) else v for n, v in asdict(legal).items()}
    return replace(row, **given)
