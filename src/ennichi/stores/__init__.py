"""Stores: a seller's stall with its name, face, story and terms; who keeps it and who follows it."""

from ennichi.stores.errors import (
    EmailNeeded,
    HandleTaken,
    NothingToRequest,
    NoticeIncomplete,
    StoreNotFound,
    TooManyStores,
)
from ennichi.stores.events import StoreChanged
from ennichi.stores.model import Legal, NewStore, Role, Store, StoreBrief, StoreChanges, StoreFee, StoreRow, role_of
from ennichi.stores.notices import NoticeRequest, Notices
from ennichi.stores.service import StoreService
from ennichi.stores.trading import MONTH, YEAR, Trading, judged

__all__ = [
    "MONTH",
    "YEAR",
    "EmailNeeded",
    "HandleTaken",
    "Legal",
    "NewStore",
    "NothingToRequest",
    "NoticeIncomplete",
    "NoticeRequest",
    "Notices",
    "Role",
    "Store",
    "StoreBrief",
    "StoreChanged",
    "StoreChanges",
    "StoreFee",
    "StoreNotFound",
    "StoreRow",
    "StoreService",
    "TooManyStores",
    "Trading",
    "judged",
    "role_of",
]
