"""What an installation had before purchases came is there afterwards, and what was under way is finished."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb
from tests.support.people import EVENING
from tests.support.running import fresh_database
from tests.support.trade import trade_on

from ennichi.accounts import Account
from ennichi.kit import migrate as migrating
from ennichi.payments import PayByCard

BEFORE = "0014"
BUYER, KEEPER, STORE, LISTING, VARIANT, SHOW = (f"{n:020d}" for n in range(1, 7))
SOLD, UNDER_WAY, HELD, DECLINED = (f"{n:020d}" for n in range(11, 15))
TERMS = {
    "pays": "now", "ships_within_days": 2, "carrier": "日本郵便", "arrives_from": "2026-11-25",
    "arrives_to": "2026-11-27", "returns": "不可", "cancellation": "不可",
    "legal": {"seller": "水野", "representative": "", "address": "", "phone": "", "email": "", "on_request": True},
}  # fmt: skip
ADDRESS = {
    "family_name": "山本", "given_name": "みお", "family_kana": "", "given_kana": "", "postal_code": "1660001",
    "prefecture": "東京都", "city": "杉並区", "line1": "阿佐谷北 1-2-3", "line2": "", "phone": "09012345678",
}  # fmt: skip


@pytest.fixture
def old_url(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database as it was, with a purchase that is concluded, one that was cut off, and one that was declined."""
    every = migrating.migrations()
    with fresh_database(postgres_url, "template0", "upgrading") as url:
        monkeypatch.setattr(migrating, "migrations", lambda: [file for file in every if file.name < BEFORE])
        asyncio.run(migrating.migrate(url))
        monkeypatch.undo()
        with psycopg.connect(url, autocommit=True) as conn:
            _fill(conn)
        asyncio.run(migrating.migrate(url))
        yield url


async def test_purchases_of_before(old_url: str, tmp_path: Path) -> None:
    async with trade_on(old_url, tmp_path) as trade:
        async with trade.people.db.read() as conn:
            buyer = await trade.people.accounts.get(conn, BUYER)
        checkout = trade.checkout
        sold = await checkout.get(buyer, SOLD)
        assert (sold.state, sold.totals.total, sold.purchase_id) == ("sold", 3620, f"{SOLD[:-1]}c")
        purchase = await checkout.purchase(buyer, str(sold.purchase_id))
        assert (purchase.state, purchase.total) == ("paid", 3620)
        assert purchase.order_id == sold.order_id
        (line,) = (await trade.orders.get(buyer, str(sold.order_id))).lines
        assert (line.quantity, line.amount) == (2, 2960)
        assert (await checkout.purchase(buyer, f"{DECLINED[:-1]}d")).state == "declined"
        cut_off = await checkout.get(buyer, UNDER_WAY)
        assert cut_off.state == "confirming"
        trade.people.clock.advance(31)
        await trade.payments.reconcile()
        assert (await checkout.purchase(buyer, str(cut_off.purchase_id))).state == "given_up"
        held = await checkout.get(buyer, UNDER_WAY)
        assert (held.state, held.purchase_id, held.totals.total) == ("held", None, 2140)
        await _buy(trade, buyer, UNDER_WAY)
        assert await trade.counts(await trade.catalog.get(LISTING)) == (6, 1, 3)


async def _buy(trade: Any, buyer: Account, hold_id: str) -> None:
    hold = await trade.checkout.get(buyer, hold_id)
    wanted = await trade.wanted(buyer, hold, pay=PayByCard(token=await trade.token()))
    assert (await trade.checkout.buy(buyer, wanted, "new")).state == "paid"


def _fill(conn: "psycopg.Connection[Any]") -> None:
    def add(table: str, **row: Any) -> None:
        names, places = ", ".join(row), ", ".join(["%s"] * len(row))
        conn.execute(f"insert into {table} ({names}) values ({places})", list(row.values()))

    for account, name in [(BUYER, "buyer"), (KEEPER, "keeper")]:
        add("accounts", id=account, name=name, email=f"{name}@example.com", created_at=EVENING)
    legal = dict.fromkeys(("legal_seller", "legal_representative", "legal_address", "legal_phone", "legal_email"), "")
    add("stores", id=STORE, handle="old", name="古", story="", color="#2b3270", place="", opened_at=EVENING, **legal,
        legal_on_request=True, shipping_fee=660, ships_within_days=2, carrier="日本郵便", returns="不可",
        cancellation="不可")  # fmt: skip
    add("store_counters", store_id=STORE, sold=2)
    add("store_members", store_id=STORE, account_id=KEEPER, role="owner", joined_at=EVENING)
    add("listings", id=LISTING, store_id=STORE, title="湧き水", story="", condition="food", price=1480, tax_rate=8,
        photo_ids=[], created_at=EVENING)  # fmt: skip
    add("variants", id=VARIANT, listing_id=LISTING, place=1, name="", keyword="", stocked=10, available=6, held=2,
        sold=2)  # fmt: skip
    hold: dict[str, Any] = {
        "store_id": STORE, "listing_id": LISTING, "variant_id": VARIANT, "title": "湧き水", "variant_name": "",
        "unit_price": 1480, "tax_rate": 8, "shipping": 660, "terms": Jsonb(TERMS), "expires_at": EVENING,
        "created_at": EVENING,
    }  # fmt: skip
    add("holds", id=SOLD, account_id=BUYER, quantity=2, state="sold", order_id=f"{SOLD[:-1]}e", **hold)
    add("holds", id=UNDER_WAY, account_id=BUYER, quantity=1, state="confirming",
        **{**hold, "expires_at": EVENING.replace(minute=30)})  # fmt: skip
    later = {**hold, "expires_at": EVENING.replace(hour=23)}
    add("holds", id=HELD, account_id=KEEPER, quantity=1, state="held", **later)
    add("holds", id=DECLINED, account_id=BUYER, quantity=1, state="released", **hold)
    card = {"card_ref": "card_x", "brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030}
    for hold_id, mark, order_id, amount, state in [
        (SOLD, "c", f"{SOLD[:-1]}e", 3620, "succeeded"), (UNDER_WAY, "b", f"{SOLD[:-1]}f", 2140, "pending"),
        (DECLINED, "d", f"{SOLD[:-1]}g", 2140, "declined"),
    ]:  # fmt: skip
        charge = f"{hold_id[:-1]}{mark}"
        add("charges", id=charge, account_id=BUYER, amount=amount, currency="JPY", state=state, created_at=EVENING,
            reason="card_declined" if state == "declined" else None, reference="r" if state == "succeeded" else None,
            settled_at=None if state == "pending" else EVENING, **card)  # fmt: skip
        add("confirmations", charge_id=charge, hold_id=hold_id, order_id=order_id, address=Jsonb(ADDRESS), save=False,
            started_at=EVENING, settled=state != "pending")  # fmt: skip
        add("request_keys", account_id=BUYER, key=mark, digest=b"x", charge_id=charge, created_at=EVENING)
    add("order_numbers", month="2611", last=1)
    totals = {"items": 2960, "shipping": 660, "total": 3620, "taxes": [{"rate": 10, "amount": 60}], "tax": 60}
    add("orders", id=f"{SOLD[:-1]}e", number="EN-2611-0001", account_id=BUYER, store_id=STORE, hold_id=SOLD,
        charge_id=f"{SOLD[:-1]}c", state="paid", placed_at=EVENING, items=2960, quantity=2, title="湧き水",
        totals=Jsonb(totals), address=Jsonb(ADDRESS), terms=Jsonb(TERMS), brand="visa", last4="4242")  # fmt: skip
    add("order_lines", order_id=f"{SOLD[:-1]}e", place=1, listing_id=LISTING, variant_id=VARIANT, title="湧き水",
        variant_name="", unit_price=1480, quantity=2, tax_rate=8)  # fmt: skip
