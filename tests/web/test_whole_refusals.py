"""What the API refuses, and how: other people's things, the same key twice, bodies that make no sense."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.support.running import Api, Program, Stall, some_photo

NOBODYS = "0" * 20
ANSWER = dict[str, Any]


@pytest.fixture(scope="module")
def stall(market: Program) -> Iterator[Stall]:
    made = market.stall("Guarded", stock=50)
    yield made
    made.seller.close()


@pytest.fixture(scope="module")
def buyer(market: Program) -> Iterator[Api]:
    with market.sign_up("Bo", "bo@example.com") as api:
        yield api


@pytest.fixture(scope="module")
def stranger(market: Program) -> Iterator[Api]:
    with market.sign_up("Sato", "sato@example.com") as api:
        yield api


def held(buyer: Api, stall: Stall, key: str) -> ANSWER:
    wanted = {"variant_id": stall.variant_id, "quantity": 1, "show_id": stall.show_id}
    hold: ANSWER = buyer.ask("POST", "/holds", wanted, key=key)
    return hold


def test_what_belongs_to_the_stall_is_for_its_members(market: Program, stall: Stall, stranger: Api) -> None:
    store, show, listing = f"/stores/{stall.store['id']}", f"/shows/{stall.show_id}", f"/listings/{stall.listing['id']}"
    new_listing = {"title": "x", "condition": "new", "price": 1, "variants": [{"stock": 1}]}
    members_only: list[tuple[str, str, Any]] = [
        ("PATCH", store, {"name": "Mine now"}),
        ("POST", f"{store}/listings", new_listing),
        ("GET", f"{store}/listings?archived=true", None),
        ("GET", f"{store}/orders", None),
        ("POST", f"{store}/shows", {"title": "x", "listing_ids": []}),
        ("PATCH", listing, {"title": "x"}),
        ("POST", f"{listing}/archive", None),
        ("POST", f"{listing}/restore", None),
        ("PATCH", show, {"title": "x"}),
        ("PUT", f"{show}/lineup", {"listing_ids": []}),
        ("POST", f"{show}/go-live", None),
        ("POST", f"{show}/end", None),
        ("POST", f"{show}/cancel", None),
        ("PUT", f"{show}/pin", {"listing_id": stall.listing["id"]}),
        ("DELETE", f"{show}/pin", None),
        ("POST", f"{show}/tickets", {"role": "publish"}),
        ("PUT", f"{show}/questions/{NOBODYS}", {"state": "dropped"}),
    ]
    with market.api() as nobody:
        for method, path, body in members_only:
            assert stranger.refused(method, path, body) == (403, "auth.forbidden"), f"{method} {path}"
            assert nobody.refused(method, path, body) == (401, "auth.required"), f"{method} {path}"
    assert stall.seller.ask("GET", listing)["title"] == stall.listing["title"]
    assert stall.seller.ask("GET", show)["state"] == "live"


def test_other_peoples_purchases_do_not_exist(market: Program, stall: Stall, buyer: Api, stranger: Api) -> None:
    hold = held(buyer, stall, "private")
    path = f"/holds/{hold['id']}"
    assert stranger.refused("GET", path) == (404, "not_found")
    assert stranger.refused("PATCH", path, {"quantity": 2}) == (404, "not_found")
    assert stranger.refused("DELETE", path) == (404, "not_found")
    paying = buyer.wanted(hold)
    assert stranger.refused("POST", "/quotes", {"hold_ids": [hold["id"]]}) == (404, "not_found")
    theirs = {"Idempotency-Key": "theirs"}
    assert stranger.refused("POST", "/purchases", paying, headers=theirs) == (404, "not_found")
    purchase = buyer.ask("POST", "/purchases", paying, key="private-purchase")
    order = buyer.ask("GET", f"/orders/{purchase['order_id']}")
    for method, rest in [("GET", ""), ("POST", "/continue"), ("DELETE", "")]:
        assert stranger.refused(method, f"/purchases/{purchase['id']}{rest}") == (404, "not_found")
    assert stranger.refused("GET", f"/orders/{order['id']}") == (404, "not_found")
    with market.api() as nobody:
        assert nobody.refused("GET", f"/orders/{order['id']}") == (401, "auth.required")
        assert nobody.refused("GET", path) == (401, "auth.required")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        (method, path.format(id=unknown))
        for unknown in (NOBODYS, "x", "%00", "%F0%9F%8E%90", "a" * 300, "'%20or%201=1--")
        for method, path in (
            ("GET", "/shows/{id}"),
            ("GET", "/shows/{id}/snapshot"),
            ("GET", "/shows/{id}/feed"),
            ("GET", "/stores/{id}"),
            ("GET", "/listings/{id}"),
            ("GET", "/holds/{id}"),
            ("GET", "/orders/{id}"),
            ("GET", "/purchases/{id}"),
            ("GET", "/shows/{id}/basket"),
            ("DELETE", "/me/cards/{id}"),
            ("POST", "/shows/{id}/go-live"),
            ("GET", "/postal-codes/{id}"),
        )
    ],
)
def test_unknown_things_are_not_found(buyer: Api, method: str, path: str) -> None:
    assert buyer.refused(method, path) == (404, "not_found")


def test_the_same_key_twice_is_one_purchase(stall: Stall, buyer: Api) -> None:
    before = stall.seller.ask("GET", f"/listings/{stall.listing['id']}")["available"]
    first, again = held(buyer, stall, "once"), held(buyer, stall, "once")
    assert first | {"server_time": again["server_time"]} == again
    other = {"variant_id": stall.variant_id, "quantity": 2, "show_id": stall.show_id}
    reused = {"Idempotency-Key": "once"}
    assert buyer.refused("POST", "/holds", other, headers=reused) == (409, "idempotency.reused")
    paying = buyer.wanted(first)
    purchase = buyer.ask("POST", "/purchases", paying, key="once-purchase")
    assert buyer.ask("POST", "/purchases", paying, key="once-purchase") == purchase
    changed = paying | {"save": True}
    reused = {"Idempotency-Key": "once-purchase"}
    assert buyer.refused("POST", "/purchases", changed, headers=reused) == (409, "idempotency.reused")
    new = {"Idempotency-Key": "new"}
    assert buyer.refused("POST", "/purchases", paying, headers=new) == (409, "hold.wrong_state")
    assert stall.seller.ask("GET", f"/listings/{stall.listing['id']}")["available"] == before - 1
    assert [row["id"] for row in buyer.ask("GET", "/me/orders")].count(purchase["order_id"]) == 1


@pytest.mark.parametrize("key", [None, "", "x" * 201, "with space", "日本"])
def test_a_purchase_needs_a_key(stall: Stall, buyer: Api, key: str | None) -> None:
    headers = {} if key is None else {"Idempotency-Key": key.encode()}
    wanted = {"variant_id": stall.variant_id, "quantity": 1}
    assert buyer.refused("POST", "/holds", wanted, headers=headers) == (422, "input.invalid")


def test_a_declined_card_leaves_the_hold(stall: Stall, buyer: Api) -> None:
    hold = held(buyer, stall, "declined")
    path = f"/holds/{hold['id']}"
    paying = buyer.wanted(hold, number="4000 0000 0000 0002")
    key = {"Idempotency-Key": "declined-purchase"}
    assert buyer.refused("POST", "/purchases", paying, headers=key) == (409, "payment.declined")
    assert buyer.ask("GET", path)["state"] == "held"
    released = buyer.ask("DELETE", path)
    assert released["state"] == "released"
    another = {"Idempotency-Key": "x"}
    assert buyer.refused("POST", "/purchases", paying, headers=another) == (409, "hold.wrong_state")


def test_what_is_gone_is_sold_out(market: Program, buyer: Api) -> None:
    stall = market.stall("Lastone", stock=1)
    held(buyer, stall, "the-last-one")
    with market.sign_up("Late", "late@example.com") as late, stall.seller:
        wanted = {"variant_id": stall.variant_id, "quantity": 1}
        answer = late.post("/holds", json=wanted, headers={"Idempotency-Key": "late"})
        assert answer.status_code == 409
        assert answer.json()["error"]["code"] == "stock.sold_out"
        assert answer.json()["error"]["params"] == {"available": 0, "waiting": 0}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "input.malformed"),
        (b"{", "input.malformed"),
        (b"\xff\xfe", "input.malformed"),
        (b"null", "input.invalid"),
        (b"[]", "input.invalid"),
        (b"{}", "input.invalid"),
        (b'{"text": 5}', "input.invalid"),
        (b'{"text": ""}', "input.invalid"),
        (b'{"text": "   "}', "input.invalid"),
        (b'{"text": "\\u0000"}', "input.invalid"),
        (b'{"text": "' + b"x" * 201 + b'"}', "input.invalid"),
        (b'{"text": "hi", "question": "yes"}', "input.invalid"),
        (b'{"text": "hi", "listing_id": "x"}', "input.invalid"),
        (b"[" * 5000, "input.malformed"),
    ],
)
def test_a_body_that_makes_no_sense(stall: Stall, buyer: Api, body: bytes, code: str) -> None:
    headers = {"Content-Type": "application/json"}
    sent = {"content": body, "headers": headers}
    status, said = buyer.refused("POST", f"/shows/{stall.show_id}/messages", **sent)
    assert (status, said) in {(422, code), (422, "input.invalid")}


@pytest.mark.parametrize("quantity", [0, -1, 21, 10**30, 1.5, "1", None, True])
def test_a_quantity_that_is_none(stall: Stall, buyer: Api, quantity: Any) -> None:
    wanted = {"variant_id": stall.variant_id, "quantity": quantity}
    assert buyer.refused("POST", "/holds", wanted, headers={"Idempotency-Key": "q"}) == (422, "input.invalid")


def test_bodies_that_are_too_large(stall: Stall, buyer: Api) -> None:
    huge = {"text": "x" * 2_000_000}
    assert buyer.refused("POST", f"/shows/{stall.show_id}/messages", huge) == (413, "input.too_large")
    photo = {"content": b"\xff\xd8" + b"0" * 20_000_000, "headers": {"Content-Type": "image/jpeg"}}
    assert buyer.refused("POST", "/photos", **photo) == (413, "input.too_large")


@pytest.mark.parametrize("content", [b"", b"not a picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_a_text_file_named_jpg(buyer: Api, content: bytes) -> None:
    sent = {"content": content, "headers": {"Content-Type": "image/jpeg"}}
    status, code = buyer.refused("POST", "/photos", **sent)
    assert (status, code) in {(422, "photo.unreadable"), (422, "input.malformed")}


def test_a_photo_of_somebody_else(stall: Stall, buyer: Api) -> None:
    sent = buyer.post("/photos", content=some_photo(), headers={"Content-Type": "image/webp"})
    body = {"photo_ids": [sent.json()["id"]]}
    status, _ = stall.seller.refused("PATCH", f"/listings/{stall.listing['id']}", body)
    assert status in {404, 422}


def test_addresses_and_methods_that_are_not_there(market: Program) -> None:
    with market.api() as nobody:
        assert nobody.refused("GET", "/nothing-here") == (404, "not_found")
        assert nobody.refused("DELETE", "/market") == (405, "method.not_allowed")
        assert nobody.refused("GET", "/me/orders") == (401, "auth.required")
        wrong = {"headers": {"Authorization": "Bearer nonsense"}}
        assert nobody.refused("GET", "/me/orders", **wrong) == (401, "auth.required")


def test_pages_of_other_sites_change_nothing(market: Program, stall: Stall) -> None:
    token = stall.seller.headers["authorization"].removeprefix("Bearer ")
    with httpx.Client(base_url=market.url, cookies={"ennichi_session": token}, trust_env=False) as browser:
        path = f"/api/v1/shows/{stall.show_id}/messages"
        for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            answer = browser.post(path, json={"text": "hi"}, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "auth.forbidden")
        assert browser.post(path, json={"text": "hi"}, headers={"Origin": market.url}).status_code == 201
