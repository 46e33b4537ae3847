"""Accounts and stores on a test's database, with a clock that stands still and a box for the mail."""

import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ennichi.accounts import Account, AccountService, Bounds, MailBox, Session
from ennichi.kit.clock import FixedClock
from ennichi.kit.db import Database, open_database
from ennichi.kit.ids import RandomIds
from ennichi.kit.limits import Limits
from ennichi.photos import PhotoService, open_photo_store
from ennichi.stores import Legal, StoreService

EVENING = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
HOME = "192.0.2.1"
NOTICE = Legal(seller="水野わか", address="長野県安曇野市穂高 8410", phone="0263000000", email="shop@mizunowa.example")
"""A legal notice with everything in it that a seller needs."""


@dataclass
class People:
    """The services of accounts and stores, and what a test looks at."""

    db: Database
    clock: FixedClock
    mails: MailBox
    accounts: AccountService
    photos: PhotoService
    stores: StoreService

    async def person(self, name: str) -> Account:
        """A ready-made account."""
        return (await self.accounts.create_ready_made(name, f"{name.lower()}@example.com")).account

    async def send_code(self, email: str, source: str = HOME) -> str:
        """Have a code sent, and read it out of the mail."""
        await self.accounts.codes.send(email, source=source, lang="en")
        found = re.search(r"\d{6}", self.mails.mails()[0].text)
        assert found
        return found[0]

    async def verify(self, email: str, code: str, name: str | None = "Hanako", source: str = HOME) -> Session:
        """Sign in with a code."""
        return await self.accounts.codes.verify(email, code, name, source=source, user_agent="test", lang="en")


@contextlib.asynccontextmanager
async def people_on(db_url: str, folder: Path, bounds: Bounds | None = None) -> AsyncIterator[People]:
    """Services on the database at `db_url`, photos in `folder`."""
    async with open_database(db_url) as db:
        clock = FixedClock(EVENING)
        ids = RandomIds(clock)
        mails = MailBox()
        photos = PhotoService(db, open_photo_store(folder), ids, clock)
        yield People(
            db=db,
            clock=clock,
            mails=mails,
            accounts=AccountService(db, clock, ids, Limits(clock), mails, bounds=bounds),
            photos=photos,
            stores=StoreService(db, clock, ids, faces=photos),
        )
