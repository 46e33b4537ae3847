"""What is said about orders, letters about them, and a month of them as a table."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.till import Basket, Till, till_on

from ennichi.accounts import Account, MailUnavailable
from ennichi.catalog import Listing
from ennichi.kit.db import Command, Query
from ennichi.kit.errors import Forbidden, Invalid, TooFast
from ennichi.orders import MessageSaid, Order, Shipping
from ennichi.orders.messages import PER_MINUTE
from ennichi.stores import Store

PENDING = Query(int, "select count(*)::int from order_mails where mailed_at is null")
PROBLEMS = Query(str, "select coalesce(problem, '') from order_mails order by id")
NO_EMAIL = Command("update accounts set email = null where id = %(id)s")


@pytest.fixture
async def till(db_url: str, tmp_path: Path) -> AsyncIterator[Till]:
    async with till_on(db_url, tmp_path) as built:
        yield built


class Scene:
    """An order between a keeper and a buyer."""

    keeper: Account
    buyer: Account
    store: Store
    listing: Listing
    order: Order


@pytest.fixture
async def scene(till: Till) -> Scene:
    scene = Scene()
    scene.keeper, scene.buyer = await till.people.person("Keeper"), await till.people.person("Buyer")
    scene.store = await till.stall(scene.keeper)
    scene.listing = await till.listing(scene.keeper, scene.store)
    scene.order = await till.buy(scene.buyer, Basket(scene.listing))
    await till.orders.send_mails()
    till.post.mails.clear()
    return scene


async def test_both_sides_write_and_see_what_is_new(till: Till, scene: Scene) -> None:
    orders, order = till.orders, scene.order
    first = await orders.say(scene.buyer, order.id, " いつ届きますか\x00\r\n\r\n\r\n\r\nお願いします ")
    assert (first.by, first.name, first.mine) == ("buyer", "Buyer", True)
    assert first.text == "いつ届きますか\n\nお願いします"
    assert (await orders.get(scene.keeper, order.id)).unread == 1
    assert (await orders.get(scene.buyer, order.id)).unread == 0
    assert [brief.unread for brief in await orders.of_store(scene.keeper, scene.store.id)] == [1]
    till.people.clock.advance(1)
    await orders.say(scene.keeper, order.id, "あした送ります")
    assert [brief.unread for brief in await orders.mine(scene.buyer)] == [1]
    seen = await orders.messages(scene.keeper, order.id)
    assert [(one.name, one.mine) for one in seen] == [("Buyer", False), ("みずのわ商店", True)]
    await orders.read(scene.keeper, order.id, seen[-1].id)
    await orders.read(scene.keeper, order.id, seen[0].id)
    await orders.read(scene.keeper, order.id, "z" * 20)
    assert (await orders.get(scene.keeper, order.id)).unread == 0
    said = [event for event in till.told if isinstance(event, MessageSaid)]
    assert [(event.to, event.message.mine, event.account_id) for event in said] == [
        ("seller", False, scene.buyer.id),
        ("buyer", False, scene.buyer.id),
    ]


async def test_what_cannot_be_said(till: Till, scene: Scene) -> None:
    with pytest.raises(Invalid):
        await till.orders.say(scene.buyer, scene.order.id, " \u202e \n ")
    for _ in range(PER_MINUTE):
        await till.orders.say(scene.buyer, scene.order.id, "もしもし")
    with pytest.raises(TooFast):
        await till.orders.say(scene.buyer, scene.order.id, "もしもし")


async def test_who_does_not_look_gets_one_letter(till: Till, scene: Scene) -> None:
    for text in ("ひとつめ", "ふたつめ"):
        await till.orders.say(scene.buyer, scene.order.id, text)
    await till.orders.send_mails()
    assert till.post.mails == []
    till.people.clock.advance(121)
    await till.orders.send_mails()
    (mail,) = till.post.mails
    assert (mail.to, scene.order.number in mail.subject) == ("keeper@example.com", True)
    last = await till.orders.say(scene.keeper, scene.order.id, "はい")
    await till.orders.read(scene.buyer, scene.order.id, last.id)
    till.people.clock.advance(121)
    await till.orders.send_mails()
    assert len(till.post.mails) == 1


async def test_letters_are_in_the_language_of_who_reads_them(till: Till, scene: Scene) -> None:
    await till.people.accounts.speaks(scene.buyer, "en")
    await till.orders.ship(scene.keeper, scene.order.id, Shipping(carrier="sagawa", tracking="12-34"))
    await till.orders.send_mails()
    await till.orders.send_mails()
    (mail,) = till.post.mails
    assert mail.subject == f"Your order {scene.order.number} is on its way"
    assert "Sagawa Express  12-34" in mail.text
    assert "okurijoNo=1234" in mail.text


async def test_a_letter_waits_for_the_mail_server_and_is_given_up_in_the_end(till: Till, scene: Scene) -> None:
    till.post.trouble = MailUnavailable()
    await till.orders.ship(scene.keeper, scene.order.id, Shipping(carrier="yamato"))
    for _ in range(3):
        await till.orders.send_mails()
        till.people.clock.advance(600)
    till.post.trouble = None
    await till.orders.send_mails()
    assert len(till.post.mails) == 1
    till.post.trouble = MailUnavailable()
    await till.orders.cancel(scene.keeper, (await till.buy(scene.buyer, Basket(scene.listing))).id)
    for _ in range(12):
        till.people.clock.advance(7 * 3600)
        await till.orders.send_mails()
    async with till.people.db.read() as conn:
        assert await PENDING.one(conn) == 0
        assert "unavailable" in await PROBLEMS.all(conn)


async def test_who_has_no_address_and_who_is_refused_stop_nobody(till: Till, scene: Scene) -> None:
    async with till.people.db.read() as conn:
        await NO_EMAIL.run(conn, id=scene.buyer.id)
    await till.orders.ship(scene.keeper, scene.order.id, Shipping(carrier="yamato"))
    await till.orders.send_mails()
    other = await till.people.person("Other")
    till.post.trouble = Invalid(("email", "refused"))
    await till.buy(other, Basket(scene.listing))
    await till.orders.send_mails()
    async with till.people.db.read() as conn:
        assert await PENDING.one(conn) == 0
        assert (await PROBLEMS.all(conn))[1:] == ["", "input.invalid"]


async def test_a_month_as_a_table_for_members_alone(till: Till, scene: Scene) -> None:
    sweets = await till.listing(scene.keeper, scene.store, price=500)
    await till.buy(scene.buyer, Basket(scene.listing, 2), Basket(sweets))
    content = await till.orders.export(scene.keeper, scene.store.id, "2026-11", "en")
    head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert [row[0] for row in rows] == ["EN-2611-0001", "EN-2611-0002", "EN-2611-0002"]
    total = head.index("Total")
    assert [row[total] for row in rows] == ["2140", "4120", ""]
    empty = await till.orders.export(scene.keeper, scene.store.id, "2026-10", "ja")
    assert empty.decode("utf-8-sig").count("\r\n") == 1
    with pytest.raises(Forbidden):
        await till.orders.export(scene.buyer, scene.store.id, "2026-11", "ja")
    with pytest.raises(Invalid):
        await till.orders.export(scene.keeper, scene.store.id, "november", "ja")


async def test_lists_can_be_narrowed_and_gone_on_with(till: Till, scene: Scene) -> None:
    second = await till.buy(scene.buyer, Basket(scene.listing))
    await till.orders.ship(scene.keeper, scene.order.id, Shipping(carrier="yamato"))

    async def found(**how: object) -> list[str]:
        return [one.id for one in await till.orders.of_store(scene.keeper, scene.store.id, **how)]  # type: ignore[arg-type]

    assert await found() == [second.id, scene.order.id]
    assert await found(states=["shipped", "received"]) == [scene.order.id]
    assert await found(before=second.id) == [scene.order.id]
    assert await found(before="0" * 20) == []


async def test_lists_are_whole_in_pages_to_the_last_order(
    till: Till, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ennichi.orders.service.LIST_LIMIT", 2)
    bought = [scene.order.id] + [(await till.buy(scene.buyer, Basket(scene.listing))).id for _ in range(3)]
    others = await till.buy(await till.people.person("Other"), Basket(scene.listing))
    bought.reverse()

    async def mine(before: str | None = None) -> list[str]:
        return [one.id for one in await till.orders.mine(scene.buyer, before=before)]

    async def sold(before: str | None = None) -> list[str]:
        return [one.id for one in await till.orders.of_store(scene.keeper, scene.store.id, before=before)]

    assert await mine() == bought[:2]
    assert await mine(bought[0]) == bought[1:3]
    assert await mine(bought[1]) == bought[2:]
    assert await mine(bought[2]) == bought[3:]
    assert await mine(bought[3]) == []
    assert await sold() == [others.id, bought[0]]
    assert await sold(bought[0]) == bought[1:3]
    assert await sold(bought[2]) == bought[3:]
    assert await mine(others.id) == []
    for nonsense in ("", "x", "\x00", "O" * 20):
        with pytest.raises(Invalid):
            await mine(nonsense)
        with pytest.raises(Invalid):
            await sold(nonsense)
    table = (await till.orders.export(scene.keeper, scene.store.id, "2026-11", "en")).decode("utf-8-sig")
    assert table.count("\r\n") == 1 + len(bought) + 1
