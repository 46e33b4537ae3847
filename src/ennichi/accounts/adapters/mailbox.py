"""Mail without a mail server: printed in the log, and in a demo kept for everybody to read."""

from collections import deque

import structlog

from ennichi.accounts.ports import Mail

log = structlog.get_logger(__name__)


class LogMailer:
    """Prints every mail in the log, so that whoever runs an installation without a mail server can sign in."""

    async def send(self, mail: Mail) -> None:
        """Print it."""
        log.info("mail, as no mail server is set", to=mail.to, subject=mail.subject, text=mail.text)


class MailBox(LogMailer):
    """Also keeps the last mails in memory. For a demo only: everybody may read what is in it."""

    def __init__(self, keep: int = 50) -> None:
        self._mails: deque[Mail] = deque(maxlen=keep)

    async def send(self, mail: Mail) -> None:
        """Print it and keep it."""
        await super().send(mail)
        self._mails.appendleft(mail)

    def mails(self) -> list[Mail]:
        """What is in the box, newest first."""
        return list(self._mails)
