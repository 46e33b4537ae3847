"""Listings over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.counter import API, Counter, code_of, counter_on
from tests.support.pages import Browser
from tests.support.trade import picture

NEW: dict[str, Any] = {
    "title": "湯のみ",
    "story": "",
    "condition": "new",
    "price": 2000,
    "tax_rate": 10,
    "photo_ids": [],
    "variants": [{"name": "", "stock": 3}],
}

WRONG: list[dict[str, Any]] = [
    {"title": ""}, {"title": "x" * 81}, {"title": "\u0000 "}, {"title": None}, {"title": 5},
    {"story": "x" * 4001}, {"condition": "broken"},
    {"price": 0}, {"price": -1}, {"price": 10_000_000}, {"price": 10**40}, {"price": 1.5},
    {"price": "1"}, {"price": True}, {"tax_rate": 9},
    {"photo_ids": ["0" * 20]}, {"photo_ids": ["\u0000"]}, {"photo_ids": [""] * 11}, {"photo_ids": "x"},
    {"variants": []}, {"variants": [{}]}, {"variants": None},
    {"variants": [{"name": f"{n}", "stock": 1} for n in range(31)]},
    {"variants": [{"name": "a", "stock": 1}, {"name": "a", "stock": 1}]},
    {"variants": [{"name": "", "stock": -1}]}, {"variants": [{"name": "", "stock": 100_001}]},
    {"variants": [{"name": "", "stock": 10**30}]}, {"variants": [{"name": "", "stock": 1, "price": 0}]},
    {"variants": [{"name": "x" * 41, "stock": 1}]}, {"variants": [{"name": "", "stock": 1, "keyword": "x" * 21}]},
]  # fmt: skip


@pytest.fixture
async def counter(db_url: str, tmp_path: Path) -> AsyncIterator[Counter]:
    async with counter_on(db_url, tmp_path) as built:
        yield built


async def stall(counter: Counter, browser: Browser) -> str:
    account = await counter.trade.people.accounts.authenticate(browser.cookies["ennichi_session"])
    assert account
    return (await counter.trade.stall(account)).id


async def test_the_life_of_a_listing(counter: Counter) -> None:
    async with await counter.browser("Hanako") as hanako, await counter.browser() as visitor:
        store_id = await stall(counter, hanako)
        photo = (await hanako.post(f"{API}/photos", content=picture())).json()
        new = {**NEW, "photo_ids": [photo["id"]]}
        made = await hanako.post(f"{API}/stores/{store_id}/listings", json=new)
        assert made.status_code == 201, made.text
        listing = made.json()
        assert listing["photos"] == [photo]
        assert listing["created_at"].endswith("Z")
        path = f"{API}/listings/{listing['id']}"
        assert (await visitor.get(path)).json() == listing
        edit = {"price": 1500, "variants": [{"id": listing["variants"][0]["id"], "name": "", "stock": 9}]}
        edited = (await hanako.patch(path, json=edit)).json()
        assert (edited["price"], edited["available"], edited["title"]) == (1500, 9, "湯のみ")
        assert (await hanako.patch(path, json={})).json() == edited
        assert [one["id"] for one in (await visitor.get(f"{API}/stores/{store_id}/listings")).json()] == [listing["id"]]
        assert (await hanako.post(f"{path}/archive")).json()["archived"]
        assert (await visitor.get(f"{API}/stores/{store_id}/listings")).json() == []
        away = f"{API}/stores/{store_id}/listings?archived=true"
        assert len((await hanako.get(away)).json()) == 1
        assert code_of(await visitor.get(away)) == (401, "auth.required")
        assert not (await hanako.post(f"{path}/restore")).json()["archived"]


async def test_who_may(counter: Counter) -> None:
    async with (
        await counter.browser("Hanako") as hanako,
        await counter.browser("Taro") as taro,
        await counter.browser() as visitor,
    ):
        store_id = await stall(counter, hanako)
        listing_id = (await hanako.post(f"{API}/stores/{store_id}/listings", json=NEW)).json()["id"]
        for browser, expected in [(taro, (403, "auth.forbidden")), (visitor, (401, "auth.required"))]:
            assert code_of(await browser.post(f"{API}/stores/{store_id}/listings", json=NEW)) == expected
            assert code_of(await browser.patch(f"{API}/listings/{listing_id}", json={"price": 1})) == expected
            assert code_of(await browser.post(f"{API}/listings/{listing_id}/archive")) == expected
            assert code_of(await browser.get(f"{API}/stores/{store_id}/listings?archived=true")) == expected
        for missing in ("0" * 20, "x", "%00"):
            assert code_of(await hanako.get(f"{API}/listings/{missing}")) == (404, "not_found")
            assert code_of(await hanako.get(f"{API}/stores/{missing}/listings")) == (404, "not_found")
            assert code_of(await hanako.post(f"{API}/stores/{missing}/listings", json=NEW)) == (404, "not_found")


async def test_wrong_input_changes_nothing(counter: Counter) -> None:
    async with await counter.browser("Hanako") as hanako:
        path = f"{API}/stores/{await stall(counter, hanako)}/listings"
        listing = (await hanako.post(path, json=NEW)).json()
        for wrong in WRONG:
            made = await hanako.post(path, json={**NEW, **wrong})
            assert made.status_code == 422, (wrong, made.text)
            assert made.json()["error"]["code"] in ("input.invalid", "photo.unknown"), wrong
            if wrong != {"variants": [{}]}:  # in an edit, a variant's stock may be left out
                edited = await hanako.patch(f"{API}/listings/{listing['id']}", json=wrong)
                assert edited.status_code == 422, (wrong, edited.text)
        for body in (b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe"):
            kind = {"Content-Type": "application/json"}
            assert (await hanako.post(path, content=body, headers=kind)).status_code == 422, body
        assert (await hanako.get(path)).json() == [listing]
