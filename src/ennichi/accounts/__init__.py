"""Accounts: people who sign in, with a passkey or a code by e-mail; their sessions, names and addresses."""

from ennichi.accounts.adapters import LogMailer, MailBox, SmtpMailer
from ennichi.accounts.errors import GuestsOnlyBuy, MailUnavailable, SignedInAlready
from ennichi.accounts.events import GuestsProved
from ennichi.accounts.model import (
    PREFECTURES,
    READY_MADE,
    Account,
    Address,
    Bounds,
    Ceremony,
    Name,
    Session,
    Site,
    checked,
    email_address,
)
from ennichi.accounts.ports import Mail, Mailer
from ennichi.accounts.service import AccountService

__all__ = [
    "PREFECTURES",
    "READY_MADE",
    "Account",
    "AccountService",
    "Address",
    "Bounds",
    "Ceremony",
    "GuestsOnlyBuy",
    "GuestsProved",
    "LogMailer",
    "Mail",
    "MailBox",
    "MailUnavailable",
    "Mailer",
    "Name",
    "Session",
    "SignedInAlready",
    "Site",
    "SmtpMailer",
    "checked",
    "email_address",
]
