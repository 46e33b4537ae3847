"""Orders as values: which way they may go, who may do what, and how they are written to people."""

import csv
import io
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ennichi import locale
from ennichi.kit.errors import Invalid
from ennichi.orders import OrderState, Refunding, ReturnedLine
from ennichi.orders.carriers import CARRIERS, arrival_of, number_of, page_of
from ennichi.orders.export import COLUMNS, guarded, month_from, table
from ennichi.orders.letters import Letter, write
from ennichi.orders.model import REFUNDABLE, TRANSITIONS, may, may_become
from ennichi.orders.rows import ExportRow, LineRow, MailKind, MailRow, OrderRow
from ennichi.orders.service.refunding import worth
from ennichi.payments import Instructions

STATES: tuple[OrderState, ...] = get_args(OrderState)
AT = datetime(2026, 11, 22, 11, 15, tzinfo=UTC)
ORDER = OrderRow(
    id="0" * 20, number="EN-2611-0042", account_id="b" * 20, store_id="s" * 20, show_id=None, charge_id="c" * 20,
    state="paid", placed_at=AT, items=3960, quantity=3, lines_count=2, title="湧き水", photo_id=None, totals={},
    total=4620, address={}, terms={}, method="card", brand="visa", last4="4242", refunding=0, refunded=0, pay_by=None,
    ship_by=date(2026, 11, 24), arrives_by=date(2026, 11, 27), paid_at=AT, carrier="yamato", tracking="4471-2203-8816",
    shipped_at=None, received_at=None, cancel_asked_at=None, cancel_by=None, cancel_reason="", buyer_read="",
    seller_read="",
)  # fmt: skip
LINE = LineRow(
    order_id=ORDER.id, place=1, hold_id="h", listing_id="l", variant_id="v1", title="湧き水", variant_name="",
    photo_id=None, unit_price=1480, quantity=2, returned=0, tax_rate=8,
)  # fmt: skip
LINES = [LINE, replace(LINE, place=2, variant_id="v2", unit_price=1000, quantity=1, tax_rate=10)]


def test_the_end_is_the_end_and_nothing_goes_back() -> None:
    order = ["placed", "paid", "shipped", "received", "settled"]
    assert set(TRANSITIONS) == set(STATES)
    for before in STATES:
        for after in STATES:
            if may_become(before, after) and after in order:
                assert order.index(after) == order.index(before) + 1
    assert not TRANSITIONS["cancelled"] | TRANSITIONS["refunded"]
    assert {before for before in STATES if may_become(before, "cancelled")} == {"placed", "paid"}
    assert {before for before in STATES if may_become(before, "refunded")} == set(REFUNDABLE)


@pytest.mark.parametrize("state", STATES)
def test_what_is_offered_can_be_done(state: OrderState) -> None:
    paid = state != "placed"
    for left in (0, 100):
        seller = may("seller", state, paid=paid, left=left, rated=False, asked=False)
        buyer = may("buyer", state, paid=paid, left=left, rated=False, asked=False)
        assert ("ship" in seller) == may_become(state, "shipped")
        assert ("receive" in buyer) == may_become(state, "received")
        assert ("cancel" in seller) == may_become(state, "cancelled")
        assert ("cancel" in buyer) == (state == "placed")
        assert "refund" not in buyer
        assert ("refund" in seller) == (paid and left > 0)
        assert ("receipt" in buyer) == paid
    assert "ask_cancel" not in may("buyer", "paid", paid=True, left=9, rated=False, asked=True)
    assert "rate" not in may("buyer", "received", paid=True, left=9, rated=True, asked=False)


@pytest.mark.parametrize(
    ("wanted", "amount", "units"),
    [
        (Refunding(), 4620, []),
        (Refunding(amount=300), 300, []),
        (Refunding(lines=[ReturnedLine(variant_id="v1", quantity=1)]), 1480, [(1, 1)]),
        (Refunding(lines=[ReturnedLine(variant_id="v2", quantity=1)], shipping=True), 1660, [(2, 1)]),
        (Refunding(lines=[ReturnedLine(variant_id="v1", quantity=2)], amount=100), 100, [(1, 2)]),
    ],
)
def test_what_goes_back(wanted: Refunding, amount: int, units: list[tuple[int, int]]) -> None:
    assert worth(ORDER, LINES, wanted) == (amount, units)


def test_a_shipping_fee_that_was_none_is_not_all_of_the_money() -> None:
    free = replace(ORDER, items=4620)
    with pytest.raises(Invalid):
        worth(free, LINES, Refunding(shipping=True))
    bottle = ReturnedLine(variant_id="v1", quantity=1)
    assert worth(free, LINES, Refunding(lines=[bottle], shipping=True)) == (1480, [(1, 1)])
    assert worth(free, LINES, Refunding(shipping=True, amount=200)) == (200, [])


@pytest.mark.parametrize(
    "lines",
    [
        [ReturnedLine(variant_id="v9", quantity=1)],
        [ReturnedLine(variant_id="v1", quantity=3)],
        [ReturnedLine(variant_id="v1", quantity=1), ReturnedLine(variant_id="v1", quantity=1)],
    ],
)
def test_only_what_was_bought_goes_back(lines: list[ReturnedLine]) -> None:
    with pytest.raises(Invalid):
        worth(ORDER, LINES, Refunding(lines=lines))


def test_parcels_are_found_at_their_carriers() -> None:
    assert number_of(" ４４７１－２２０３－８８１６ ") == "4471-2203-8816"
    assert page_of("yamato", "4471-2203-8816") == (
        "https://toi.kuronekoyamato.co.jp/cgi-bin/tneko?init&number01=447122038816"
    )
    for carrier in CARRIERS:
        assert str(page_of(carrier, "1234-5678")).startswith("https://")
        assert page_of(carrier, "") is None
    assert page_of("飛脚", "1") is None
    assert arrival_of("飛脚", date(2026, 12, 30)) == date(2027, 1, 3)


LINK = "https://market.example/orders/1"
KINDS: tuple[MailKind, ...] = get_args(MailKind)


@pytest.mark.parametrize("lang", sorted(locale.languages()))
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("to", ["buyer", "seller"])
def test_letters_are_whole_in_every_language(lang: str, kind: MailKind, to: Any) -> None:
    shop = Instructions(number="123-456", confirmation="0987", url="https://pay.example/1", pay_by=AT)
    mail = MailRow(id=1, order_id=ORDER.id, kind=kind, to=to, amount=1200, reason="割れ物", attempts=1)
    letter = Letter(
        mail=mail,
        order=ORDER,
        person="みお",
        store="みずのわ商店",
        link="https://market.example/orders/1",
        at_shop=shop,
    )
    subject, text = write(lang, letter)
    assert ORDER.number in subject
    assert LINK in text
    assert "\n" not in subject
    assert not set("{}") & set(subject + text)
    expected = {"placed": ["123-456", "0987"], "refunded": ["¥1,200", "割れ物"], "shipped": ["4471-2203-8816"]}
    for words in expected.get(kind, []):
        assert words in text


def test_months_are_those_of_japan() -> None:
    assert month_from("2026-12") == (datetime(2026, 11, 30, 15, tzinfo=UTC), datetime(2026, 12, 31, 15, tzinfo=UTC))
    for wrong in ("2026-13", "2026", "202612", "２０２６-12", ""):
        with pytest.raises(Invalid):
            month_from(wrong)


@given(st.text(max_size=30))
def test_no_cell_begins_a_formula(text: str) -> None:
    cell = str(guarded(text))
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
    assert cell in (text, f"'{text}")


def test_the_table_has_one_row_a_line() -> None:
    home = {"family_name": "=cmd", "given_name": "みお", "postal_code": "0600001", "prefecture": "北海道",
            "city": "札幌市", "line1": "1-2\n3", "phone": "09012345678"}  # fmt: skip
    row = ExportRow(
        number="EN-2611-0001", placed_at=AT, state="paid", method="card", place=1, title='=HYPERLINK("x")',
        variant_name="赤, 大", quantity=2, returned=1, unit_price=1480, tax_rate=8, shipping=660, total=4620,
        refunded=1480, buyer="mio", address=home, carrier="yamato", tracking="-1", shipped_at=AT,
    )  # fmt: skip
    content = table([row, replace(row, place=2, title="だんご")], "ja")
    assert content.startswith(b"\xef\xbb\xbf")
    head, one, two = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert len(head) == len(one) == len(two) == len(COLUMNS)
    first, second = dict(zip(COLUMNS, one, strict=True)), dict(zip(COLUMNS, two, strict=True))
    assert (first["placed_at"], first["postal_code"], first["carrier"]) == (
        "2026-11-22 20:15:00", "060-0001", "ヤマト運輸",
    )  # fmt: skip
    assert (first["title"], first["name"], first["tracking"]) == ('\'=HYPERLINK("x")', "'=cmd みお", "'-1")
    assert (first["total"], second["total"], second["title"]) == ("4620", "", "だんご")
    assert table([row], "en").decode("utf-8-sig").startswith("Order,Placed at,State,")
