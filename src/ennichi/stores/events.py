"""What happened to stores."""

from msgspec import Struct


class StoreChanged(Struct, frozen=True):
    """A store's words, terms or legal notice changed: what is shown of its goods may be otherwise now."""

    store_id: str
