"""Papers of orders that were really placed: who may see them, who issues them, and what went back."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pypdf import PdfReader
from tests.support.festival import Festival, festival_on

from ennichi.accounts import Account, GuestsProved
from ennichi.catalog import NewListing, NewVariant
from ennichi.checkout import NewHold, NewPurchase
from ennichi.kit.errors import Unauthorized
from ennichi.orders import Order, OrderNotFound, Receipt, Refunding, ReturnedLine, WrongState
from ennichi.stores import StoreChanges

NUMBER = "T7000012050002"


@pytest.fixture
async def festival(db_url: str, tmp_path: Path) -> AsyncIterator[Festival]:
    async with festival_on(db_url, tmp_path) as built:
        changes = StoreChanges(shipping_fee=660, invoice_number=NUMBER)
        built.store = await built.app.stores.edit(built.keeper, built.store.id, changes)
        yield built


async def bought(festival: Festival, buyer: Account) -> Order:
    """An order of water (8 %, 1,480 yen) and two cloths (10 %, 1,200 yen each)."""
    app = festival.app
    listings = [
        NewListing(title="水", condition="food", price=1480, tax_rate=8, variants=[NewVariant(stock=5)]),
        NewListing(title="布", condition="new", price=1200, tax_rate=10, variants=[NewVariant(stock=5)]),
    ]
    holds = []
    for quantity, new in zip((1, 2), listings, strict=True):
        listing = await app.catalog.create(festival.keeper, festival.store.id, new)
        wanted = NewHold(variant_id=listing.variants[0].id, quantity=quantity)
        holds.append((await app.checkout.take(buyer, wanted, app.ids.new())).id)
    purchase = await app.checkout.buy(buyer, NewPurchase(hold_ids=holds, total=4540), app.ids.new())
    assert purchase.order_id
    return await app.orders.get(buyer, purchase.order_id)


async def after_refunds(festival: Festival, buyer: Account, order_id: str, net: int) -> Receipt:
    """The receipt once the job has given back what leaves `net`."""
    async with asyncio.timeout(10):
        while True:
            await festival.app.payments.work_refunds()
            receipt = await festival.app.orders.papers.receipt(buyer, order_id)
            if receipt.net == net:
                return receipt
            await asyncio.sleep(0.02)


async def test_buyer_and_store_see_the_receipt_and_nobody_else(festival: Festival) -> None:
    app, (mio, ren, *_) = festival.app, festival.buyers
    order = await bought(festival, mio)
    receipt = await app.orders.papers.receipt(mio, order.id)
    assert receipt == await app.orders.papers.receipt(festival.keeper, order.id)
    assert [(one.rate, one.amount, one.tax) for one in receipt.rates] == [(10, 3060, 278), (8, 1480, 109)]
    assert receipt.tax == order.totals.tax == 387
    assert (receipt.total, receipt.net, receipt.qualified) == (4540, 4540, True)
    assert receipt.issuer.number == NUMBER
    with pytest.raises(OrderNotFound):
        await app.orders.papers.receipt(ren, order.id)
    with pytest.raises(Unauthorized):
        await app.orders.papers.receipt(None, order.id)
    with pytest.raises(OrderNotFound):
        await app.orders.papers.slip_pdf(mio, order.id, "ja")
    pdf = await app.orders.papers.slip_pdf(festival.keeper, order.id, "ja")
    assert pdf.name == f"packing-slip-{order.number}.pdf"
    slip = PdfReader(io.BytesIO(pdf.content))
    assert order.number in slip.pages[0].extract_text()


async def test_a_link_opens_its_order_to_be_read(festival: Festival) -> None:
    app, (mio, ren, *_) = festival.app, festival.buyers
    order, other = await bought(festival, mio), await bought(festival, ren)
    path = app.orders._book._links.path(order.id, signed=True)
    token = path.partition("token=")[2]
    for reader in (None, ren):
        opened = await app.orders.open(reader, order.id, token)
        assert (opened.id, opened.can) == (order.id, ["receipt"])
    assert (await app.orders.papers.receipt(None, order.id, token=token)).number == order.number
    with pytest.raises(OrderNotFound):
        await app.orders.open(None, other.id, token)
    assert "say" in (await app.orders.open(mio, order.id, token)).can


async def test_who_issues_stays_as_it_was(festival: Festival) -> None:
    app, mio = festival.app, festival.buyers[0]
    before = await bought(festival, mio)
    await app.stores.edit(festival.keeper, festival.store.id, StoreChanges(invoice_number=""))
    after = await bought(festival, mio)
    assert (await app.orders.papers.receipt(mio, before.id)).issuer.number == NUMBER
    assert not (await app.orders.papers.receipt(mio, after.id)).qualified


async def test_what_went_back_is_taken_off_at_its_own_rate(festival: Festival) -> None:
    app, mio = festival.app, festival.buyers[0]
    order = await bought(festival, mio)
    water = next(line for line in order.lines if line.tax_rate == 8)
    await app.orders.refund(
        festival.keeper, order.id, Refunding(lines=[ReturnedLine(variant_id=water.variant_id, quantity=1)])
    )
    receipt = await after_refunds(festival, mio, order.id, 3060)
    assert [(one.rate, one.amount, one.tax) for one in receipt.returned[0].rates] == [(8, 1480, 109)]
    assert receipt.net == 3060
    await app.orders.refund(festival.keeper, order.id, Refunding())
    receipt = await after_refunds(festival, mio, order.id, 0)
    assert sum(one.amount for one in receipt.returned) == receipt.total
    assert {rate.rate: rate.amount for one in receipt.returned for rate in one.rates} == {8: 1480, 10: 3060}
    assert receipt.net == 0


async def test_a_packing_slip_is_of_what_is_in_the_parcel(festival: Festival) -> None:
    app, keeper, mio = festival.app, festival.keeper, festival.buyers[0]
    order = await bought(festival, mio)
    water, cloth = sorted(order.lines, key=lambda line: line.tax_rate)
    back = [
        ReturnedLine(variant_id=water.variant_id, quantity=1),
        ReturnedLine(variant_id=cloth.variant_id, quantity=1),
    ]
    await app.orders.refund(keeper, order.id, Refunding(lines=back))
    pdf = await app.orders.papers.slip_pdf(keeper, order.id, "en", prices=True)
    slip = PdfReader(io.BytesIO(pdf.content))
    text = slip.pages[0].extract_text()
    assert "1 in all" in text
    assert "布" in text
    assert "水" not in text
    assert [price in text for price in ("¥1,200", "¥1,860", "¥4,540")] == [True, True, False]
    await app.orders.refund(keeper, order.id, Refunding())
    assert "packing_slip" not in (await app.orders.get(keeper, order.id)).can
    with pytest.raises(WrongState):
        await app.orders.papers.slip_pdf(keeper, order.id, "en")


async def test_orders_of_a_guest_are_handed_over(festival: Festival) -> None:
    app, (mio, ren, *_) = festival.app, festival.buyers
    order = await bought(festival, mio)
    async with app.db.transaction() as tx:
        tx.record(GuestsProved(ren.id, [mio.id]))
    assert (await app.orders.get(ren, order.id)).role == "buyer"
    with pytest.raises(OrderNotFound):
        await app.orders.get(mio, order.id)
