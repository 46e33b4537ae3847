"""Whatever a program may send: each route of /api/openapi.json gets generated input, good and bad, from a seller
with things of her own and from nobody. The answer must be one that the description knows, and never a 5xx.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode, checks
from tests.support.running import Api, Program

EXAMPLES = 6
IN_VAIN = 2
"""Where an address names a thing, made-up ones seldom get past it."""
ENDLESS = {"/api/v1/shows/{show_id}/feed"}
SIGNS_OUT = {"/api/v1/auth/sign-out"}
LAST = ("/end", "/cancel")
"""After these a show takes nothing in any more."""

HOLDS_TO = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
ADDRESSES = itertools.count(1)

Ids = dict[str, str]
Headers = dict[str, str]


@pytest.fixture(scope="module")
def seller_and_ids(market: Program) -> Iterator[tuple[Api, Ids]]:
    """A seller who has one of everything, and what the things are called."""
    stall = market.stall("Schema", stock=500)
    with stall.seller as seller, market.sign_up("Fuzz", "fuzz@example.com") as buyer:
        path = f"/shows/{stall.show_id}"
        line = buyer.ask("POST", f"{path}/messages", {"text": "soft?"})
        buyer.ask("POST", f"{path}/lines/{line['id']}/reports", {"reason": "other"})
        house = seller.ask("POST", f"/stores/{stall.store['id']}/words", {"word": "spam"})
        (word,), (report,) = house["words"], house["reports"]
        hold = buyer.ask("POST", "/holds", {"variant_id": stall.variant_id}, key="hold")
        purchase = buyer.ask("POST", "/purchases", buyer.wanted(hold) | {"save": True}, key="purchase")
        ids = {
            "show_id": stall.show_id,
            "store_id": stall.store["id"],
            "store": "schema",
            "listing_id": stall.listing["id"],
            "question_id": line["id"],
            "line_id": line["id"],
            "account_id": buyer.account["id"],
            "word_id": word["id"],
            "report_id": report["id"],
            "order_id": purchase["order_id"],
            "purchase_id": purchase["id"],
            "hold_id": hold["id"],
            "code": "1000001",
        }
        yield seller, ids


def test_every_route_answers_as_described(
    market: Program, seller_and_ids: tuple[Api, Ids], subtests: pytest.Subtests
) -> None:
    seller, ids = seller_and_ids
    nobody: Headers = {}
    everybody: list[Headers] = [nobody, {"Authorization": seller.headers["authorization"]}]
    schema = schemathesis.openapi.from_url(f"{market.url}/api/openapi.json")
    for operation in sorted(map(described, schema.get_all_operations()), key=lambda one: one.path.endswith(LAST)):
        if operation.path in ENDLESS:
            continue
        who = [nobody] if operation.path in SIGNS_OUT else everybody
        with subtests.test(route=operation.label):
            for mode in [GenerationMode.POSITIVE] if anything_goes(operation) else GenerationMode:
                cases, named = operation.as_strategy(generation_mode=mode), "{" in operation.path
                _answers(cases, who, {}, IN_VAIN if named else EXAMPLES)
                if named:
                    _answers(cases, who, ids, EXAMPLES)


def described(found: Any) -> Any:
    """The operation; a mistake in the description ends the test here."""
    return found.ok()


def anything_goes(operation: Any) -> bool:
    """Whether nothing bad can be sent there: it takes plain text in its address, and of bodies any bytes at most."""
    asked = [parameter.definition for parameter in operation.iter_parameters()]
    bodies = [body.definition["schema"] for body in operation.body]
    return all(one["in"] == "path" and one["schema"] == {"type": "string"} for one in asked) and all(
        body.get("format") == "binary" for body in bodies
    )


def _answers(cases: Any, who: list[Headers], ids: Ids, examples: int) -> None:
    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def check(case: Any) -> None:
        for name in case.path_parameters or {}:
            case.path_parameters[name] = ids.get(name, case.path_parameters[name])
        for headers in who:
            # Each from an address of its own, so that the limits for one address do not hide what is behind them.
            n = next(ADDRESSES)
            answer = case.call(headers={**headers, "X-Forwarded-For": f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"})
            case.validate_response(answer, checks=HOLDS_TO)

    check()


def test_the_description_is_whole(market: Program) -> None:
    with market.api() as nobody:
        description = nobody.get(f"{market.url}/api/openapi.json").json()
    operations = [
        (method, path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    ]
    assert len(operations) >= 55
    names = [operation["operationId"] for _, _, operation in operations]
    assert len(set(names)) == len(names)
    for method, path, operation in operations:
        assert operation["summary"], f"{method} {path} says nothing"
        assert operation["tags"], f"{method} {path} belongs nowhere"
