"""Photos: pictures people upload, re-encoded so that nothing but the picture is left, in three sizes."""

from ennichi.photos.errors import PhotoNotFound, PhotoUnknown, Unreadable
from ennichi.photos.model import MAX_BYTES, Photo, Size
from ennichi.photos.service import PhotoService, open_photo_store

__all__ = [
    "MAX_BYTES",
    "Photo",
    "PhotoNotFound",
    "PhotoService",
    "PhotoUnknown",
    "Size",
    "Unreadable",
    "open_photo_store",
]
