"""The HTTP side of trade alone, spoken to in memory as browsers would."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
from litestar import Litestar
from tests.support.pages import Browser
from tests.support.trade import Trade, trade_on

from ennichi.kit.limits import Limits
from ennichi.web import catalog, checkout, orders, payments, photos, purchases, session
from ennichi.web.body import StrictBody
from ennichi.web.errors import HANDLERS

API = "/api/v1"


@dataclass
class Counter:
    """The ASGI application and the services behind it."""

    asgi: Any
    trade: Trade
    limits: Limits

    async def browser(self, name: str | None = None) -> Browser:
        """Somebody's browser; nobody's without a name."""
        browser = Browser(self.asgi)
        if name:
            session = await self.trade.people.accounts.create_ready_made(name, f"{name.lower()}@example.com")
            browser.cookies.set("ennichi_session", session.token)
        return browser


@contextlib.asynccontextmanager
async def counter_on(db_url: str, folder: Path) -> AsyncIterator[Counter]:
    """Routes of photos, catalog, checkout and orders."""
    async with trade_on(db_url, folder) as trade:
        limits = Limits(trade.people.clock)
        app: Any = SimpleNamespace(
            db=trade.people.db,
            limits=limits,
            accounts=trade.people.accounts,
            stores=trade.people.stores,
            photos=trade.people.photos,
            catalog=trade.catalog,
            sandbox=trade.gateway,
            payments=trade.payments,
            checkout=trade.checkout,
            orders=trade.orders,
            payees=None,
        )
        asgi = Litestar(
            [
                *photos.routes(app),
                *catalog.routes(app),
                *checkout.routes(app),
                *purchases.routes(app),
                *payments.routes(app),
                *orders.routes(app),
            ],
            dto=StrictBody,
            return_dto=None,
            dependencies=session.dependencies(app),
            before_request=session.origin_guard,
            exception_handlers=HANDLERS,
            request_max_body_size=1024 * 1024,
            logging_config=None,
        )
        yield Counter(asgi, trade, limits)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and error code."""
    return answer.status_code, answer.json()["error"]["code"]


def key(text: str) -> dict[str, str]:
    """The header of an idempotency key."""
    return {"Idempotency-Key": text}
