"""Buying over HTTP, from the hold to the order."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.support.buying import PROOF
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

    async def wanted(self, *holds: dict[str, Any], total: int, number: str = GOOD) -> dict[str, Any]:
        pay = {"type": "card", "token": await self.token(number)}
        return {"hold_ids": [hold["id"] for hold in holds], "address": ADDRESS_JSON, "pay": pay, "total": total}

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
    quote = (await scene.buyer.post(f"{API}/quotes", json={"hold_ids": [hold["id"]]})).json()
    assert (quote["totals"]["total"], quote["methods"], quote["guest"]) == (2140, ["card", "konbini"], False)
    body = {**await scene.wanted(hold, total=2140), "save": True}
    answer = await scene.buyer.post(f"{API}/purchases", json=body, headers=key("c"))
    assert answer.status_code == 201, answer.text
    purchase = answer.json()
    assert (purchase["state"], purchase["total"], purchase["action"]) == ("paid", 2140, None)
    assert (await scene.buyer.post(f"{API}/purchases", json=body, headers=key("c"))).json() == purchase
    assert (await scene.buyer.get(f"{API}/purchases/{purchase['id']}")).json() == purchase
    assert (await scene.buyer.get(path)).json()["order_id"] == purchase["order_id"]
    order = (await scene.buyer.get(f"{API}/orders/{purchase['order_id']}")).json()
    assert (order["number"], order["state"], order["role"], order["total"]) == ("EN-2611-0001", "paid", "buyer", 2140)
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
    body = await scene.wanted(hold, total=2140, number=DECLINES)
    for _ in range(2):
        answer = await scene.buyer.post(f"{API}/purchases", json=body, headers=key("c"))
        assert code_of(answer) == (409, "payment.declined")
        assert answer.json()["error"]["params"] == {"reason": "card_declined"}


async def test_proved_at_the_bank(scene: Scene) -> None:
    body = await scene.wanted(await scene.hold(), await scene.hold(name="again"), total=2140, number=PROOF)
    purchase = (await scene.buyer.post(f"{API}/purchases", json=body, headers=key("c"))).json()
    assert (purchase["state"], purchase["order_id"], purchase["action"]["kind"]) == ("action_required", None, "page")
    path = f"{API}/purchases/{purchase['id']}"
    assert (await scene.buyer.post(f"{path}/continue")).json() == purchase
    given_up = await scene.buyer.delete(path)
    assert (given_up.status_code, given_up.json()["state"]) == (200, "given_up")
    purchase = (await scene.buyer.post(f"{API}/purchases", json=body, headers=key("d"))).json()
    reference = purchase["action"]["url"].rpartition("/")[2]
    await scene.buyer.post(f"{API}/sandbox/payments/{reference}/approve")
    path = f"{API}/purchases/{purchase['id']}"
    paid = (await scene.buyer.post(f"{path}/continue")).json()
    assert (paid["state"], paid["total"]) == ("paid", 2140)
    assert code_of(await scene.buyer.delete(path)) == (409, "purchase.wrong_state")
    async with await scene.counter.browser("Other") as other, await scene.counter.browser() as visitor:
        for browser, expected in [(other, (404, "not_found")), (visitor, (401, "auth.required"))]:
            assert code_of(await browser.get(path)) == expected
            assert code_of(await browser.post(f"{path}/continue")) == expected
            assert code_of(await browser.delete(path)) == expected


async def test_a_basket(scene: Scene) -> None:
    trade = scene.counter.trade
    show = await trade.shows.create(
        scene.keeper, scene.listing.store.id, title="夜", cover_id=None, planned_at=None, listing_ids=[scene.listing.id]
    )
    path = f"{API}/shows/{show.id}/basket"
    assert (await scene.buyer.get(path)).json() is None
    hold = await scene.hold(2)
    basket = (await scene.buyer.get(path)).json()
    assert (basket["hold_ids"], basket["totals"]["total"], basket["card"]) == ([hold["id"]], 3620, None)
    (line,) = basket["lines"]
    assert (line["quantity"], line["max_quantity"], line["amount"], line["tax_rate"]) == (2, 5, 2960, 8)
    assert code_of(await scene.buyer.get(f"{API}/shows/{'0' * 20}/basket")) == (404, "not_found")
    async with await scene.counter.browser() as visitor:
        assert code_of(await visitor.get(path)) == (401, "auth.required")


async def test_keys(scene: Scene) -> None:
    body = {"variant_id": scene.variant, "quantity": 1}
    first, second = [await scene.buyer.post(f"{API}/holds", json=body, headers=key("k")) for _ in range(2)]
    assert first.json() == second.json()
    other = await scene.buyer.post(f"{API}/holds", json={**body, "quantity": 2}, headers=key("k"))
    assert code_of(other) == (409, "idempotency.reused")
    paying = await scene.wanted(first.json(), total=2140)
    for wrong in ({}, key(""), key("a b"), key("x" * 201), key("\x7f")):
        assert code_of(await scene.buyer.post(f"{API}/holds", json=body, headers=wrong)) == (422, "input.invalid")
        assert code_of(await scene.buyer.post(f"{API}/purchases", json=paying, headers=wrong)) == (422, "input.invalid")
    async with await scene.counter.browser("Other") as stranger:
        assert (await stranger.post(f"{API}/holds", json=body, headers=key("k"))).status_code == 201


async def test_sold_out_and_missing_things(scene: Scene) -> None:
    body = {"variant_id": scene.variant, "quantity": 6}
    sold_out = await scene.buyer.post(f"{API}/holds", json=body, headers=key("a"))
    assert code_of(sold_out) == (409, "stock.sold_out")
    assert sold_out.json()["error"]["params"] == {"available": 5, "waiting": 0}
    good = await scene.wanted(await scene.hold(), total=2140)
    wrongs: list[tuple[dict[str, Any], tuple[int, str]]] = [
        ({"address": None}, (409, "checkout.address_missing")),
        ({"pay": None}, (409, "checkout.card_missing")),
        ({"total": 2139}, (409, "checkout.total_changed")),
        ({"pay": {"type": "card", "token": "nothing"}}, (422, "card.invalid")),
    ]
    for changes, code in wrongs:
        answer = await scene.buyer.post(f"{API}/purchases", json={**good, **changes}, headers=key("b"))
        assert code_of(answer) == code
    scene.counter.trade.people.clock.advance(301)
    for path, body in [("quotes", {"hold_ids": good["hold_ids"]}), ("purchases", good)]:
        assert code_of(await scene.buyer.post(f"{API}/{path}", json=body, headers=key("b"))) == (409, "hold.expired")


async def test_strangers_see_nothing(scene: Scene) -> None:
    hold = await scene.hold()
    good = await scene.wanted(hold, total=2140)
    async with await scene.counter.browser("Other") as other, await scene.counter.browser() as visitor:
        for browser, expected in [(other, (404, "not_found")), (visitor, (401, "auth.required"))]:
            path = f"{API}/holds/{hold['id']}"
            assert code_of(await browser.get(path)) == expected
            assert code_of(await browser.patch(path, json={"quantity": 1})) == expected
            assert code_of(await browser.delete(path)) == expected
            for call, body in [("quotes", {"hold_ids": [hold["id"]]}), ("purchases", good)]:
                answer = await browser.post(f"{API}/{call}", json=body, headers=key("k"))
                assert code_of(answer) == expected
        assert code_of(await visitor.get(f"{API}/me/orders")) == (401, "auth.required")
        assert code_of(await other.get(f"{API}/orders/{'0' * 20}")) == (404, "not_found")
        store_id = scene.listing.store.id
        assert code_of(await other.get(f"{API}/stores/{store_id}/orders")) == (403, "auth.forbidden")


WRONG_HOLDS: list[dict[str, Any]] = [
    {"quantity": 0}, {"quantity": -1}, {"quantity": 21}, {"quantity": 10**40}, {"quantity": 1.5}, {"quantity": "1"},
    {"quantity": None}, {"variant_id": None}, {"variant_id": 5}, {"show_id": 5},
]  # fmt: skip
WRONG_PURCHASES: list[dict[str, Any]] = [
    {"address": {}}, {"address": {**ADDRESS_JSON, "postal_code": "1"}}, {"address": {**ADDRESS_JSON, "city": ""}},
    {"address": {**ADDRESS_JSON, "phone": "call me"}}, {"pay": {"type": "card", "token": ""}}, {"save": "yes"},
    {"pay": {"type": "card", "token": "x" * 201}}, {"pay": {"type": "cash"}}, {"pay": {}}, {"hold_ids": []},
    {"hold_ids": ["x"] * 21}, {"hold_ids": "x"}, {"hold_ids": [5]}, {"total": -1}, {"total": "2140"}, {"total": 10**30},
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
    good = await scene.wanted(await scene.hold(), total=2140)
    for wrong in WRONG_PURCHASES:
        answer = await scene.buyer.post(f"{API}/purchases", json={**good, **wrong}, headers=key("c"))
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
