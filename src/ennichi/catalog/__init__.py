"""Catalog: what stores offer. It owns listings, their variants and the stock; whoever sells asks it for units."""

from ennichi.catalog.errors import (
    Archived,
    ListingNotFound,
    ShippingNotFound,
    SoldOut,
    TooManyShippings,
    VariantNotFound,
)
from ennichi.catalog.events import ListingChanged, StockChanged
from ennichi.catalog.model import (
    Condition,
    Listing,
    ListingEdit,
    NewListing,
    NewVariant,
    Offer,
    StockLevel,
    TaxRate,
    Variant,
    VariantEdit,
)
from ennichi.catalog.profiles import ShippingProfile, ShippingProfiles
from ennichi.catalog.service import CatalogService
from ennichi.catalog.shipping import SIZES, Fee, Parcel, Shipping, ShippingCost, Size, Zone, cost_of, fee_for, flat
from ennichi.catalog.stock import Stock

__all__ = [
    "SIZES",
    "Archived",
    "CatalogService",
    "Condition",
    "Fee",
    "Listing",
    "ListingChanged",
    "ListingEdit",
    "ListingNotFound",
    "NewListing",
    "NewVariant",
    "Offer",
    "Parcel",
    "Shipping",
    "ShippingCost",
    "ShippingNotFound",
    "ShippingProfile",
    "ShippingProfiles",
    "Size",
    "SoldOut",
    "Stock",
    "StockChanged",
    "StockLevel",
    "TaxRate",
    "TooManyShippings",
    "Variant",
    "VariantEdit",
    "VariantNotFound",
    "Zone",
    "cost_of",
    "fee_for",
    "flat",
]
