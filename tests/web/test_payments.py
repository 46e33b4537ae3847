"""Ways to pay, cards, gateways' messages and the sandbox's page over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from litestar import Litestar
from tests.support.cashbox import CashBox, cashbox_on
from tests.support.counter import API, code_of
from tests.support.pages import Browser

from ennichi.kit.limits import Limits
from ennichi.payments.adapters.sandbox import Message
from ennichi.web import payments, session
from ennichi.web.body import StrictBody
from ennichi.web.errors import HANDLERS

CARD = {"number": "4242 4242 4242 4242", "exp_month": 12, "exp_year": 30, "cvc": "123"}


@dataclass
class Scene:
    till: CashBox
    asgi: Any
    browser: Browser


@pytest.fixture
async def scene(db_url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    async with cashbox_on(db_url, tmp_path) as till:
        app: Any = SimpleNamespace(
            payments=till.payments,
            sandbox=till.gateway,
            payees=None,
            accounts=till.people.accounts,
            limits=Limits(till.people.clock),
        )
        asgi = Litestar(
            payments.routes(app),
            dto=StrictBody,
            return_dto=None,
            dependencies=session.dependencies(app),
            before_request=session.origin_guard,
            exception_handlers=HANDLERS,
            logging_config=None,
        )
        async with Browser(asgi) as browser:
            yield Scene(till, asgi, browser)


async def sign_in(scene: Scene) -> None:
    session_of = await scene.till.people.accounts.create_ready_made("Aoi", "aoi@example.com")
    scene.browser.cookies.set("ennichi_session", session_of.token)


async def test_what_is_taken_here(scene: Scene) -> None:
    answer = await scene.browser.get(f"{API}/payment-methods")
    assert answer.json() == {"gateway": "sandbox", "methods": ["card", "konbini"], "publishable_key": None}


async def test_cards(scene: Scene) -> None:
    assert code_of(await scene.browser.get(f"{API}/me/cards")) == (401, "auth.required")
    await sign_in(scene)
    assert (await scene.browser.get(f"{API}/me/cards")).json() == []
    assert code_of(await scene.browser.delete(f"{API}/me/cards/{'0' * 20}")) == (404, "not_found")
    issued = await scene.browser.post(f"{API}/sandbox/cards", json=CARD)
    assert (issued.status_code, issued.json()["last4"]) == (201, "4242")
    wrong = await scene.browser.post(f"{API}/sandbox/cards", json={**CARD, "number": "4111"})
    assert code_of(wrong) == (422, "card.invalid")


async def test_the_three_d_secure_page(scene: Scene) -> None:
    charge = await scene.till.pay("wants_proof")
    assert charge.action
    path = f"/api/v1{charge.action.url}"
    shown = (await scene.browser.get(path)).json()
    assert (shown["method"], shown["state"], shown["amount"], shown["last4"]) == (
        "card",
        "action_required",
        1480,
        "3184",
    )
    assert shown["expires_at"] == "2026-11-22T11:15:00Z"
    assert code_of(await scene.browser.post(f"{path}/pay")) == (409, "sandbox.moved")
    assert code_of(await scene.browser.post(f"{path}/steal"))[0] in (404, 422)
    stepped = await scene.browser.post(f"{path}/approve")
    assert (stepped.status_code, stepped.json()["state"]) == (200, "authorised")
    assert code_of(await scene.browser.post(f"{path}/approve")) == (409, "sandbox.moved")
    assert (await scene.till.payments.look(charge.id)).state == "succeeded"


async def test_the_counter_of_a_konbini(scene: Scene) -> None:
    charge = await scene.till.pay("konbini")
    assert charge.instructions
    path = f"/api/v1{charge.instructions.url}"
    shown = (await scene.browser.get(path)).json()
    assert (shown["number"], shown["confirmation"]) == (charge.instructions.number, charge.instructions.confirmation)
    assert (await scene.browser.post(f"{path}/pay")).json()["state"] == "captured"
    assert code_of(await scene.browser.get(f"{API}/sandbox/payments/of-nobody")) == (404, "not_found")


async def test_a_webhook_needs_no_session_and_no_origin_but_a_signature(scene: Scene) -> None:
    till = scene.till
    charge = await till.pay("konbini")
    assert charge.reference
    await till.gateway.step(charge.reference, "pay")
    said = Message(id="evt_1", type="payment.captured", created=till.people.clock.now(), charge_id=charge.id)
    body, headers = await till.gateway.sign(said)
    async with Browser(scene.asgi) as house:
        del house.headers["Origin"]
        path = f"{API}/webhooks/sandbox"
        for _ in range(3):
            answer = await house.post(path, content=body, headers=headers)
            assert (answer.status_code, answer.content) == (204, b"")
        assert await till.count("webhooks") == 1
        forged = await house.post(path, content=body.replace(b"evt_1", b"evt_2"), headers=headers)
        assert code_of(forged) == (422, "webhook.invalid")
        assert forged.json()["error"]["params"] == {"problem": "signature_wrong"}
        assert code_of(await house.post(path)) == (422, "webhook.invalid")
        assert code_of(await house.post(f"{API}/webhooks/another", content=body)) == (404, "not_found")
    await till.payments.work_webhooks()
    assert (await till.now(charge)).state == "succeeded"
