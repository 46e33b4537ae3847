"""A photo as everyone sees it, and what is kept about it."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

Size = Literal["s", "m", "l"]

LONG_SIDES: dict[Size, int] = {"s": 160, "m": 640, "l": 1600}
"""The long side of each size, in pixels; a smaller picture is never blown up."""

MAX_BYTES = 15 * 1024 * 1024
"""The largest upload, in bytes."""


class Photo(Struct, kw_only=True, frozen=True):
    """A picture, re-encoded, in three sizes; the URLs never change what they show."""

    id: str
    width: Annotated[int, Meta(description="Of the largest size, in pixels.")]
    height: Annotated[int, Meta(description="Of the largest size, in pixels.")]
    placeholder: Annotated[str, Meta(description="A tiny data: URI to show until the picture is there.")]
    small: Annotated[str, Meta(description="URL, 160 px on the long side.")]
    medium: Annotated[str, Meta(description="URL, 640 px on the long side.")]
    large: Annotated[str, Meta(description="URL, 1600 px on the long side.")]


class PhotoRow(Struct, frozen=True):
    """A photo as it is kept."""

    id: str
    account_id: str
    width: int
    height: int
    placeholder: str
    created_at: datetime


def to_photo(row: PhotoRow) -> Photo:
    """What everyone sees of a row."""
    small, medium, large = (f"/media/photos/{row.id}/{size}.webp" for size in LONG_SIDES)
    return Photo(
        id=row.id,
        width=row.width,
        height=row.height,
        placeholder=row.placeholder,
        small=small,
        medium=medium,
        large=large,
    )
