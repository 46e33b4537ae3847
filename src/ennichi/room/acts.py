"""What somebody did in a room in order to keep it, for those who write it down."""

from typing import Any

from msgspec import Struct


class Done(Struct, kw_only=True, frozen=True):
    """An act such as "vote.begun", to whom and to which line where there is one, and what else is worth knowing.

    Record it on the transaction that does it.
    """

    store_id: str
    show_id: str
    actor_id: str
    act: str
    account_id: str | None = None
    line_id: str | None = None
    detail: dict[str, Any] = {}


class LineTaken(Struct, kw_only=True, frozen=True):
    """A line was taken out, everywhere; recorded on the transaction that did it. Whoever keeps copies takes it out."""

    show_id: str
    line_id: str
