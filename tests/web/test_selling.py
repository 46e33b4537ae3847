"""What stores sell by, over HTTP: the notice, shipping profiles, what makes a trader."""

from tests.support.running import NOTICE, Program


def test_a_notice_on_request_comes_by_mail(market: Program) -> None:
    with (
        market.sign_up("Nozomi", "nozomi@example.com") as seller,
        market.sign_up("Asako", "asako@example.com") as asker,
        market.api() as visitor,
    ):
        store = seller.ask("POST", "/stores", {"name": "Nozomi", "handle": "nozomi"})
        path = f"/stores/{store['id']}"
        assert (store["selling"], store["missing"][0]) == (False, "legal.seller")
        hidden_company = {"legal": {**NOTICE, "company": True, "on_request": True}}
        assert seller.refused("PATCH", path, hidden_company) == (422, "input.invalid")
        edit = {"legal": {**NOTICE, "on_request": True}, "invoice_number": "t7000-0120-50002"}
        edited = seller.ask("PATCH", path, edit)
        assert (edited["selling"], edited["invoice_number"]) == (True, "T7000012050002")
        assert visitor.ask("GET", path)["legal"]["address"] == ""

        requests = f"{path}/notice-requests"
        assert visitor.refused("POST", requests) == (401, "auth.required")
        asked = asker.ask("POST", requests)
        mail = next(mail for mail in visitor.ask("GET", "/demo/mail") if mail["to"] == "asako@example.com")
        assert NOTICE["address"] in mail["text"]
        assert seller.ask("GET", requests) == [asked]
        assert asker.refused("GET", requests) == (403, "auth.forbidden")
        assert asker.refused("PUT", f"{path}/fee", {"fee_bps": 0}) == (403, "auth.forbidden")


def test_fees_are_seen_by_who_runs_the_market_alone(market: Program) -> None:
    # The first to sign up runs the market, so whoever comes second does not.
    with market.sign_up("Hatsu", "hatsu@example.com"), market.sign_up("Tesu", "tesu@example.com") as seller:
        assert seller.refused("GET", "/fees") == (403, "auth.forbidden")
        with market.api() as visitor:
            assert visitor.refused("GET", "/fees") == (401, "auth.required")


def test_a_shipping_profile_and_what_goods_say_of_it(market: Program) -> None:
    with market.sign_up("Okuri", "okuri@example.com") as seller, market.sign_up("Yoso", "yoso@example.com") as other:
        store = seller.ask("POST", "/stores", {"name": "Okuri", "handle": "okuri"})
        path = f"/stores/{store['id']}/shipping"
        flat = {"name": "Letter", "zones": [{"prefectures": [], "fees": [{"up_to": 160, "fee": 250}]}]}
        assert other.refused("POST", path, flat) == (403, "auth.forbidden")
        made = seller.ask("POST", path, flat)
        assert other.ask("GET", path) == [made]
        one = f"/shipping/{made['id']}"
        nowhere_else = {**flat, "zones": [{"prefectures": ["東京都"], "fees": [{"up_to": 160, "fee": 250}]}]}
        assert seller.refused("PUT", one, nowhere_else) == (422, "input.invalid")
        assert seller.ask("PUT", one, {**flat, "each_more": 100})["shipping"]["each_more"] == 100
        new = {"title": "Dish", "condition": "new", "price": 900, "variants": [{"stock": 1}], "shipping_id": made["id"]}
        listing = seller.ask("POST", f"/stores/{store['id']}/listings", new)
        assert listing["shipping"] == {"least": 250, "most": 250, "each_more": 100, "free_over": None}
        seller.ask("DELETE", one)
        assert seller.refused("DELETE", one) == (404, "not_found")
        assert seller.ask("GET", f"/listings/{listing['id']}")["shipping"]["most"] == 800

        trading = seller.ask("GET", "/me/trading")
        assert [trading[sign] for sign in ("listed_month", "listed_now", "sold_month", "sold_year")] == [1, 1, 0, 0]
        assert trading["signs"] == []


def test_a_live_room_hears_that_its_stall_sells_now(market: Program) -> None:
    with market.sign_up("Hayami", "hayami@example.com") as seller, market.api() as viewer:
        store = seller.ask("POST", "/stores", {"name": "Hayami", "handle": "hayami"})
        new = {"title": "Cup", "condition": "new", "price": 900, "variants": [{"stock": 1}]}
        listing = seller.ask("POST", f"/stores/{store['id']}/listings", new)
        plan = {"title": "A cup", "listing_ids": [listing["id"]]}
        show = seller.ask("POST", f"/stores/{store['id']}/shows", plan)
        seller.ask("POST", f"/shows/{show['id']}/go-live")
        snapshot = viewer.ask("GET", f"/shows/{show['id']}/snapshot")
        assert not snapshot["lineup"][0]["listing"]["store"]["selling"]
        with viewer.feed(show["id"], f"{snapshot['epoch']}-{snapshot['offset']}") as feed:
            seller.ask("PATCH", f"/stores/{store['id']}", {"legal": NOTICE})
            event = feed.until("lineup", lambda event: event["items"][0]["listing"]["store"]["selling"])
            assert event["items"][0]["listing"]["id"] == listing["id"]
