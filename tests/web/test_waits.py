"""Lines and the log of arrivals over HTTP."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.counter import API, Counter, code_of, counter_on, key
from tests.support.pages import Browser

from ennichi.accounts import Account
from ennichi.catalog import Listing

NOBODYS = "0" * 20


@dataclass
class Scene:
    """Two bowls, and three who want them."""

    counter: Counter
    keeper: Account
    listing: Listing
    first: Browser
    second: Browser
    third: Browser

    @property
    def variant(self) -> str:
        return self.listing.variants[0].id

    async def hold(self, who: Browser, quantity: int, name: str = "h") -> httpx.Response:
        wanted = {"variant_id": self.variant, "quantity": quantity}
        return await who.post(f"{API}/holds", json=wanted, headers=key(name))

    async def wait(self, who: Browser, quantity: int = 1, name: str = "w") -> httpx.Response:
        wanted = {"variant_id": self.variant, "quantity": quantity}
        return await who.post(f"{API}/waits", json=wanted, headers=key(name))

    async def log(self, who: Browser) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = (await who.get(f"{API}/variants/{self.variant}/arrivals")).json()["entries"]
        return entries


@pytest.fixture
async def scene(db_url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    async with counter_on(db_url, tmp_path) as counter, AsyncExitStack() as open_until_then:
        keeper = await counter.trade.people.person("Keeper")
        listing = await counter.trade.listing(keeper, await counter.trade.stall(keeper), stock=2)
        people = [
            await open_until_then.enter_async_context(await counter.browser(name)) for name in ("First", "Mio", "Ren")
        ]
        yield Scene(counter, keeper, listing, *people)


async def test_from_a_place_in_the_line_to_a_hold(scene: Scene) -> None:
    hold = (await scene.hold(scene.first, 2)).json()
    late = await scene.hold(scene.second, 1)
    assert code_of(late) == (409, "stock.sold_out")
    assert late.json()["error"]["params"] == {"available": 0, "waiting": 0}
    answer = await scene.wait(scene.second)
    wait = answer.json()
    assert (answer.status_code, wait["state"], wait["ahead"], wait["hold_id"]) == (201, "waiting", 0, None)
    assert (wait["listing"]["title"], wait["quantity"], wait["earliest"]) == ("湧き水", 1, hold["expires_at"])
    assert (await scene.wait(scene.second)).json() == wait
    assert (await scene.wait(scene.third)).json()["ahead"] == 1
    passing = await scene.hold(scene.third, 1, "again")
    assert passing.json()["error"]["params"] == {"available": 0, "waiting": 2}
    assert (await scene.first.delete(f"{API}/holds/{hold['id']}")).status_code == 200
    reached = (await scene.wait(scene.second)).json()
    assert (reached["id"], reached["state"]) == (wait["id"], "held")
    mine = (await scene.second.get(f"{API}/holds/{reached['hold_id']}")).json()
    assert (mine["state"], mine["quantity"], mine["expires_at"]) == ("held", 1, "2026-11-22T11:02:00Z")


async def test_whoever_comes_in_time_does_not_wait(scene: Scene) -> None:
    wait = (await scene.wait(scene.first, 2)).json()
    assert (wait["state"], wait["ahead"]) == ("held", 0)
    assert (await scene.first.get(f"{API}/holds/{wait['hold_id']}")).json()["quantity"] == 2


async def test_leaving(scene: Scene) -> None:
    await scene.hold(scene.first, 2)
    path = f"{API}/waits/{(await scene.wait(scene.second)).json()['id']}"
    for _ in range(2):
        assert (await scene.second.delete(path)).json()["state"] == "left"
    assert (await scene.wait(scene.third)).json()["ahead"] == 0


async def test_the_log_names_nobody(scene: Scene) -> None:
    assert await scene.log(scene.first) == []
    await scene.hold(scene.first, 2)
    await scene.hold(scene.second, 2)
    await scene.wait(scene.third)
    entries = await scene.log(scene.third)
    assert entries == [
        {"n": 1, "at": "2026-11-22T11:00:00Z", "quantity": 2, "left_before": 2, "outcome": "held", "mine": False},
        {"n": 2, "at": "2026-11-22T11:00:00Z", "quantity": 2, "left_before": 0, "outcome": "sold_out", "mine": False},
        {"n": 3, "at": "2026-11-22T11:00:00Z", "quantity": 1, "left_before": 0, "outcome": "waiting", "mine": True},
    ]
    assert [one["mine"] for one in await scene.log(scene.first)] == [True, False, False]


async def test_what_is_refused(scene: Scene) -> None:
    await scene.hold(scene.first, 2)
    wait = (await scene.wait(scene.second, name="w")).json()
    assert code_of(await scene.wait(scene.second, 2, name="w")) == (409, "idempotency.reused")
    path = f"{API}/waits/{wait['id']}"
    assert code_of(await scene.third.delete(path)) == (404, "not_found")
    for name in (NOBODYS, "x"):
        assert code_of(await scene.second.delete(f"{API}/waits/{name}")) == (404, "not_found")
        answer = await scene.second.post(f"{API}/waits", json={"variant_id": name}, headers=key("n"))
        assert code_of(answer) == (404, "not_found")
        assert (await scene.second.get(f"{API}/variants/{name}/arrivals")).json()["entries"] == []
    wanted = {"variant_id": scene.variant}
    assert code_of(await scene.third.post(f"{API}/waits", json=wanted)) == (422, "input.invalid")
    assert code_of(await scene.wait(scene.third, 21)) == (422, "input.invalid")
    async with await scene.counter.browser() as visitor:
        assert code_of(await scene.wait(visitor)) == (401, "auth.required")
        assert code_of(await visitor.delete(path)) == (401, "auth.required")
        assert code_of(await visitor.get(f"{API}/variants/{scene.variant}/arrivals")) == (401, "auth.required")
