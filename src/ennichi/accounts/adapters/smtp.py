"""Mail through a real server (SMTP with STARTTLS where offered, or TLS from the start with smtps)."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid, parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from ennichi.accounts.errors import MailUnavailable
from ennichi.accounts.ports import Mail
from ennichi.kit.errors import Invalid

log = structlog.get_logger(__name__)
TIMEOUT_S = 15.0


class SmtpMailer:
    """Sends through the server of an address like `smtp://user:password@mail.example:587` (or `smtps://...:465`)."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("the mail server's address must look like smtp://user:password@host:587")
        self._host = parts.hostname
        self._tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 587)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        name, address = parseaddr(sender)
        self._sender = Address(display_name=name, addr_spec=address)

    async def send(self, mail: Mail) -> None:
        """Hand it to the server; MailUnavailable when it cannot be reached or does not want it now."""
        message = self._message(mail)
        try:
            await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._tls,
                timeout=TIMEOUT_S,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            if all(500 <= refused.code < 600 for refused in error.recipients):
                raise Invalid(("email", "refused")) from error
            raise MailUnavailable from error
        except (aiosmtplib.SMTPException, OSError) as error:
            log.warning("the mail server did not take a mail", server=self._host, error=str(error))
            raise MailUnavailable from error

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = mail.to
        message["Subject"] = mail.subject
        message["Date"] = mail.at
        message["Message-ID"] = make_msgid(domain=self._sender.domain or "localhost")
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message
