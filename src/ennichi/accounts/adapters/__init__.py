"""How mail leaves the house: a real server, or the log and a box one can look into."""

from ennichi.accounts.adapters.mailbox import LogMailer, MailBox
from ennichi.accounts.adapters.smtp import SmtpMailer

__all__ = ["LogMailer", "MailBox", "SmtpMailer"]
