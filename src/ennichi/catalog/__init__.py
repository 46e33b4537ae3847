"""Catalog: what stores offer. It owns listings, their variants and the stock; whoever sells asks it for units."""

from ennichi.catalog.errors import Archived, ListingNotFound, SoldOut, VariantNotFound
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
from ennichi.catalog.service import CatalogService
from ennichi.catalog.stock import Stock

__all__ = [
    "Archived",
    "CatalogService",
    "Condition",
    "Listing",
    "ListingChanged",
    "ListingEdit",
    "ListingNotFound",
    "NewListing",
    "NewVariant",
    "Offer",
    "SoldOut",
    "Stock",
    "StockChanged",
    "StockLevel",
    "TaxRate",
    "Variant",
    "VariantEdit",
    "VariantNotFound",
]
