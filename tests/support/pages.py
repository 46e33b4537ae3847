"""The HTTP side of accounts and stores alone, spoken to in memory as browsers and programs would."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
from litestar import Litestar
from tests.support.people import People, people_on

from ennichi.settings import Settings
from ennichi.web import accounts, demo, session, stores
from ennichi.web.errors import HANDLERS

ORIGIN = "https://market.example"


class Browser(httpx.AsyncClient):
    """Keeps cookies and says where its pages come from."""

    def __init__(self, asgi: Any, **headers: str) -> None:
        transport = httpx.ASGITransport(asgi, client=("192.0.2.7", 50_000))
        super().__init__(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN, **headers})


@contextlib.asynccontextmanager
async def pages_on(db_url: str, folder: Path) -> AsyncIterator[tuple[Any, People]]:
    """The ASGI application and the services behind it."""
    async with people_on(db_url, folder) as people:
        app: Any = SimpleNamespace(
            settings=Settings(demo=True),
            db=people.db,
            mail_box=people.mails,
            accounts=people.accounts,
            stores=people.stores,
        )
        asgi = Litestar(
            [*accounts.routes(app), *stores.routes(app), *demo.routes(app)],
            dependencies=session.dependencies(app),
            before_request=session.origin_guard,
            exception_handlers=HANDLERS,
            openapi_config=None,
            logging_config=None,
        )
        yield asgi, people
