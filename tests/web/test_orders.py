"""An order's whole way over HTTP, between programs of its two sides, in the real program with its jobs."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.support.running import ADDRESS, Api, Program, Stall


@dataclass
class Scene:
    """A stall and somebody who buys there."""

    market: Program
    stall: Stall
    seller: Api
    buyer: Api
    bought: int = 0

    def buy(self, quantity: int = 1) -> dict[str, Any]:
        self.bought += 1
        hold = self.hold(quantity)
        order: dict[str, Any] = self.buyer.buy(hold, key=f"orders-buy-{self.bought}")
        return order

    def hold(self, quantity: int) -> Any:
        wanted = {"variant_id": self.stall.variant_id, "quantity": quantity, "show_id": self.stall.show_id}
        return self.buyer.ask("POST", "/holds", wanted, key=f"orders-hold-{self.bought}")


@pytest.fixture(scope="module")
def scene(market: Program) -> Iterator[Scene]:
    stall = market.stall("Tsubomi", stock=50)
    with stall.seller, market.sign_up("Nagi", "nagi@example.com") as buyer:
        yield Scene(market, stall, stall.seller, buyer)


def until(look: Callable[[], Any], fits: Callable[[Any], bool]) -> Any:
    """What is there once it fits; a job may take a moment."""
    ends = time.monotonic() + 20
    while not fits(found := look()):
        assert time.monotonic() < ends, found
        time.sleep(0.1)
    return found


def test_sent_received_rated_and_settled(scene: Scene) -> None:
    order = scene.buy()
    path = f"/orders/{order['id']}"
    assert (order["state"], order["can"]) == ("paid", ["say", "ask_cancel", "receipt"])
    with scene.buyer.feed(scene.stall.show_id) as feed:
        sent = scene.seller.ask("POST", f"{path}/ship", {"carrier": "yamato", "tracking": "4471-2203-8816"})
        # What was told of the payment may come first.
        assert "shipped" in (feed.until("order")["order"]["state"] for _ in range(2))
        scene.seller.ask("POST", f"{path}/messages", {"text": "午前中に届きます"})
        told = feed.until("order_message")
        assert (told["order_id"], told["message"]["text"]) == (order["id"], "午前中に届きます")
    assert sent["shipment"]["url"].endswith("number01=447122038816")
    assert sent["role"] == "seller"
    assert scene.buyer.ask("GET", path)["unread"] == 1
    (message,) = scene.buyer.ask("GET", f"{path}/messages")
    scene.buyer.ask("POST", f"{path}/messages/read", {"up_to": message["id"]})
    assert scene.buyer.ask("GET", path)["unread"] == 0
    got = scene.buyer.ask("POST", f"{path}/receive", {"rating": {"stars": 5, "comment": "きれい"}})
    assert got["rating"]["stars"] == 5
    until(lambda: scene.buyer.ask("GET", path)["state"], lambda state: state == "settled")
    store = scene.buyer.ask("GET", f"/stores/{order['store']['id']}")
    assert (store["rating"], store["ratings"]) == (5.0, 1)


def test_given_back_in_part_and_then_whole(scene: Scene) -> None:
    order = scene.buy(2)
    path = f"/orders/{order['id']}"
    line = {"variant_id": order["lines"][0]["variant_id"], "quantity": 1}
    before = scene.buyer.ask("GET", f"/stores/{order['store']['id']}")["sold"]
    scene.seller.ask("POST", f"{path}/refund", {"lines": [line], "restock": True, "reason": "欠け"})
    part = until(lambda: scene.buyer.ask("GET", path), lambda seen: seen["refunded"])
    assert (part["state"], part["refunded"]) == ("paid", order["lines"][0]["unit_price"])
    assert scene.buyer.ask("GET", f"/stores/{order['store']['id']}")["sold"] == before - 1
    whole = scene.seller.ask("POST", f"{path}/cancel", {"reason": "売り切れ"})
    assert (whole["state"], whole["refundable"]) == ("cancelled", 0)
    until(lambda: scene.buyer.ask("GET", path)["refunded"], lambda refunded: refunded == order["total"])


def test_konbini_waits_for_its_money(scene: Scene) -> None:
    scene.bought += 1
    wanted = scene.buyer.wanted(scene.hold(1)) | {"pay": {"type": "konbini"}, "address": ADDRESS}
    purchase = scene.buyer.ask("POST", "/purchases", wanted, key=f"orders-buy-{scene.bought}")
    path = f"/orders/{purchase['order_id']}"
    order = scene.buyer.ask("GET", path)
    assert (order["state"], order["paid_with"]["method"]) == ("placed", "konbini")
    assert order["pay"]["number"]
    assert order["pay"]["pay_by"] == order["pay_by"]
    assert scene.seller.ask("GET", path)["pay"] is None
    assert scene.seller.refused("POST", f"{path}/ship", {"carrier": "yamato"}) == (409, "order.wrong_state")
    gone = scene.buyer.ask("POST", f"{path}/cancel", {})
    assert (gone["state"], gone["history"][-1]["by"]) == ("cancelled", "buyer")


def test_what_is_refused(scene: Scene) -> None:
    order = scene.buy()
    path = f"/orders/{order['id']}"
    assert scene.buyer.refused("POST", f"{path}/ship", {"carrier": "yamato"}) == (404, "not_found")
    assert scene.seller.refused("POST", f"{path}/receive", {}) == (404, "not_found")
    assert scene.buyer.refused("POST", f"{path}/receive", {}) == (409, "order.wrong_state")
    assert scene.seller.refused("POST", f"{path}/ship", {"carrier": ""}) == (422, "input.invalid")
    assert scene.seller.refused("POST", f"{path}/refund", {"amount": 0}) == (422, "input.invalid")
    too_much = {"amount": order["total"] + 1}
    assert scene.seller.refused("POST", f"{path}/refund", too_much) == (409, "order.refund_too_large")
    assert scene.buyer.refused("POST", f"{path}/messages", {"text": "\u202e "}) == (422, "input.invalid")
    with scene.market.api() as nobody:
        assert nobody.refused("POST", f"{path}/messages", {"text": "hi"}) == (401, "auth.required")


def test_what_i_bought_goes_on_before_an_order(scene: Scene) -> None:
    scene.buy()
    scene.buy()
    whole = [one["id"] for one in scene.buyer.ask("GET", "/me/orders")]
    pages = [scene.buyer.ask("GET", f"/me/orders?before={one}") for one in whole]
    assert [[one["id"] for one in page] for page in pages] == [whole[n + 1 :] for n in range(len(whole))]
    assert scene.seller.ask("GET", f"/me/orders?before={whole[0]}") == []
    assert scene.buyer.ask("GET", f"/me/orders?before={scene.stall.show_id}") == []
    for nonsense in ("x", "%00", "%F0%9F%8F%AE", whole[0][:-1], "9" * 41):
        assert scene.buyer.refused("GET", f"/me/orders?before={nonsense}") == (422, "input.invalid")


def test_a_stores_orders_by_state_and_as_a_table(scene: Scene) -> None:
    order = scene.buy()
    store = f"/stores/{order['store']['id']}"
    paid = scene.seller.ask("GET", f"{store}/orders?state=paid")
    assert order["id"] in [one["id"] for one in paid]
    assert {one["state"] for one in paid} == {"paid"}
    both = scene.seller.ask("GET", f"{store}/orders?state=paid&state=placed&before={order['id']}")
    assert order["id"] not in [one["id"] for one in both]
    assert scene.seller.refused("GET", f"{store}/orders?before=%00") == (422, "input.invalid")
    assert scene.seller.ask("GET", f"{store}/orders/counts")["paid"] == len(paid)
    assert scene.seller.refused("GET", f"{store}/orders?state=lost") == (422, "input.invalid")
    month = order["placed_at"][:7]
    table = scene.seller.get(f"{store}/orders.csv", params={"month": month})
    assert table.status_code == 200
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.headers["content-disposition"] == f'attachment; filename="orders-{month}.csv"'
    assert table.content.startswith(b"\xef\xbb\xbf")
    assert scene.seller.refused("GET", f"{store}/orders.csv?month=../x") == (422, "input.invalid")
    assert scene.buyer.refused("GET", f"{store}/orders.csv?month={month}") == (403, "auth.forbidden")
