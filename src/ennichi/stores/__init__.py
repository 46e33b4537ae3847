"""Stores: a seller's stall with its name, face, story and terms; who keeps it and who follows it."""

from ennichi.stores.errors import HandleTaken, NoticeIncomplete, StoreNotFound, TooManyStores
from ennichi.stores.model import Legal, NewStore, Role, Store, StoreBrief, StoreChanges, StoreRow, role_of
from ennichi.stores.service import StoreService

__all__ = [
    "HandleTaken",
    "Legal",
    "NewStore",
    "NoticeIncomplete",
    "Role",
    "Store",
    "StoreBrief",
    "StoreChanges",
    "StoreNotFound",
    "StoreRow",
    "StoreService",
    "TooManyStores",
    "role_of",
]
