"""What buyer and store write each other about an order."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from ennichi.kit.errors import Invalid
from ennichi.kit.text import clean_block
from ennichi.orders.model import Role

MESSAGES_EACH = 300
"""How many messages an order may have."""
PER_MINUTE = 12


class NewMessage(Struct, kw_only=True):
    """What somebody wants to say."""

    text: Annotated[str, Meta(min_length=1, max_length=1000)]


class ReadUpTo(Struct, kw_only=True):
    """How far somebody has read: the id of a message."""

    up_to: Annotated[str, Meta(min_length=1, max_length=40)]


class Message(Struct, kw_only=True, frozen=True):
    """A message about an order. `by` is the side that wrote it."""

    id: str
    by: Role
    name: Annotated[str, Meta(description="Who wrote it.")]
    text: str
    at: datetime
    mine: Annotated[bool, Meta(description="Whether the reader's side wrote it.")]


def said(text: str) -> str:
    """A text as it is kept; Invalid when nothing visible is left of it."""
    kept = clean_block(text)
    if not kept:
        raise Invalid(("text", "empty"))
    return kept
