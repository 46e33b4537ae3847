"""Listings, their variants and their stock."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, convert
from msgspec.structs import asdict

from ennichi.catalog.shipping import Shipping, ShippingCost, Size, cost_of
from ennichi.photos import Photo
from ennichi.stores import StoreBrief

Condition = Literal["new", "like_new", "good", "fair", "worn", "made_to_order", "food"]
TaxRate = Literal[8, 10]

MAX_PHOTOS = 10
MAX_VARIANTS = 30
MAX_STOCK = 100_000
MAX_PRICE = 9_999_999

Title = Annotated[str, Meta(min_length=1, max_length=80)]
Story = Annotated[str, Meta(max_length=4000)]
Price = Annotated[int, Meta(ge=1, le=MAX_PRICE, description="Yen, tax included.")]
Units = Annotated[int, Meta(ge=0, le=MAX_STOCK, description="Units that can be bought now.")]
VariantName = Annotated[str, Meta(max_length=40, description="Empty when the listing has a single variant.")]
Keyword = Annotated[str, Meta(max_length=20, description="What a viewer may type to mean this variant.")]
PhotoIds = Annotated[list[str], Meta(max_length=MAX_PHOTOS)]
ShippingId = Annotated[str, Meta(min_length=1, max_length=40, description="null: the store's one fee.")]
PerBuyer = Annotated[
    int, Meta(ge=1, le=99, description="How many units one buyer may have; null: as many as there are.")
]


class Variant(Struct, kw_only=True, frozen=True):
    """One thing that can be bought: its price and what is left of it."""

    id: str
    name: VariantName
    price: Price
    available: Annotated[int, Meta(ge=0, description="Neither held nor sold.")]
    keyword: Keyword
    former_price: Annotated[
        int | None, Meta(description="What it cost before; only where the store wants it shown and history proves it.")
    ] = None


class Listing(Struct, kw_only=True, frozen=True):
    """Something a store offers."""

    id: str
    store: StoreBrief
    title: str
    story: str
    condition: Condition
    price: Annotated[int, Meta(description="Yen, tax included, of the cheapest variant.")]
    tax_rate: TaxRate
    photos: list[Photo]
    variants: list[Variant]
    available: Annotated[int, Meta(description="Sum over the variants.")]
    archived: bool
    created_at: datetime
    former_price: Annotated[int | None, Meta(description="Of the cheapest variant; see there.")] = None
    shipping: ShippingCost = ShippingCost(least=0, most=0)
    shipping_id: ShippingId | None = None
    size: Size = 60
    per_buyer: PerBuyer | None = None
    show_former: Annotated[bool, Meta(description="Whether the store wants a former price shown.")] = False


class NewVariant(Struct, kw_only=True):
    """A variant of a listing that is being made; without a price it has the listing's."""

    name: VariantName = ""
    stock: Units
    price: Price | None = None
    keyword: Keyword = ""


class NewListing(Struct, kw_only=True):
    """What a seller writes to offer something."""

    title: Title
    story: Story = ""
    condition: Condition
    price: Price
    tax_rate: TaxRate = 10
    photo_ids: PhotoIds = []
    variants: Annotated[list[NewVariant], Meta(min_length=1, max_length=MAX_VARIANTS)]
    shipping_id: ShippingId | None = None
    size: Size = 60
    per_buyer: PerBuyer | None = None
    show_former: bool = False


class VariantEdit(Struct, kw_only=True):
    """A variant as it should be: with an id one that exists, without an id a new one."""

    id: str | None = None
    name: VariantName = ""
    price: Price | UnsetType | None = UNSET
    """None means the listing's price; left out: as it is."""
    stock: Units | None = None
    """Sets what is available now; None leaves it (new: 0)."""
    keyword: Keyword | None = None


class ListingEdit(Struct, kw_only=True):
    """What should change of a listing; a field that is left out stays as it is."""

    title: Title | UnsetType = UNSET
    story: Story | UnsetType = UNSET
    condition: Condition | UnsetType = UNSET
    price: Price | UnsetType = UNSET
    tax_rate: TaxRate | UnsetType = UNSET
    photo_ids: PhotoIds | UnsetType = UNSET
    variants: Annotated[list[VariantEdit], Meta(min_length=1, max_length=MAX_VARIANTS)] | UnsetType = UNSET
    shipping_id: ShippingId | UnsetType | None = UNSET
    size: Size | UnsetType = UNSET
    per_buyer: PerBuyer | UnsetType | None = UNSET
    show_former: bool | UnsetType = UNSET


class ListingRow(Struct, frozen=True):
    """A listing as it is kept."""

    id: str
    store_id: str
    title: str
    story: str
    condition: Condition
    price: int
    tax_rate: TaxRate
    photo_ids: list[str]
    archived: bool
    created_at: datetime
    shipping_id: str | None
    size: Size
    per_buyer: int | None
    show_former: bool


class VariantRow(Struct, frozen=True):
    """A variant as it is kept."""

    id: str
    listing_id: str
    name: str
    price: int | None
    keyword: str
    available: int


class PriceRow(Struct, frozen=True):
    """What a variant cost from a moment on; None: it was not on offer."""

    variant_id: str
    price: int | None
    since: datetime


class ProfileRow(Struct, frozen=True):
    """A way of charging for shipping as it is kept."""

    id: str
    store_id: str
    content: dict[str, Any]


class Listed(Struct, frozen=True):
    """How many listings somebody made lately, and has on offer now."""

    lately: int
    now: int


class Offer(Struct, frozen=True):
    """What a buyer would be bound to: one variant with its price, and the store behind it."""

    variant_id: str
    variant_name: str
    listing_id: str
    store_id: str
    title: str
    photo_id: str | None
    price: int
    tax_rate: TaxRate
    available: int
    archived: bool
    shipping: Shipping | None
    """How its sending is charged; None: the store's one fee."""
    size: Size
    per_buyer: int | None
    """How many units one buyer may have; None: as many as there are."""


class OfferRow(Struct, frozen=True):
    """An offer as it is read."""

    variant_id: str
    variant_name: str
    listing_id: str
    store_id: str
    title: str
    photo_id: str | None
    price: int
    tax_rate: TaxRate
    available: int
    archived: bool
    shipping: dict[str, Any] | None
    size: Size
    per_buyer: int | None

    def offer(self) -> Offer:
        """What a buyer would be bound to."""
        shipping = convert(self.shipping, Shipping) if self.shipping else None
        return Offer(**{**asdict(self), "shipping": shipping})


class StockLevel(Struct, frozen=True):
    """What is left of a variant after a change."""

    variant_id: str
    listing_id: str
    available: int


class StockSet(StockLevel, frozen=True):
    """What is left of a variant after its seller said so, and whether that is more than before."""

    rose: bool


def price_of(listing: ListingRow, variant: VariantRow) -> int:
    """What a variant costs, in yen with tax: its own price, else its listing's."""
    return listing.price if variant.price is None else variant.price


def to_listing(
    row: ListingRow,
    variants: Sequence[VariantRow],
    store: StoreBrief,
    photos: Mapping[str, Photo],
    *,
    shipping: Shipping,
    former: Mapping[str, int],
) -> Listing:
    """What everyone sees of a listing; `former` are the proven former prices of its variants by their ids."""
    shown = [
        Variant(
            id=v.id,
            name=v.name,
            price=price_of(row, v),
            available=v.available,
            keyword=v.keyword,
            former_price=former.get(v.id),
        )
        for v in variants
    ]
    cheapest = min(shown, key=lambda v: v.price, default=None)
    return Listing(
        id=row.id,
        store=store,
        title=row.title,
        story=row.story,
        condition=row.condition,
        price=cheapest.price if cheapest else row.price,
        tax_rate=row.tax_rate,
        photos=[photos[i] for i in row.photo_ids if i in photos],
        variants=shown,
        available=sum(v.available for v in shown),
        archived=row.archived,
        created_at=row.created_at,
        former_price=cheapest.former_price if cheapest else None,
        shipping=cost_of(shipping, row.size),
        shipping_id=row.shipping_id,
        size=row.size,
        per_buyer=row.per_buyer,
        show_former=row.show_former,
    )
