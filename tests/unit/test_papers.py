"""The papers of an order: sums as a buyer's accountant checks them, and the same on the PDF."""

import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from pypdf import PdfReader
from tests.support.people import EVENING

from ennichi.kit.clock import FixedClock
from ennichi.orders.links import LIFE, OrderLinks
from ennichi.orders.papers.model import (
    GivenBack,
    Issuer,
    PaperLine,
    RateSum,
    Receipt,
    Slip,
    rates_of,
    reduced_share,
    returned_of,
)
from ennichi.orders.papers.sheets import receipt_sheet, slip_sheet
from ennichi.orders.papers.typeset import typeset
from ennichi.payments import PaidWith

DAY = date(2026, 11, 22)
WATER = PaperLine(title="湧き水 飲みくらべ", variant="3本", quantity=1, unit_price=1480, tax_rate=8, amount=1480)
CLOTH = PaperLine(title="山の手ぬぐい", variant="", quantity=2, unit_price=1200, tax_rate=10, amount=2400)
STORE = Issuer(
    name="株式会社みずのわ", address="長野県安曇野市穂高8410", number="T7000012050002", seller="みずのわ商店"
)
MARKET = Issuer(
    name="縁日合同会社", address="東京都千代田区1-1", number="T1180301018771", seller="株式会社みずのわ", by_market=True
)


def receipt(*lines: PaperLine, shipping: int = 660, back: tuple[GivenBack, ...] = (), **other: object) -> Receipt:
    rates, returned = rates_of(lines, shipping), returned_of(back)
    total = sum(line.amount for line in lines) + shipping
    plain = Receipt(
        order_id="o",
        number="EN-2611-0482",
        kind="simple",
        qualified=True,
        paid_on=DAY,
        dealt_on=DAY,
        recipient=None,
        lines=list(lines),
        shipping=shipping,
        rates=rates,
        total=total,
        tax=sum(rate.tax for rate in rates),
        returned=returned,
        net=total - sum(one.amount for one in returned),
        paid_with=PaidWith(method="card", brand="visa", last4="4242"),
        issuer=STORE,
        color="#3f6fa8",
    )
    return structs.replace(plain, **other)


async def text_of(paper: Receipt, lang: str = "ja") -> str:
    pdf = await typeset("receipt", receipt_sheet(paper, lang), paper.number)
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_the_tax_of_each_rate_is_rounded_down_once() -> None:
    assert rates_of([WATER], 660) == [RateSum(rate=10, amount=660, tax=60), RateSum(rate=8, amount=1480, tax=109)]
    # Three at 105 yen: 7 yen of each floored would be 21; of 315 yen it is 23.
    three = [PaperLine(title=f"{n}", variant="", quantity=1, unit_price=105, tax_rate=8, amount=105) for n in range(3)]
    assert rates_of(three, 0) == [RateSum(rate=8, amount=315, tax=23)]


def test_a_rate_nobody_bought_at_has_no_line() -> None:
    assert [one.rate for one in rates_of([CLOTH], 0)] == [10]
    assert [one.rate for one in rates_of([WATER], 0)] == [8]


def test_refunds_of_one_day_are_one_entry() -> None:
    back = returned_of([GivenBack(DAY, 105, 105), GivenBack(DAY, 105, 105), GivenBack(date(2026, 11, 30), 660, 0)])
    assert [(one.on, one.amount) for one in back] == [(DAY, 210), (date(2026, 11, 30), 660)]
    assert back[0].rates == [RateSum(rate=8, amount=210, tax=15)]
    assert back[1].rates == [RateSum(rate=10, amount=660, tax=60)]


@pytest.mark.parametrize(
    ("amount", "reduced", "standard", "named", "share"),
    [
        (1480, 1480, 660, 1480, 1480),  # the water went back
        (660, 1480, 660, 0, 0),  # the shipping fee went back
        (2140, 1480, 660, None, 1480),  # everything
        (214, 1480, 660, None, 148),  # a tenth off everything
        (500, 0, 3060, None, 0),
        (500, 1480, 0, None, 500),
        (700, 100, 660, None, 92),
        (300, 100, 660, 200, 100),  # never more than is left at that rate
    ],
)
def test_what_part_of_a_refund_is_at_the_reduced_rate(
    amount: int, reduced: int, standard: int, named: int | None, share: int
) -> None:
    assert reduced_share(amount, reduced_left=reduced, standard_left=standard, named=named) == share


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.lists(st.integers(1, 10**6), max_size=8))
def test_refunds_of_everything_leave_nothing_at_any_rate(reduced: int, standard: int, sums: list[int]) -> None:
    for wanted in [*sums, 2 * 10**6]:
        amount = min(wanted, reduced + standard)
        share = reduced_share(amount, reduced_left=reduced, standard_left=standard)
        assert 0 <= share <= reduced
        assert 0 <= amount - share <= standard
        reduced, standard = reduced - share, standard - (amount - share)
    assert reduced == standard == 0


async def test_a_simplified_invoice_says_what_the_law_asks_for() -> None:
    text = await text_of(receipt(WATER, CLOTH))
    for said in (
        "適格簡易請求書", "株式会社みずのわ", "登録番号 T7000012050002", "2026年11月22日", "EN-2611-0482", "¥4,540",
        "10%対象（税込）", "¥3,060", "内消費税 ¥278", "8%対象（税込）", "¥1,480", "内消費税 ¥109", "¥387",
        "※ は軽減税率（8%）の対象", "クレジットカード", "みずのわ商店",
    ):  # fmt: skip
        assert said in text, said
    assert "湧き水 飲みくらべ 3本 ※" in text
    assert "山の手ぬぐい ※" not in text
    assert "様" not in text
    assert "返還" not in text
    assert "媒介者" not in text


async def test_a_full_invoice_names_its_recipient() -> None:
    text = await text_of(receipt(WATER, kind="full", recipient="株式会社髙橋𠮷商会"))
    assert "株式会社髙橋𠮷商会 様" in text
    assert "適格請求書" in text
    assert "簡易" not in text


async def test_the_market_issues_under_its_own_number_for_the_seller() -> None:
    text = await text_of(receipt(WATER, issuer=MARKET))
    assert "縁日合同会社" in text
    assert "登録番号 T1180301018771" in text
    assert "販売者 株式会社みずのわ" in text
    assert "媒介者交付特例" in text


async def test_without_a_number_it_is_no_invoice_and_says_so() -> None:
    text = await text_of(receipt(WATER, issuer=structs.replace(STORE, number=None), qualified=False))
    assert "適格請求書ではありません" in text
    assert "登録番号" not in text
    assert "消費税" not in text
    assert "8%対象（税込）" in text


async def test_what_was_given_back_is_on_it_with_its_own_day_and_tax() -> None:
    text = await text_of(receipt(WATER, CLOTH, back=(GivenBack(date(2026, 11, 30), 2680, 1480),)))
    for said in ("適格返還請求書", "2026年11月30日 返金", "−¥2,680", "−¥1,200", "−¥109", "差引領収額", "¥1,860"):
        assert said in text, said
    assert "2026年11月22日 の取引（EN-2611-0482）" in text


async def test_in_english_it_keeps_the_names_the_law_gives() -> None:
    text = await text_of(receipt(WATER, CLOTH), "en")
    for said in ("Receipt", "適格簡易請求書", "Registration number T7000012050002", "22 Nov 2026", "incl. tax ¥109"):
        assert said in text, said


async def test_a_hundred_things_go_over_pages_with_their_numbers() -> None:
    paper = receipt(*[structs.replace(CLOTH, title=f"手ぬぐい その{n}") for n in range(1, 101)])
    pdf = PdfReader(io.BytesIO(await typeset("receipt", receipt_sheet(paper, "ja"), paper.number)))
    text = "".join(page.extract_text() for page in pdf.pages)
    assert len(pdf.pages) > 2
    assert all(f"手ぬぐい その{n}" in text for n in range(1, 101))
    assert f"{len(pdf.pages)} / {len(pdf.pages)}" in pdf.pages[-1].extract_text()
    assert pdf.metadata is not None
    assert pdf.metadata.title == "EN-2611-0482"


async def test_what_sellers_write_is_set_as_words_and_never_carried_out() -> None:
    hostile = structs.replace(WATER, title='#read("paper.typ") *x* $y$ \\ <a> @b //c /*')
    assert '#read("paper.typ") *x* $y$ \\ <a> @b //c /*' in await text_of(receipt(hostile))


async def test_every_face_is_in_the_file() -> None:
    pdf = PdfReader(io.BytesIO(await typeset("receipt", receipt_sheet(receipt(WATER), "ja"), "x")))
    fonts = pdf.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    names = [font.get_object()["/BaseFont"] for font in fonts.values()]
    assert names
    assert all("NotoSansJP" in name for name in names)


SLIP = Slip(
    number="EN-2611-0482",
    placed_on=DAY,
    recipient="山本 みお",
    postal_code="3998303",
    address=["長野県安曇野市穂高8410", "メゾン穂高201"],
    phone="09012345678",
    seller="みずのわ商店",
    seller_address="長野県安曇野市穂高8410",
    seller_contact="shop@mizunowa.example",
    lines=[WATER, CLOTH],
    shipping=660,
    total=4540,
    prices=False,
    message="またお越しください。",
)


@pytest.mark.parametrize("prices", [False, True])
async def test_a_packing_slip_keeps_prices_to_itself_unless_asked(prices: bool) -> None:
    pdf = await typeset("slip", slip_sheet(structs.replace(SLIP, prices=prices), "ja"), SLIP.number)
    text = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    for said in (
        "納品書",
        "EN-2611-0482",
        "山本 みお 様",
        "〒399-8303",
        "メゾン穂高201",
        "山の手ぬぐい",
        "全 3 点",
        "またお越しください。",
    ):
        assert said in text, said
    assert ("¥" in text) is prices


def test_a_link_opens_its_order_for_its_time() -> None:
    clock = FixedClock(EVENING)
    links = OrderLinks(b"secret", clock)
    token = links.token("order-1")
    assert links.opens("order-1", token)
    assert not links.opens("order-2", token)
    assert not OrderLinks(b"another", clock).opens("order-1", token)
    for wrong in (
        "",
        ".",
        token[:-1],
        token[1:],
        f"f{token}",
        token.replace(".", ""),
        "\ud800",
        f"ffffffffff.{token.partition('.')[2]}",
    ):
        assert not links.opens("order-1", wrong)
    clock.advance(LIFE.total_seconds() - 1)
    assert links.opens("order-1", token)
    clock.advance(2)
    assert not links.opens("order-1", token)
