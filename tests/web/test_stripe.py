"""The whole program with Stripe as its gateway: what is there then, and what is not."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.festival import HOME
from tests.support.people import NOTICE
from tests.support.running import spare_port
from tests.support.stripe_house import COUNTER, KEY, SECRET, StripeHouse, stripe_house

from ennichi.app import App, open_app
from ennichi.catalog import NewListing, NewVariant
from ennichi.kit.clock import FixedClock, SystemClock
from ennichi.settings import Settings
from ennichi.stores import NewStore, StoreChanges
from ennichi.web.app import build


@dataclass
class Market:
    app: App
    house: StripeHouse
    anyone: httpx.AsyncClient


@pytest.fixture
async def market(db_url: str, tmp_path: Path) -> AsyncIterator[Market]:
    clock = FixedClock(SystemClock().now())
    async with stripe_house(clock) as (house, address):
        settings = Settings(
            data=tmp_path,
            port=spare_port(),
            stripe_secret_key=KEY,
            stripe_publishable_key="pk_test_house",
            stripe_webhook_secret=SECRET,
            stripe_api_base=address,
        )
        async with open_app(settings, db_url, clock=clock) as app:
            transport = httpx.ASGITransport(build(app))  # type: ignore[arg-type]  # the framework's own type of scope
            async with httpx.AsyncClient(transport=transport, base_url="http://market.example") as anyone:
                yield Market(app, house, anyone)


async def test_the_page_is_told_of_stripe_and_may_fetch_its_program(market: Market) -> None:
    till = (await market.anyone.get("/api/v1/payment-methods")).json()
    assert till == {"gateway": "stripe", "methods": ["card", "konbini"], "publishable_key": "pk_test_house"}
    policy = (await market.anyone.get("/")).headers["content-security-policy"]
    rules = {name: rest.split() for name, _, rest in (rule.strip().partition(" ") for rule in policy.split(";"))}
    assert "https://js.stripe.com" in rules["script-src"]
    assert {"'self'", "https://js.stripe.com", "https://hooks.stripe.com"} <= set(rules["frame-src"])


async def test_there_is_no_sandbox(market: Market) -> None:
    assert market.app.sandbox is None
    card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 30, "cvc": "123"}
    assert (await market.anyone.post("/api/v1/sandbox/cards", json=card)).status_code == 404
    assert (await market.anyone.get("/sandbox/payments/sandbox_x")).status_code == 404
    assert (await market.anyone.post("/api/v1/webhooks/sandbox", content=b"{}")).status_code == 404


async def test_a_message_with_its_signature_comes_in(market: Market) -> None:
    body, headers = market.house.message("evt_1", "payment_intent.succeeded", {"object": "payment_intent"})
    assert (await market.anyone.post("/api/v1/webhooks/stripe", content=body, headers=headers)).status_code == 204
    refused = await market.anyone.post("/api/v1/webhooks/stripe", content=body + b" ", headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "webhook.invalid")


async def test_a_keeper_opens_the_stores_account(market: Market) -> None:
    session = await market.app.accounts.create_ready_made("Wakako", "wakako@example.jp")
    store = await market.app.stores.open(session.account, NewStore(name="みずのわ商店", handle="mizunowa"))
    path, hers = f"/api/v1/stores/{store.id}/payee", {"Authorization": f"Bearer {session.token}"}
    assert (await market.anyone.post(path)).status_code == 401
    assert (await market.anyone.get(path, headers=hers)).json() == {"state": "none"}
    link = (await market.anyone.post(path, headers=hers)).json()["url"]
    assert link.startswith("https://connect.stripe.com/")
    _, _, asked = next(one for one in reversed(market.house.requests) if one[1] == "/v1/account_links")
    assert asked["return_url"] == f"http://market.example/studio/money?store={store.id}"
    market.house.verify(asked["account"])
    assert (await market.anyone.get(path, headers=hers)).json() == {"state": "ready"}


async def bought(market: Market, price: int, token: str = "pm_card_visa") -> tuple[httpx.Response, Any]:
    """What somebody is told who buys a thing of so many yen with a new card, and their hold afterwards."""
    app = market.app
    keeper = (await app.accounts.create_ready_made("Wakako", "wakako@example.jp")).account
    store = await app.stores.open(keeper, NewStore(name="みずのわ商店", handle="mizunowa"))
    await app.stores.edit(keeper, store.id, StoreChanges(legal=NOTICE, shipping_fee=0))
    new = NewListing(title="飴", condition="new", price=price, tax_rate=8, variants=[NewVariant(stock=3)])
    listing = await app.catalog.create(keeper, store.id, new)
    session = await app.accounts.create_ready_made("Mio", "mio@example.jp")
    await app.accounts.put_address(session.account, HOME)
    hers = {"Authorization": f"Bearer {session.token}", "Idempotency-Key": "one"}
    wanted = {"variant_id": listing.variants[0].id, "quantity": 1}
    hold = (await market.anyone.post("/api/v1/holds", json=wanted, headers=hers)).json()
    basket = {"hold_ids": [hold["id"]], "total": price, "pay": {"type": "card", "token": token}}
    answer = await market.anyone.post("/api/v1/purchases", json=basket, headers=hers)
    return answer, (await market.anyone.get(f"/api/v1/holds/{hold['id']}", headers=hers)).json()


async def test_a_purchase_is_paid_for(market: Market) -> None:
    answer, hold = await bought(market, 200)
    assert (answer.status_code, answer.json()["state"], hold["state"]) == (201, "paid", "sold")


async def test_what_stripe_does_not_take_is_declined_at_once(market: Market) -> None:
    answer, hold = await bought(market, 40)
    error = answer.json()["error"]
    assert (error["code"], error["params"]) == ("payment.declined", {"reason": "processing_error"})
    assert hold["state"] == "held"
    assert market.house.intents == {}


async def test_what_stripe_does_not_capture_is_let_go_of(market: Market) -> None:
    market.house.captures = False
    answer, hold = await bought(market, 200)
    assert answer.json()["error"]["params"] == {"reason": "processing_error"}
    assert hold["state"] == "held"
    assert [intent["status"] for intent in market.house.intents.values()] == ["canceled"]


async def test_what_is_no_card_is_not_taken_for_one(market: Market) -> None:
    answer, hold = await bought(market, 200, COUNTER)
    assert (answer.status_code, answer.json()["error"]["code"], hold["state"]) == (422, "card.invalid", "held")


async def test_who_waits_for_a_stripe_that_has_no_time_is_told_so(market: Market) -> None:
    market.house.busy = True
    answer, hold = await bought(market, 200)
    assert (answer.status_code, answer.json()["error"]["code"], hold["state"]) == (503, "payment.silent", "held")


async def test_what_stripe_is_still_at_is_neither_taken_nor_declined(market: Market) -> None:
    market.house.takes_its_time = True
    answer, hold = await bought(market, 200)
    assert (answer.json()["error"]["code"], hold["state"]) == ("payment.unsettled", "confirming")
    (intent,) = market.house.intents.values()
    intent["status"] = "succeeded"
    body, headers = market.house.message("evt_1", "payment_intent.succeeded", intent)
    await market.anyone.post("/api/v1/webhooks/stripe", content=body, headers=headers)
    payments, charge_id = market.app.payments, intent["metadata"]["charge_id"]
    async with asyncio.timeout(10), market.app.db.read() as conn:
        while (await payments.charge(conn, charge_id)).state != "succeeded":  # noqa: ASYNC110 (the job rings no bell)
            await asyncio.sleep(0.01)
