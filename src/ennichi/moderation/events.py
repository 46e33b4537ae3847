"""What moderation tells the rooms once it is committed."""

from msgspec import Struct


class RulesChanged(Struct, frozen=True):
    """A store keeps its rooms otherwise."""

    store_id: str


class ReportsChanged(Struct, frozen=True):
    """Another number of reports of a show waits."""

    show_id: str


class StaffChanged(Struct, frozen=True):
    """Somebody keeps order in a store's rooms from now on, or no more."""

    store_id: str
    account_id: str
