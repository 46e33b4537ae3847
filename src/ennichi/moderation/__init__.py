"""Order of the house: what may be said in a room, and what those who keep it may do."""

from ennichi.moderation.service import ModerationService

__all__ = ["ModerationService"]
