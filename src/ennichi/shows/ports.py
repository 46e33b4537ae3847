"""What shows asks of the parts above it."""

from typing import Protocol


class Crowd(Protocol):
    """Who knows the numbers of a gathering while it lasts."""

    def viewers(self, show_id: str) -> int:
        """People watching right now."""
        ...

    def likes(self, show_id: str) -> int | None:
        """Likes so far, or None when no gathering is open (then the stored number is true)."""
        ...

    def away(self, show_id: str) -> bool:
        """Whether the stall's picture has stopped."""
        ...
