"""The till in real Chromiums on a phone: the basket, the line, orders by comment, the bank's step, the shop, guests."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from tests.browser.conftest import PATIENCE_MS, Launch, Visit
from tests.support.running import NOTICE, Api, Program, Stall

expect.set_options(timeout=PATIENCE_MS)
ASKS_WHO = "4000 0027 6000 3184"
PAYS = "4242 4242 4242 4242"


def token_of(api: Api) -> str:
    return api.headers["authorization"].removeprefix("Bearer ")


def look_at(page: Page, title: str) -> Locator:
    """The sheet of a thing in the show's line-up, on a phone."""
    page.get_by_role("button", name="Bag").click()
    page.get_by_role("button", name=f"Look at {title}").last.click()
    return page.get_by_role("dialog", name=title)


def slip_of(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Confirm purchase")


def another(stall: Stall, title: str, price: int) -> dict[str, Any]:
    """A second thing in the same show, as number 2."""
    new = {"title": title, "condition": "new", "price": price, "variants": [{"stock": 3}]}
    listing: dict[str, Any] = stall.seller.ask("POST", f"/stores/{stall.store['id']}/listings", new)
    lineup = {"listing_ids": [stall.listing["id"], listing["id"]]}
    stall.seller.ask("PUT", f"/shows/{stall.show_id}/lineup", lineup)
    return listing


def take(page: Page, title: str) -> None:
    """Open a thing from the bag and hold it."""
    page.get_by_role("button", name="Bag").click()
    page.get_by_role("button", name=f"Look at {title}").last.click()
    page.get_by_role("dialog", name=title).get_by_role("button", name="Buy", exact=True).click()
    expect(slip_of(page)).to_be_visible()


def confirm(page: Page) -> None:
    slip_of(page).get_by_role("button", name="Confirm purchase").click()


def orders_of(buyer: Api, stall: Stall) -> list[dict[str, Any]]:
    return [row for row in buyer.ask("GET", "/me/orders") if row["store"]["id"] == stall.store["id"]]


def test_a_basket_is_one_order(market: Program, launch: Launch, visit: Visit) -> None:
    stall = market.stall("Baskets", stock=5)
    cup = another(stall, "A cup", 900)
    with stall.seller, market.enter("buyer") as buyer:
        page = visit(launch(), token_of(buyer), phone=True).open(f"/shows/{stall.show_id}")
        take(page, stall.listing["title"])
        slip_of(page).get_by_role("button", name="One more").click()
        expect(slip_of(page)).to_contain_text("× 2")

        # What is held stays in sight while the show goes on, with the clock time it ends.
        page.get_by_role("button", name="Keep watching").click()
        held = page.get_by_role("button", name=re.compile(r"2 set aside.*until \d\d:\d\d:\d\d"))
        expect(held).to_be_visible()
        take(page, cup["title"])
        things = slip_of(page).get_by_role("list", name="What you are buying").get_by_role("listitem")
        expect(things).to_have_count(2)
        (quote,) = [buyer.ask("GET", f"/shows/{stall.show_id}/basket")]
        assert quote["totals"]["items"] == 2 * 1480 + 900
        expect(slip_of(page)).to_contain_text(f"¥{quote['totals']['total']:,}")

        # One thing goes back, and the total follows.
        slip_of(page).get_by_role("button", name="Put it back").click()
        expect(things).to_have_count(1)
        page.get_by_role("button", name="Keep watching").click()
        take(page, cup["title"])
        expect(things).to_have_count(2)
        confirm(page)
        bought = page.get_by_role("dialog", name="Bought")
        expect(bought).to_be_visible()
        (order,) = orders_of(buyer, stall)
        expect(bought).to_contain_text(order["number"])
        full = buyer.ask("GET", f"/orders/{order['id']}")
        assert sorted((line["title"], line["quantity"]) for line in full["lines"]) == [
            ("A cup", 1),
            (stall.listing["title"], 2),
        ]
        page.get_by_role("button", name="Back to the show").click()
        expect(held).to_have_count(0)


def test_the_slip_shows_all_that_binds_and_that_there_is_more(market: Program, launch: Launch, visit: Visit) -> None:
    stall = market.stall("Slips", stock=5)
    title = "Spring water from three streams, three bottles"
    another(stall, title, 900)
    with stall.seller, market.enter("buyer") as buyer:
        page = visit(launch(), token_of(buyer), phone=True).open(f"/shows/{stall.show_id}")
        take(page, title)
        slip = slip_of(page)
        for point in ("Total", "Ship to", "Pay with", "Delivery", "Cancel, return", "Order by"):
            expect(slip.get_by_text(point, exact=True)).to_be_in_viewport(ratio=1)
        tell = slip.get_by_text("Tell the room")
        expect(tell).not_to_be_in_viewport()
        slip.get_by_text("More below").click()
        expect(tell).to_be_in_viewport(ratio=1)
        expect(slip.get_by_text("More below")).to_have_count(0)


def test_a_stall_that_may_not_sell_yet_offers_nothing(market: Program, launch: Launch, visit: Visit) -> None:
    stall = market.stall("Unready", stock=5)
    with stall.seller, market.enter("buyer") as buyer:
        path = f"/stores/{stall.store['id']}"
        legal = stall.seller.ask("GET", path)["legal"]
        stall.seller.ask("PATCH", path, {"legal": {**legal, "seller": ""}})
        page = visit(launch(), token_of(buyer), phone=True).open(f"/shows/{stall.show_id}")
        page.get_by_role("button", name="Bag").click()
        lineup = page.get_by_role("list", name="Line-up")
        expect(lineup).to_contain_text("Not on sale yet")
        expect(lineup.get_by_role("button", name=re.compile("^Buy"))).to_have_count(0)


def test_a_total_that_changed_is_shown_before_it_binds(market: Program, launch: Launch, visit: Visit) -> None:
    stall = market.stall("Totals", stock=5)
    with stall.seller, market.enter("buyer") as buyer:
        page = visit(launch(), token_of(buyer), phone=True).open(f"/shows/{stall.show_id}")
        take(page, stall.listing["title"])

        # The page sends another total than the one it would come to, as if the fee had changed in between.
        def cheaper(route: Route) -> None:
            route.continue_(post_data=json.dumps({**(route.request.post_data_json or {}), "total": 1}))

        page.route("**/api/v1/purchases", cheaper, times=1)
        confirm(page)
        expect(slip_of(page).get_by_role("alert")).to_contain_text("The total is ¥")
        assert orders_of(buyer, stall) == []
        confirm(page)
        expect(page.get_by_role("dialog", name="Bought")).to_be_visible()
        assert len(orders_of(buyer, stall)) == 1


def test_a_stall_sells_as_soon_as_its_notice_is_complete(market: Program, launch: Launch, visit: Visit) -> None:
    stall = market.stall("Notices", stock=1)
    store = f"/stores/{stall.store['id']}"
    with stall.seller, market.enter("buyer") as buyer:
        stall.seller.ask("PATCH", store, {"legal": NOTICE | {"phone": ""}})
        page = visit(launch(), token_of(buyer), phone=True).open(f"/shows/{stall.show_id}")
        look = look_at(page, stall.listing["title"])
        expect(look).to_contain_text("legal notice")
        buy = look.get_by_role("button", name="Buy", exact=True)
        expect(buy).to_have_count(0)
        stall.seller.ask("PATCH", store, {"legal": NOTICE})
        expect(buy).to_be_visible()


def test_who_comes_too_late_stands_in_line_and_gets_a_turn(market: Program, launch: Launch, visit: Visit) -> None:
    stall = market.stall("Lines", stock=1)
    with stall.seller, market.sign_up("Hana", "hana-lines@example.com") as first, market.enter("buyer") as buyer:
        body = {"variant_id": stall.variant_id, "quantity": 1, "show_id": stall.show_id}
        hold = first.ask("POST", "/holds", body, key="hana-was-first")
        page = visit(launch(), token_of(buyer), phone=True).open(f"/shows/{stall.show_id}")
        look = look_at(page, stall.listing["title"])
        look.get_by_role("button", name="Stand in line").click()
        expect(look).to_contain_text("Your place in line")
        expect(look).to_contain_text("You are next")
        expect(look.get_by_text(re.compile(r"^\d\d:\d\d:\d\d$"))).to_be_visible()

        # The log shows who came before, without a name.
        look.get_by_role("button", name="Why this place").click()
        mine = look.get_by_role("listitem").filter(has_text="You")
        expect(mine).to_contain_text("in line for 1")
        expect(look.get_by_role("listitem").filter(has_text="Somebody").first).to_contain_text("took 1")
        expect(look).not_to_contain_text("Hana")
        look.get_by_role("button", name="Back", exact=True).click()
        look.get_by_role("button", name="Back to the show").click()
        expect(page.get_by_role("button", name=re.compile("place 1"))).to_be_visible()

        # Somebody who is writing is not interrupted; once it is said, the slip opens.
        box = page.get_by_role("textbox", name="Ask or comment")
        box.fill("Is there another one?")
        first.ask("DELETE", f"/holds/{hold['id']}")
        expect(page.get_by_role("button", name=re.compile("It is your turn"))).to_be_visible()
        expect(slip_of(page)).to_have_count(0)
        page.get_by_role("button", name="Send").click()
        expect(slip_of(page)).to_contain_text("It is your turn")
        expect(slip_of(page)).to_contain_text(re.compile(r"1:[0-5]\d left"))
        confirm(page)
        expect(page.get_by_role("dialog", name="Bought")).to_be_visible()


def test_a_turn_over_the_open_sheet_is_told_once(market: Program, launch: Launch, visit: Visit) -> None:
    stall = market.stall("Sheets", stock=1)
    with stall.seller, market.sign_up("Hana", "hana-sheets@example.com") as first, market.enter("buyer") as buyer:
        body = {"variant_id": stall.variant_id, "quantity": 1, "show_id": stall.show_id}
        hold = first.ask("POST", "/holds", body, key="hana-holds-the-sheet")
        page = visit(launch(), token_of(buyer), phone=True).open(f"/shows/{stall.show_id}")
        look = look_at(page, stall.listing["title"])
        look.get_by_role("button", name="Stand in line").click()
        expect(look).to_contain_text("You are next")
        first.ask("DELETE", f"/holds/{hold['id']}")
        expect(slip_of(page)).to_contain_text("It is your turn")

        # Who has seen it and goes on watching is not shown it again.
        page.get_by_role("button", name="Keep watching").click()
        expect(page.get_by_role("button", name=re.compile("1 set aside"))).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_leaving_the_line_gives_the_place_to_the_next(market: Program, launch: Launch, visit: Visit) -> None:
    stall = market.stall("Leavers", stock=1)
    with (
        stall.seller,
        market.sign_up("Hana", "hana-leavers@example.com") as first,
        market.sign_up("Jun", "jun-leavers@example.com") as second,
        market.enter("buyer") as buyer,
    ):
        body = {"variant_id": stall.variant_id, "quantity": 1, "show_id": stall.show_id}
        first.ask("POST", "/holds", body, key="hana-holds-it")
        wait = second.ask("POST", "/waits", body, key="jun-waits")
        buyer.ask("POST", "/waits", body, key="the-buyer-waits")
        page = visit(launch(), token_of(buyer), phone=True).open(f"/shows/{stall.show_id}")
        place = page.get_by_role("button", name=re.compile(r"place \d"))
        expect(place).to_contain_text("place 2")
        second.ask("DELETE", f"/waits/{wait['id']}")
        expect(place).to_contain_text("place 1")
        place.click()
        page.get_by_role("button", name="Leave the line").click()
        page.get_by_role("button", name="Close", exact=True).last.click()
        expect(place).to_have_count(0)
        assert buyer.ask("GET", f"/shows/{stall.show_id}/snapshot")["mine"]["waits"] == []


def test_a_comment_orders_and_never_concludes(market: Program, launch: Launch, visit: Visit) -> None:
    stall = market.stall("Callers", stock=1)
    with (
        stall.seller,
        market.sign_up("Hana", "hana-callers@example.com") as late,
        market.enter("buyer") as buyer,
    ):
        page = visit(launch(), token_of(buyer), phone=True).open(f"/shows/{stall.show_id}")
        other = visit(launch(), token_of(late), phone=True).open(f"/shows/{stall.show_id}")
        for one in (page, other):
            expect(one.get_by_role("button", name="Stamps")).to_be_visible()
        page.get_by_role("textbox", name="Ask or comment").fill("1 +1")
        page.get_by_role("button", name="Send").click()
        expect(slip_of(page)).to_contain_text("as you said in the chat")
        assert orders_of(buyer, stall) == []

        # Whoever says it too late is told, and offered the line.
        other.get_by_role("textbox", name="Ask or comment").fill("1 +1")
        other.get_by_role("button", name="Send").click()
        expect(other.get_by_role("status").filter(has_text="It has just sold out")).to_be_visible()
        other.get_by_role("button", name="Stand in line").click()
        other.get_by_role("dialog").get_by_role("button", name="Stand in line").click()
        expect(other.get_by_role("dialog")).to_contain_text("Your place in line")


@pytest.mark.parametrize("answer", ["approve", "fail"])
def test_the_banks_step_stands_in_the_slip(market: Program, launch: Launch, visit: Visit, answer: str) -> None:
    stall = market.stall(f"Banks{answer}", stock=5)
    with stall.seller, market.enter("buyer") as buyer:
        page = visit(launch(), token_of(buyer), phone=True).open(f"/shows/{stall.show_id}")
        take(page, stall.listing["title"])
        _with_card(page, ASKS_WHO)
        confirm(page)
        step = page.get_by_role("dialog", name="Confirm with your bank")
        expect(step).to_contain_text("Yours is set aside meanwhile")
        bank = page.frame_locator('iframe[title="Your bank\'s page"]')
        bank.get_by_role("button", name="Yes, it is me" if answer == "approve" else "Fail the check").click()
        if answer == "approve":
            expect(page.get_by_role("dialog", name="Bought")).to_contain_text("EN-")
            assert len(orders_of(buyer, stall)) == 1
        else:
            expect(slip_of(page).get_by_role("alert")).to_contain_text("Your bank could not tell that it was you")
            assert orders_of(buyer, stall) == []


def test_a_payment_under_way_is_taken_up_after_a_reload(market: Program, launch: Launch, visit: Visit) -> None:
    stall = market.stall("Reloads", stock=5)
    with stall.seller, market.enter("buyer") as buyer:
        page = visit(launch(), token_of(buyer), phone=True).open(f"/shows/{stall.show_id}")
        take(page, stall.listing["title"])
        _with_card(page, ASKS_WHO)
        confirm(page)
        step = page.get_by_role("dialog", name="Confirm with your bank")
        expect(step).to_be_visible()
        page.reload()
        expect(step).to_be_visible()
        step.get_by_role("button", name="Pay another way").click()
        expect(slip_of(page)).to_be_visible()
        assert orders_of(buyer, stall) == []


def test_a_shop_is_paid_later(market: Program, launch: Launch, visit: Visit) -> None:
    stall = market.stall("Shops", stock=5)
    with stall.seller, market.enter("buyer") as buyer:
        page = visit(launch(), token_of(buyer), phone=True).open(f"/shows/{stall.show_id}")
        take(page, stall.listing["title"])
        slip = slip_of(page)
        slip.get_by_role("button", name="Change: Pay with").click()
        slip.get_by_role("button", name=re.compile("Convenience store")).click()
        confirm(page)
        ordered = page.get_by_role("dialog", name="Ordered. Please pay at a shop")
        expect(ordered).to_be_visible()
        (order,) = orders_of(buyer, stall)
        assert order["state"] == "placed"
        pay = buyer.ask("GET", f"/orders/{order['id']}")["pay"]
        expect(ordered).to_contain_text(pay["number"])
        expect(ordered).to_contain_text(pay["confirmation"])
        expect(ordered).to_contain_text(re.compile(r"Pay until \d\d:\d\d"))


def test_a_guest_buys_with_an_address_alone(market: Program, launch: Launch, visit: Visit) -> None:
    stall = market.stall("Guests", stock=5)
    with stall.seller:
        page = visit(launch(), phone=True).open(f"/shows/{stall.show_id}")
        look = look_at(page, stall.listing["title"])
        look.get_by_role("button", name="Buy", exact=True).click()
        look.get_by_role("textbox", name="Email").fill("somebody@example.jp")
        look.get_by_role("button", name="Go on as a guest").click()
        slip = slip_of(page)
        expect(slip).to_be_visible()
        slip.get_by_role("textbox", name="Postal code").fill("1000001")
        expect(slip.get_by_role("textbox", name="City, ward")).to_have_value("千代田区")
        for name, value in {"Family name": "Tanaka", "Given name": "Sora", "Phone": "0312345678"}.items():
            slip.get_by_role("textbox", name=name, exact=True).fill(value)
        slip.get_by_role("textbox", name="Town, number").fill("千代田 1-1")
        slip.get_by_role("button", name="Use this").click()
        expect(slip).to_contain_text("Sora Tanaka")
        expect(slip).to_contain_text("somebody@example.jp")
        slip.get_by_role("button", name="By card").click()
        slip.get_by_role("button", name=PAYS).click()
        slip.get_by_role("button", name="Use this").click()
        expect(slip).to_contain_text("Visa ···· 4242")
        confirm(page)
        expect(page.get_by_role("dialog", name="Bought")).to_contain_text("somebody@example.jp")
        (order,) = stall.seller.ask("GET", f"/stores/{stall.store['id']}/orders")
        assert order["state"] == "paid"


def _with_card(page: Page, number: str) -> None:
    slip = slip_of(page)
    slip.get_by_role("button", name="Change: Pay with").click()
    slip.get_by_role("button", name="Another card").click()
    slip.get_by_role("button", name=number).click()
    slip.get_by_role("button", name="Use this").click()
    expect(slip).to_contain_text(number[-4:])
    slip.get_by_role("checkbox", name="Keep for next time").uncheck()
