"""The program's HTTP side in the test's own process: every route, spoken to in memory as somebody's program would."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
from tests.support.festival import Festival

from ennichi.accounts import Account
from ennichi.web.app import build


class Doors:
    """Lets people in: a client for each."""

    def __init__(self, festival: Festival) -> None:
        self._festival = festival
        self._asgi: Any = build(festival.app)

    @contextlib.asynccontextmanager
    async def client(self, who: Account | None) -> AsyncIterator["Client"]:
        """A client that speaks as `who`, or as nobody."""
        headers = {}
        if who is not None:
            assert who.email
            session = await self._festival.app.accounts.enter_ready_made(who.email, user_agent="test")
            headers["Authorization"] = f"Bearer {session.token}"
        transport = httpx.ASGITransport(self._asgi, client=("192.0.2.7", 50_000))
        async with Client(transport=transport, base_url="http://market.example/api/v1", headers=headers) as client:
            yield client


class Client(httpx.AsyncClient):
    """Speaks as one person with a Bearer token."""

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of an answer that must be a good one."""
        answer = await self.request(method, path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str, dict[str, Any]]:
        """Status, code and parameters of an answer that must be an error in the one shape errors have."""
        answer = await self.request(method, path, json=body)
        assert answer.status_code >= 400, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        error = answer.json()["error"]
        assert set(error) == {"code", "message", "params"}
        return answer.status_code, error["code"], error["params"]
