"""Buying over HTTP, from the hold to the order."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.support.counter import API, Counter, code_of, counter_on, key
from tests.support.pages import Browser
from tests.support.trade import ADDRESS, DECLINES, GOOD

from ennichi.accounts import Account
from ennichi.catalog import Listing

ADDRESS_JSON = msgspec.to_builtins(ADDRESS)
CARD = {"number": "4242 4242 4242 4242", "exp_month": 12, "exp_year": 30, "cvc": "123"}


@dataclass
class Scene:
    counter: Counter
    keeper: Account
    listing: Listing
    buyer: Browser

    @property
    def variant(self) -> str:
        return self.listing.variants[0].id

    async def hold(self, quantity: int = 1, name: str = "h") -> dict[str, Any]:
        body = {"variant_id": self.variant, "quantity": quantity}
        answer = await self.buyer.post(f"{API}/holds", json=body, headers=key(name))
        assert answer.status_code == 201, answer.text
        hold: dict[str, Any] = answer.json()
        return hold

    async def token(self, number: str = GOOD) -> str:
        answer = await self.buyer.post(f"{API}/sandbox/cards", json={**CARD, "number": number})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])


@pytest.fixture
async def scene(db_url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    async with counter_on(db_url, tmp_path) as counter:
        trade = counter.trade
        keeper = await trade.people.person("Keeper")
        listing = await trade.listing(keeper, await trade.stall(keeper))
        async with await counter.browser("Buyer") as buyer:
            yield Scene(counter, keeper, listing, buyer)


async def test_from_hold_to_order(scene: Scene) -> None:
    hold = await scene.hold(2)
    assert (hold["state"], hold["totals"]["total"], hold["expires_at"]) == ("held", 3620, "2026-11-22T11:05:00Z")
    assert (hold["terms"]["arrives_from"], hold["address"], hold["card"]) == ("2026-11-25", None, None)
    path = f"{API}/holds/{hold['id']}"
    assert (await scene.buyer.patch(path, json={"quantity": 1})).json()["quantity"] == 1
    body = {"address": ADDRESS_JSON, "card_token": await scene.token(), "save": True}
    answer = await scene.buyer.post(f"{path}/confirm", json=body, headers=key("c"))
    assert answer.status_code == 201, answer.text
    order = answer.json()
    assert (order["number"], order["state"], order["role"], order["total"]) == ("EN-2611-0001", "paid", "buyer", 2140)
    assert (await scene.buyer.post(f"{path}/confirm", json=body, headers=key("c"))).json() == order
    assert (await scene.buyer.get(path)).json()["order_id"] == order["id"]
    assert (await scene.buyer.get(f"{API}/orders/{order['id']}")).json() == order
    assert [one["id"] for one in (await scene.buyer.get(f"{API}/me/orders")).json()] == [order["id"]]
    (card,) = (await scene.buyer.get(f"{API}/me/cards")).json()
    assert (card["brand"], card["last4"]) == ("visa", "4242")
    again = await scene.hold(1, "again")
    assert (again["address"], again["card"]) == (ADDRESS_JSON, card)
    assert (await scene.buyer.delete(f"{API}/holds/{again['id']}")).json()["state"] == "released"
    assert (await scene.buyer.delete(f"{API}/me/cards/{card['id']}")).json() == []
    assert code_of(await scene.buyer.delete(f"{API}/me/cards/{card['id']}")) == (404, "not_found")


async def test_declined(scene: Scene) -> None:
    hold = await scene.hold()
    body = {"address": ADDRESS_JSON, "card_token": await scene.token(DECLINES)}
    for _ in range(2):
        answer = await scene.buyer.post(f"{API}/holds/{hold['id']}/confirm", json=body, headers=key("c"))
        assert code_of(answer) == (409, "payment.declined")
        assert answer.json()["error"]["params"] == {"reason": "card_declined"}


async def test_keys(scene: Scene) -> None:
    body = {"variant_id": scene.variant, "quantity": 1}
    first, second = [await scene.buyer.post(f"{API}/holds", json=body, headers=key("k")) for _ in range(2)]
    assert first.json() == second.json()
    other = await scene.buyer.post(f"{API}/holds", json={**body, "quantity": 2}, headers=key("k"))
    assert code_of(other) == (409, "idempotency.reused")
    confirm = f"{API}/holds/{first.json()['id']}/confirm"
    for wrong in ({}, key(""), key("a b"), key("x" * 201), key("\x7f")):
        assert code_of(await scene.buyer.post(f"{API}/holds", json=body, headers=wrong)) == (422, "input.invalid")
        assert code_of(await scene.buyer.post(confirm, json={}, headers=wrong)) == (422, "input.invalid")
    async with await scene.counter.browser("Other") as stranger:
        assert (await stranger.post(f"{API}/holds", json=body, headers=key("k"))).status_code == 201


async def test_sold_out_and_missing_things(scene: Scene) -> None:
    body = {"variant_id": scene.variant, "quantity": 6}
    sold_out = await scene.buyer.post(f"{API}/holds", json=body, headers=key("a"))
    assert code_of(sold_out) == (409, "stock.sold_out")
    assert sold_out.json()["error"]["params"] == {"available": 5}
    confirm = f"{API}/holds/{(await scene.hold())['id']}/confirm"
    for body, code in [
        ({"card_token": await scene.token()}, "checkout.address_missing"),
        ({"address": ADDRESS_JSON}, "checkout.card_missing"),
    ]:
        assert code_of(await scene.buyer.post(confirm, json=body, headers=key("b"))) == (409, code)
    unknown = {"address": ADDRESS_JSON, "card_token": "nothing"}
    assert code_of(await scene.buyer.post(confirm, json=unknown, headers=key("b"))) == (422, "card.invalid")
    scene.counter.trade.people.clock.advance(301)
    late = {"address": ADDRESS_JSON, "card_token": await scene.token()}
    assert code_of(await scene.buyer.post(confirm, json=late, headers=key("b"))) == (409, "hold.expired")


async def test_strangers_see_nothing(scene: Scene) -> None:
    hold = await scene.hold()
    async with await scene.counter.browser("Other") as other, await scene.counter.browser() as visitor:
        for browser, expected in [(other, (404, "not_found")), (visitor, (401, "auth.required"))]:
            path = f"{API}/holds/{hold['id']}"
            assert code_of(await browser.get(path)) == expected
            assert code_of(await browser.patch(path, json={"quantity": 1})) == expected
            assert code_of(await browser.delete(path)) == expected
            confirmed = await browser.post(f"{path}/confirm", json={"address": ADDRESS_JSON}, headers=key("k"))
            assert code_of(confirmed) == expected
        assert code_of(await visitor.get(f"{API}/me/orders")) == (401, "auth.required")
        assert code_of(await other.get(f"{API}/orders/{'0' * 20}")) == (404, "not_found")
        store_id = scene.listing.store.id
        assert code_of(await other.get(f"{API}/stores/{store_id}/orders")) == (403, "auth.forbidden")


WRONG_HOLDS: list[dict[str, Any]] = [
    {"quantity": 0}, {"quantity": -1}, {"quantity": 21}, {"quantity": 10**40}, {"quantity": 1.5}, {"quantity": "1"},
    {"quantity": None}, {"variant_id": None}, {"variant_id": 5}, {"show_id": 5},
]  # fmt: skip
WRONG_CONFIRMATIONS: list[dict[str, Any]] = [
    {"address": {}}, {"address": {**ADDRESS_JSON, "postal_code": "1"}}, {"address": {**ADDRESS_JSON, "city": ""}},
    {"address": {**ADDRESS_JSON, "phone": "call me"}}, {"card_token": ""}, {"card_token": "x" * 201}, {"save": "yes"},
]  # fmt: skip
WRONG_CARDS: list[dict[str, Any]] = [
    {"number": "4242"}, {"number": ""}, {"number": "x" * 41}, {"number": 4242}, {"exp_month": 13}, {"exp_year": 2020},
    {"exp_year": 10**30}, {"cvc": ""}, {"cvc": "12345678901"},
]  # fmt: skip


async def test_wrong_input(scene: Scene) -> None:
    good = {"variant_id": scene.variant, "quantity": 1}
    for wrong in WRONG_HOLDS:
        answer = await scene.buyer.post(f"{API}/holds", json={**good, **wrong}, headers=key("w"))
        assert code_of(answer) == (422, "input.invalid"), wrong
    for missing in ({"variant_id": "x"}, {"variant_id": "\0"}, {"show_id": "\0"}, {"show_id": "0" * 20}):
        answer = await scene.buyer.post(f"{API}/holds", json={**good, **missing}, headers=key("w"))
        assert code_of(answer) == (404, "not_found"), missing
    confirm = f"{API}/holds/{(await scene.hold())['id']}/confirm"
    for wrong in WRONG_CONFIRMATIONS:
        answer = await scene.buyer.post(confirm, json={"address": ADDRESS_JSON, **wrong}, headers=key("c"))
        assert code_of(answer) == (422, "input.invalid"), wrong
    for wrong in WRONG_CARDS:
        answer = await scene.buyer.post(f"{API}/sandbox/cards", json={**CARD, **wrong})
        assert answer.status_code == 422, wrong
        assert answer.json()["error"]["code"] in ("card.invalid", "input.invalid")
    assert await scene.counter.trade.counts(scene.listing) == (4, 1, 0)


async def test_postal_codes(scene: Scene) -> None:
    for code in ("1660001", "166-0001"):
        found = await scene.buyer.get(f"{API}/postal-codes/{code}")
        assert found.json() == {"prefecture": "東京都", "city": "杉並区", "line1": "阿佐谷北"}
    assert (await scene.buyer.get(f"{API}/postal-codes/1000000")).json()["line1"] == ""
    assert (await scene.buyer.get(f"{API}/postal-codes/4090142")).json()["line1"] == ""
    for code in ("9999999", "1", "abc", "%00", "１６６０００１"):
        assert code_of(await scene.buyer.get(f"{API}/postal-codes/{code}")) == (404, "not_found")


async def test_too_fast(scene: Scene) -> None:
    body = {"variant_id": scene.variant}
    for _ in range(60):
        await scene.buyer.post(f"{API}/holds", json=body, headers=key("x"))
    answer = await scene.buyer.post(f"{API}/holds", json=body, headers=key("x"))
    assert code_of(answer) == (429, "limits.too_fast")
    assert answer.headers["retry-after"] == "60"


async def test_described(scene: Scene) -> None:
    paths = (await scene.buyer.get("/schema/openapi.json")).json()["paths"]
    for path, methods in paths.items():
        for operation in methods.values():
            assert operation["summary"], path
            assert operation["tags"], path
            assert "422" in operation["responses"], path
    (parameter,) = paths["/api/v1/holds"]["post"]["parameters"]
    assert (parameter["name"], parameter["in"], parameter["required"]) == ("Idempotency-Key", "header", True)
    assert list(paths["/api/v1/photos"]["post"]["requestBody"]["content"]) == ["image/*"]
