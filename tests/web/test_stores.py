"""Stalls over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.pages import Browser, pages_on
from tests.support.people import People


@pytest.fixture
async def served(db_url: str, tmp_path: Path) -> AsyncIterator[tuple[Any, People]]:
    async with pages_on(db_url, tmp_path) as pair:
        yield pair


async def browser_of(served: tuple[Any, People], name: str) -> Browser:
    session = await served[1].accounts.create_ready_made(name, f"{name.lower()}@example.com")
    browser = Browser(served[0])
    browser.cookies.set("ennichi_session", session.token)
    return browser


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_opening_looking_at_and_changing_a_store(served: tuple[Any, People]) -> None:
    async with await browser_of(served, "Hanako") as hanako, Browser(served[0]) as visitor:
        opened = await hanako.post(
            "/api/v1/stores", json={"name": "はな", "handle": "hana", "story": ""}, headers={"Accept-Language": "en"}
        )
        assert opened.status_code == 201, opened.text
        store = opened.json()
        assert store["carrier"] == "Yamato Transport TA-Q-BIN"
        assert (await visitor.get("/api/v1/stores/hana")).json() == store | {"mine": False}
        assert (await visitor.get(f"/api/v1/stores/{store['id']}")).json()["handle"] == "hana"
        assert (await hanako.get("/api/v1/me")).json()["stores"][0]["id"] == store["id"]
        edited = await hanako.patch(
            f"/api/v1/stores/{store['id']}", json={"color": "#112233", "face_id": None, "legal": {"seller": "山田"}}
        )
        assert edited.status_code == 200, edited.text
        assert (edited.json()["color"], edited.json()["legal"]["seller"]) == ("#112233", "山田")
        assert [s["handle"] for s in (await visitor.get("/api/v1/stores?q=はな")).json()] == ["hana"]


async def test_who_may_do_what(served: tuple[Any, People]) -> None:
    async with (
        await browser_of(served, "Hanako") as hanako,
        await browser_of(served, "Taro") as taro,
        Browser(served[0]) as visitor,
    ):
        new = {"name": "はな", "handle": "hana", "story": ""}
        assert code_of(await visitor.post("/api/v1/stores", json=new)) == (401, "auth.required")
        store = (await hanako.post("/api/v1/stores", json=new)).json()
        path = f"/api/v1/stores/{store['id']}"
        taken = await taro.post("/api/v1/stores", json=new)
        assert code_of(taken) == (409, "store.handle_taken")
        assert code_of(await taro.patch(path, json={"name": "Taro"})) == (403, "auth.forbidden")
        assert code_of(await visitor.patch(path, json={"name": "X"})) == (401, "auth.required")
        assert code_of(await visitor.get("/api/v1/stores?followed=true")) == (401, "auth.required")
        assert (await taro.put(f"{path}/follow")).json()["followers"] == 1
        assert [s["id"] for s in (await taro.get("/api/v1/stores?followed=true")).json()] == [store["id"]]
        assert (await taro.delete(f"{path}/follow")).json()["following"] is False
        assert code_of(await visitor.put(f"{path}/follow")) == (401, "auth.required")
        assert code_of(await taro.get("/api/v1/stores/nobody")) == (404, "not_found")


CHANGES_THAT_DO_NOT_FIT: list[dict[str, Any]] = [
    {"name": ""},
    {"name": "x" * 61},
    {"name": None},
    {"name": 5},
    {"color": "blue"},
    {"shipping_fee": -1},
    {"shipping_fee": 10**12},
    {"shipping_fee": 1.5},
    {"ships_within_days": 0},
    {"ships_within_days": 10**30},
    {"legal": None},
    {"legal": {"seller": 5}},
    {"returns": " "},
    {"face_id": ""},
    {"face_id": "0" * 20},
    {"story": "x" * 2001},
]


async def test_what_does_not_fit_is_refused_and_changes_nothing(served: tuple[Any, People]) -> None:
    async with await browser_of(served, "Hanako") as hanako:
        store = (await hanako.post("/api/v1/stores", json={"name": "はな", "handle": "hana"})).json()
        for change in CHANGES_THAT_DO_NOT_FIT:
            answer = await hanako.patch("/api/v1/stores/hana", json={"place": "x"} | change)
            assert answer.status_code == 422, (change, answer.text)
        assert (await hanako.get("/api/v1/stores/hana")).json() == store
