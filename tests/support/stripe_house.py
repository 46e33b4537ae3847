"""A house that answers as Stripe does, for where Stripe itself cannot be reached.

It keeps state: intents, refunds, payouts, idempotency keys. Where `stripe-mock` (Stripe's own, from its OpenAPI
description) is on the machine, every request is shown to it first, so that what we send is checked against Stripe's
rules and not only against what we believe them to be: `go install github.com/stripe/stripe-mock@latest`.
"""

import asyncio
import atexit
import contextlib
import functools
import itertools
import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import stripe
from tests.support.running import spare_port

from ennichi.kit.clock import Clock

KEY = "sk_test_house"
SECRET = "whsec_house"
OK_CARD, DECLINED, BROKE, BREAKS, THREE_D = (
    "pm_card_visa",
    "pm_card_visa_chargeDeclined",
    "pm_card_visa_chargeDeclinedInsufficientFunds",
    "pm_card_visa_chargeDeclinedProcessingError",
    "pm_card_threeDSecure2Required",
)
COUNTER = "pm_konbini"
REFUSALS = {
    DECLINED: ("card_declined", "generic_decline"),
    BROKE: ("card_declined", "insufficient_funds"),
    BREAKS: ("processing_error", None),
}
PAYOUT_SECONDS = 30
LEAST = 50
"""Yen that a charge has to be of."""


class StripeHouse:
    """Intents by id, in `intents`; `lose_next` lets the next answer get lost after the work is done."""

    def __init__(self, clock: Clock, mock: str | None, client: httpx.AsyncClient) -> None:
        self._clock = clock
        self._mock = mock
        self._client = client
        self._count = itertools.count(1)
        self._answered: dict[str | None, tuple[Any, int, Any]] = {}
        self.intents: dict[str, dict[str, Any]] = {}
        self.accounts: dict[str, dict[str, Any]] = {}
        self.refunds: list[dict[str, Any]] = []
        self.payouts: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str, dict[str, Any]]] = []
        self.checked = 0
        self.lose_next = False
        self.busy = False
        """Whether it has no time for anybody."""
        self.takes_its_time = False
        """Whether it is still at what it is asked to take."""
        self.captures = True
        """Whether what was set aside can be taken."""

    def authenticate(self, intent_id: str, *, passed: bool) -> None:
        """The buyer did the bank's step in the page."""
        intent = self.intents[intent_id]
        assert intent["status"] == "requires_action"
        intent["next_action"] = None
        if passed:
            intent["status"] = "requires_capture"
        else:
            intent["status"] = "requires_payment_method"
            intent["last_payment_error"] = {"type": "card_error", "code": "payment_intent_authentication_failure"}

    def pay_at_counter(self, intent_id: str) -> None:
        """Cash was handed over."""
        self.intents[intent_id] |= {"status": "succeeded", "next_action": None}

    def let_expire(self, intent_id: str) -> None:
        """Nobody came to the counter in time."""
        self.intents[intent_id] |= {
            "status": "requires_payment_method",
            "next_action": None,
            "last_payment_error": {"type": "invalid_request_error", "code": "payment_intent_payment_attempt_expired"},
        }

    def message(self, event_id: str, kind: str, about: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
        """A webhook with its real signature: body and headers."""
        event = {"id": event_id, "object": "event", "type": kind, "data": {"object": about}}
        body = json.dumps(event)
        signed = stripe.WebhookSignature.generate_signature_header(body, SECRET, self._now())
        return body.encode(), {"stripe-signature": signed}

    def _now(self) -> int:
        return int(self._clock.now().timestamp())

    async def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, Any, bool]:
        """What a request is answered with, and whether it was answered so before."""
        parts = urlsplit(target)
        given = _nested(parse_qsl(body.decode() if method == "POST" else parts.query, keep_blank_values=True))
        self.requests.append((method, parts.path, given))
        if headers.get("authorization") != f"Bearer {KEY}":
            return 401, _error("invalid_request_error", None, "no key"), False
        if self.busy:
            return 429, _error("invalid_request_error", "rate_limit", "too many requests"), False
        await self._check(method, target, headers, body)
        key = headers.get("idempotency-key") if method == "POST" else None
        if key in self._answered:
            asked, status, answer = self._answered[key]
            if asked != (parts.path, given):
                return 400, _error("idempotency_error", None, "the key came with another request before"), False
            return status, answer, True
        status, answer = self._work(method, parts.path.removeprefix("/v1"), given)
        if key:
            self._answered[key] = (parts.path, given), status, json.loads(json.dumps(answer))
        return status, answer, False

    async def _check(self, method: str, target: str, headers: dict[str, str], body: bytes) -> None:
        if self._mock is None:
            return
        kept = {n: v for n, v in headers.items() if n in {"authorization", "content-type", "idempotency-key"}}
        said = await self._client.request(method, self._mock + target, headers=kept, content=body)
        assert said.status_code == HTTPStatus.OK, f"stripe-mock refuses {method} {target}: {said.text}"
        self.checked += 1

    def _work(self, method: str, path: str, given: dict[str, Any]) -> tuple[int, Any]:
        name = path.split("/")[1]
        if method == "POST" and path == "/customers":
            return 200, {"id": f"cus_{next(self._count)}", "object": "customer", **given}
        if name == "payment_methods":
            return self._payment_method(path.rsplit("/", 1)[1])
        if name == "payment_intents":
            return self._intent(method, path, given)
        if name == "refunds":
            return self._refund(method, given)
        if name == "account_links":
            return 200, {"object": "account_link", "url": f"https://connect.stripe.com/setup/{given['account']}"}
        if name == "accounts":
            return self._account(method, path, given)
        if name == "payouts":
            return self._payout(method, given)
        return 404, _error("invalid_request_error", None, f"no {method} {path} in this house")

    def _account(self, method: str, path: str, given: dict[str, Any]) -> tuple[int, Any]:
        if method == "POST":
            account = {"id": f"acct_{next(self._count)}", "object": "account", "payouts_enabled": False, **given}
            self.accounts[account["id"]] = account | {"capabilities": {"transfers": "inactive"}}
        else:
            account = self.accounts[path.rsplit("/", 1)[1]]
        return 200, account

    def verify(self, account_id: str) -> None:
        """A store's keeper has said who they are."""
        self.accounts[account_id] |= {"payouts_enabled": True, "capabilities": {"transfers": "active"}}

    def _payment_method(self, ref: str) -> tuple[int, Any]:
        if ref == COUNTER:
            return 200, {"id": ref, "object": "payment_method", "type": "konbini", "konbini": {}}
        if not ref.startswith("pm_card_"):
            return 404, _error("invalid_request_error", "resource_missing", "No such PaymentMethod")
        card = {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030}
        return 200, {"id": ref, "object": "payment_method", "type": "card", "card": card}

    def _intent(self, method: str, path: str, given: dict[str, Any]) -> tuple[int, Any]:
        if method == "GET" and path == "/payment_intents":
            since = int(given.get("created", {}).get("gte", 0))
            found = [i for i in self.intents.values() if i["customer"] == given["customer"] and i["created"] >= since]
            return 200, _page(found[::-1], "/v1/payment_intents")
        if path == "/payment_intents":
            return self._confirmed(given)
        intent = self.intents.get(path.split("/")[2])
        if intent is None:
            return 404, _error("invalid_request_error", "resource_missing", "No such payment_intent")
        if path.endswith("/capture"):
            if not self.captures:
                return 400, _error("invalid_request_error", "payment_method_not_available", "not at the moment")
            if intent["status"] != "requires_capture":
                return 400, _error("invalid_request_error", "payment_intent_unexpected_state", "cannot be captured")
            status = "processing" if self.takes_its_time else "succeeded"
            intent |= {"status": status, "amount_received": int(given["amount_to_capture"])}
        if path.endswith("/cancel"):
            if intent["status"] in {"succeeded", "canceled", "processing"}:
                return 400, _error("invalid_request_error", "payment_intent_unexpected_state", "cannot be canceled")
            intent["status"] = "canceled"
        return 200, intent

    def _confirmed(self, given: dict[str, Any]) -> tuple[int, Any]:
        method = given.get("payment_method", "")
        if method and not method.startswith("pm_card_"):
            missing = _error("invalid_request_error", "resource_missing", f"No such PaymentMethod: {method!r}")
            return 400, {"error": missing["error"] | {"param": "payment_method"}}
        if int(given["amount"]) < LEAST:
            small = _error("invalid_request_error", "amount_too_small", "Amount must be at least ¥50 jpy")
            return 400, {"error": small["error"] | {"param": "amount"}}
        number = next(self._count)
        intent: dict[str, Any] = {
            "id": f"pi_{number}",
            "object": "payment_intent",
            "client_secret": f"pi_{number}_secret_house",
            "amount": int(given["amount"]),
            "currency": given["currency"],
            "customer": given["customer"],
            "metadata": given["metadata"],
            "created": self._now(),
            "application_fee_amount": given.get("application_fee_amount"),
            "transfer_data": given.get("transfer_data"),
            "next_action": None,
            "last_payment_error": None,
        }
        self.intents[intent["id"]] = intent
        if given["payment_method_types"] == ["konbini"]:
            intent |= {"status": "requires_action", "next_action": _voucher(intent)}
        elif method == THREE_D:
            intent |= {"status": "requires_action", "next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": {}}}
        elif method in REFUSALS:
            code, decline_code = REFUSALS[method]
            wrong = {"type": "card_error", "code": code, "decline_code": decline_code}
            intent |= {"status": "requires_payment_method", "last_payment_error": wrong}
            return 402, {"error": {**wrong, "message": "Your card was declined.", "payment_intent": intent}}
        else:
            intent["status"] = "requires_capture"
        return 200, intent

    def _refund(self, method: str, given: dict[str, Any]) -> tuple[int, Any]:
        reference = given["payment_intent"]
        mine = [r for r in self.refunds if r["payment_intent"] == reference]
        if method == "GET":
            return 200, _page(mine, "/v1/refunds")
        intent = self.intents[reference]
        if intent["status"] != "succeeded":
            return 400, _error("invalid_request_error", None, "does not have a successful charge to refund")
        left = intent.get("amount_received", intent["amount"])
        if sum(r["amount"] for r in mine) + int(given["amount"]) > left:
            return 400, _error("invalid_request_error", "charge_already_refunded", "more than there was")
        refund = {
            "id": f"re_{next(self._count)}",
            "object": "refund",
            "status": "succeeded",
            "amount": int(given["amount"]),
            "payment_intent": reference,
            "metadata": given["metadata"],
        }
        self.refunds.append(refund)
        return 200, refund

    def _payout(self, method: str, given: dict[str, Any]) -> tuple[int, Any]:
        if method == "GET":
            arrived = self._now() - PAYOUT_SECONDS
            paid = [{**p, "status": "paid"} if p["created"] <= arrived else p for p in self.payouts]
            return 200, _page(paid, "/v1/payouts")
        payout = {
            "id": f"po_{next(self._count)}",
            "object": "payout",
            "status": "pending",
            "created": self._now(),
            **given,
        }
        self.payouts.append(payout)
        return 200, payout


@contextlib.asynccontextmanager
async def stripe_house(clock: Clock) -> AsyncIterator[tuple[StripeHouse, str]]:
    """The house and its address. Whoever talks to it hangs up first."""
    async with httpx.AsyncClient(verify=False) as client:
        house = StripeHouse(clock, mock_address(), client)
        talks: set[asyncio.Task[None]] = set()

        def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(_serve(house, reader, writer))
            talks.add(task)
            task.add_done_callback(talks.discard)

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        try:
            yield house, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            await server.wait_closed()
            await asyncio.gather(*talks)


@functools.cache
def mock_address() -> str | None:
    """Where this session's stripe-mock listens; None where there is no such program."""
    program = shutil.which("stripe-mock") or shutil.which("stripe-mock", path=str(Path.home() / "go" / "bin"))
    if program is None:
        return None
    port = spare_port()
    process = subprocess.Popen(
        [program, "-http-addr", f"127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )

    def end() -> None:
        process.terminate()
        process.wait()

    atexit.register(end)
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return f"http://127.0.0.1:{port}"
        time.sleep(0.05)
    raise TimeoutError


async def _serve(house: StripeHouse, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while await _answered(house, reader, writer):
            pass
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # the other side hung up
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def _answered(house: StripeHouse, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """One request; whether the connection stays."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    status, answer, again = await house.answer(method, target, headers, body)
    if house.lose_next:
        house.lose_next = False
        return False
    content = json.dumps(answer).encode()
    writer.write(
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(content)}\r\nidempotent-replayed: {str(again).lower()}\r\n\r\n".encode()
        + content
    )
    await writer.drain()
    return True


def _voucher(intent: dict[str, Any]) -> dict[str, Any]:
    store = {"payment_code": "123456", "confirmation_number": "7890"}
    return {
        "type": "konbini_display_details",
        "konbini_display_details": {
            "expires_at": intent["created"] + 3 * 86400,
            "hosted_voucher_url": f"https://payments.stripe.com/konbini/voucher/{intent['id']}",
            "stores": {"familymart": store, "lawson": store, "ministop": store, "seicomart": store},
        },
    }


def _page(items: list[dict[str, Any]], url: str) -> dict[str, Any]:
    return {"object": "list", "data": items, "has_more": False, "url": url}


def _error(kind: str, code: str | None, message: str) -> dict[str, Any]:
    return {"error": {"type": kind, "code": code, "message": message}}


def _nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """`a[b][c]=1` and `a[0]=1`, as Stripe's forms write what lies in one another."""
    result: dict[str, Any] = {}
    for name, value in pairs:
        first, *rest = re.findall(r"[^\[\]]+", name)
        if rest and rest[-1].isdigit():
            result.setdefault(first, []).append(value)
            continue
        where = result
        for step, following in itertools.pairwise([first, *rest]):
            where = where.setdefault(step, {})
            assert following
        where[[first, *rest][-1]] = value
    return result
