"""What happened to accounts."""

from collections.abc import Sequence

from msgspec import Struct


class GuestsProved(Struct, frozen=True):
    """Somebody proved an address under which guests had bought: what those bought is the account's from now on."""

    account_id: str
    guest_ids: Sequence[str]
