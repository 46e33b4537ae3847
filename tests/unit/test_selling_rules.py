"""Who may sell and under what number: rules about stores that need no database."""

import pytest
from msgspec.structs import replace
from tests.support.people import EVENING, NOTICE

from ennichi.kit.errors import Invalid
from ennichi.stores import Legal, StoreChanges, StoreRow, Trading, judged
from ennichi.stores.model import changed, is_invoice_number

BLANK = StoreRow(
    id="a",
    handle="hana",
    name="はな",
    story="",
    face_id=None,
    color="#112233",
    place="",
    opened_at=EVENING,
    legal_seller="",
    legal_representative="",
    legal_address="",
    legal_phone="",
    legal_email="",
    legal_on_request=False,
    shipping_fee=800,
    ships_within_days=3,
    carrier="宅急便",
    returns="7日以内",
    cancellation="発送前なら",
)


@pytest.mark.parametrize(
    ("legal", "missing"),
    [
        (Legal(), ["legal.seller", "legal.address", "legal.phone", "legal.email"]),
        (NOTICE, []),
        (replace(NOTICE, on_request=True), []),
        (replace(NOTICE, on_request=True, address="", phone=""), ["legal.address", "legal.phone"]),
        (replace(NOTICE, company=True), ["legal.representative"]),
        (replace(NOTICE, company=True, representative="水野わか"), []),
        (replace(NOTICE, phone=" "), ["legal.phone"]),
    ],
)
def test_a_store_sells_once_its_notice_is_complete(legal: Legal, missing: list[str]) -> None:
    row = changed(BLANK, StoreChanges(legal=legal))
    assert row.missing == missing
    assert row.may_sell == (not missing)
    assert row.brief({}).selling == row.may_sell


@pytest.mark.parametrize(
    ("legal", "path", "problem"),
    [
        (replace(NOTICE, company=True, on_request=True), "legal.on_request", "not_for_companies"),
        (replace(NOTICE, email="nowhere"), "legal.email", "not_an_email"),
    ],
)
def test_a_notice_that_may_not_be_is_refused(legal: Legal, path: str, problem: str) -> None:
    with pytest.raises(Invalid) as refused:
        changed(BLANK, StoreChanges(legal=legal))
    assert refused.value.params["fields"] == [{"path": path, "problem": problem}]


@pytest.mark.parametrize("typed", ["T7000012050002", " t7000-0120-50002 ", "Ｔ７００００１２０５０００２"])
def test_a_register_number_is_kept_in_one_form(typed: str) -> None:
    assert changed(BLANK, StoreChanges(invoice_number=typed)).invoice_number == "T7000012050002"


@pytest.mark.parametrize("wrong", ["7000012050002", "T700001205000", "T70000120500022", "Tabcdefghijklm"])
def test_what_is_no_register_number_is_refused(wrong: str) -> None:
    with pytest.raises(Invalid, match=r"not_an_invoice_number"):
        changed(BLANK, StoreChanges(invoice_number=wrong))


def test_one_digit_typed_wrongly_is_noticed() -> None:
    right = "T7000012050002"
    wrong = [right[:n] + str((int(right[n]) + 1) % 10) + right[n + 1 :] for n in range(1, 14)]
    assert not any(is_invoice_number(number) for number in wrong)


@pytest.mark.parametrize(
    ("number", "mine", "seen"),
    [
        ("T7000012050002", True, ("T7000012050002", True)),
        ("T7000012050002", False, ("", True)),
        ("", True, ("", True)),
        ("", False, ("", False)),
    ],
)
def test_whose_invoices_the_market_issues_shows_no_number(number: str, mine: bool, seen: tuple[str, bool]) -> None:
    row = replace(BLANK, invoice_number=number, invoice_by_market=True)
    store = row.seen({}, following=False, mine=mine)
    assert (store.invoice_number, store.invoice_by_market) == seen


def test_numbers_that_make_a_trader_are_named() -> None:
    quiet = Trading(listed_month=199, listed_now=99, sold_month=999_999, sold_year=9_999_999)
    assert judged(quiet).signs == []
    busy = Trading(listed_month=200, listed_now=100, sold_month=1_000_000, sold_year=10_000_000)
    assert judged(busy).signs == ["listed_month", "listed_now", "sold_month", "sold_year"]
