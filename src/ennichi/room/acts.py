"""What somebody did in a room in order to keep it, for those who write it down."""

from typing import Any

from msgspec import Struct


class Done(Struct, kw_only=True, frozen=True):
    """`actor_id` did `act` (as in "vote.begun"), to whom and to which line where there is one; recorded on the
    transaction that did it."""

    store_id: str
    show_id: str
    actor_id: str
    act: str
    account_id: str | None = None
    line_id: str | None = None
    detail: dict[str, Any] = {}
