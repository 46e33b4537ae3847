"""A store's money over HTTP, in the running program."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from tests.support.running import Api, Program

BANK = {
    "bank_code": "0001",
    "bank_name": "みずほ",
    "branch_code": "110",
    "branch_name": "ナゴヤ",
    "kind": "ordinary",
    "number": "7654321",
    "holder": "キヨ モリ",
}


@pytest.fixture
def keeper(market: Program) -> Iterator[Api]:
    with market.stall(f"Till{time.monotonic_ns()}", live=False).seller as seller:
        yield seller


def store_of(keeper: Api) -> str:
    return str(keeper.ask("GET", "/me")["stores"][0]["id"])


def test_a_new_store_has_nothing_and_says_where_its_money_goes(keeper: Api) -> None:
    base = f"/stores/{store_of(keeper)}"
    money: dict[str, Any] = keeper.ask("GET", f"{base}/money")
    zeros = {"waiting": 0, "available": 0, "reserved": 0, "on_the_way": 0, "paid_out": 0}
    assert money == {"balance": zeros, "bank_account": None, "payouts": []}
    assert keeper.ask("GET", f"{base}/money/lines") == []
    assert keeper.refused("POST", f"{base}/payouts", {"amount": 1}, headers={"Idempotency-Key": "a"}) == (
        409,
        "payout.bank_account_missing",
    )
    kept = keeper.ask("PUT", f"{base}/bank-account", BANK)
    assert (kept["bank_name"], kept["holder"], kept["ends"]) == ("ﾐｽﾞﾎ", "ｷﾖ ﾓﾘ", "321")
    assert "number" not in kept
    assert keeper.ask("GET", f"{base}/money")["bank_account"] == kept
    refused = keeper.post(f"{base}/payouts", json={"amount": 1}, headers={"Idempotency-Key": "a"})
    assert (refused.status_code, refused.json()["error"]["params"]) == (409, {"available": 0})


def test_what_is_malformed_is_refused_and_named(keeper: Api) -> None:
    base = f"/stores/{store_of(keeper)}"
    assert keeper.refused("PUT", f"{base}/bank-account", BANK | {"number": "12"})[0] == 422
    answer = keeper.put(f"{base}/bank-account", json=BANK | {"holder": "森 清"})
    assert answer.json()["error"]["params"]["fields"] == [{"path": "holder", "problem": "not_kana"}]
    for amount in (0, -1, 10_000_000_000, "1", 1.5):
        assert keeper.refused("POST", f"{base}/payouts", {"amount": amount}, headers={"Idempotency-Key": "a"})[0] == 422
    assert keeper.refused("POST", f"{base}/payouts", {"amount": 1})[0] == 422
    assert keeper.refused("GET", f"{base}/money/lines?before=0")[0] == 422


def test_the_operator_gets_the_transfers_as_a_table(market: Program, postgres_url: str) -> None:
    with market.sign_up("Ueda", "ueda-transfers@example.com") as operator:
        url = urlunsplit(urlsplit(postgres_url)._replace(path="/market"))
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute("update accounts set operator = true where id = %s", [operator.account["id"]])
        table = operator.get("/transfers.csv?day=2026-11-22")
        assert (table.status_code, table.headers["content-type"]) == (200, "text/csv; charset=utf-8")
        assert table.content.decode("utf-8-sig").startswith("id,store,bank")
        assert operator.refused("GET", "/transfers.txt?day=2026-11-22") == (409, "payout.sender_missing")


def test_nobody_elses_money_is_seen(market: Program, keeper: Api) -> None:
    base = f"/stores/{store_of(keeper)}"
    with market.api() as nobody, market.enter("buyer") as other:
        for method, path, body in (
            ("GET", f"{base}/money", None),
            ("GET", f"{base}/money/lines", None),
            ("PUT", f"{base}/bank-account", BANK),
        ):
            assert nobody.refused(method, path, body) == (401, "auth.required")
            assert other.refused(method, path, body) == (403, "auth.forbidden")
        assert other.refused("GET", "/transfers.csv?day=2026-11-22") == (403, "auth.forbidden")
        assert other.refused("GET", "/transfers.txt?day=2026-11-22") == (403, "auth.forbidden")
    assert keeper.refused("GET", "/transfers.txt?day=today")[0] == 422
    assert keeper.refused("GET", "/stores/00000000000000000000/money")[0] == 404
