"""Order of the house: what may be said in a room, and what those who keep it may do."""

from ennichi.moderation.events import ReportsChanged, RulesChanged, StaffChanged
from ennichi.moderation.model import (
    NOTE_MAX,
    TIMEOUT,
    WORD_MAX,
    Act,
    House,
    Reason,
    Report,
    RuleChanges,
    Word,
)
from ennichi.moderation.service import ModerationService

__all__ = [
    "NOTE_MAX",
    "TIMEOUT",
    "WORD_MAX",
    "Act",
    "House",
    "ModerationService",
    "Reason",
    "Report",
    "ReportsChanged",
    "RuleChanges",
    "RulesChanged",
    "StaffChanged",
    "Word",
]
