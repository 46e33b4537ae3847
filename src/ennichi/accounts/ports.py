"""What accounts needs from the outside world: somebody who carries mail."""

from datetime import datetime
from typing import Protocol

from msgspec import Struct


class Mail(Struct, kw_only=True, frozen=True):
    """A letter to one person, in plain text."""

    to: str
    subject: str
    text: str
    at: datetime


class Mailer(Protocol):
    """Carries mail."""

    async def send(self, mail: Mail) -> None:
        """Hand it over; MailUnavailable when nobody takes it now, Invalid when the address is refused for good."""
        ...
