"""The whole story over HTTP: a seller, a buyer and a third person at one stall, as their programs would tell it."""

import re
import threading
import time

import httpx
from tests.support.running import ADDRESS, NOTICE, Feed, Program, demo_on, some_photo

MOMENT = re.compile(r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\Z")


def test_somebody_goes_live_and_sells(market: Program) -> None:
    with (
        market.sign_up("Kiyo", "kiyo@example.com") as seller,
        market.sign_up("Ren", "ren@example.com") as buyer,
        market.api() as third,
    ):
        # The seller opens a stall, lists a bowl with a photo, plans a show.
        sent = seller.post("/photos", content=some_photo(), headers={"Content-Type": "image/webp"})
        assert sent.status_code == 201, sent.text
        store = seller.ask("POST", "/stores", {"name": "Kiyo's bowls", "handle": "kiyo", "story": "", "face_id": None})
        assert not store["selling"]
        store = seller.ask("PATCH", f"/stores/{store['id']}", {"legal": NOTICE})
        assert store["selling"]
        new = {
            "title": "Rice bowl",
            "story": "Ash glaze.",
            "condition": "good",
            "price": 3200,
            "tax_rate": 10,
            "photo_ids": [sent.json()["id"]],
            "variants": [{"name": "small", "stock": 4}, {"name": "large", "stock": 1, "price": 4800}],
        }
        listing = seller.ask("POST", f"/stores/{store['id']}/listings", new)
        assert (listing["price"], listing["available"]) == (3200, 5)
        photo = httpx.get(market.url + listing["photos"][0]["small"], trust_env=False)
        assert photo.headers["content-type"] == "image/webp"
        plan = {"title": "Bowls tonight", "listing_ids": [listing["id"]]}
        show = seller.ask("POST", f"/stores/{store['id']}/shows", plan)
        path = f"/shows/{show['id']}"
        assert show["state"] == "scheduled"
        assert buyer.refused("POST", f"{path}/tickets", {"role": "watch"}) == (409, "show.wrong_state")

        # Live: the market shows it, and whoever comes gets a ticket to the video.
        show = seller.ask("POST", f"{path}/go-live")
        assert (show["state"], show["mine"]) == ("live", True)
        assert MOMENT.match(show["started_at"])
        assert show["id"] in [tile["id"] for tile in third.ask("GET", "/market")["live"]]
        ticket = third.ask("POST", f"{path}/tickets", {"role": "watch"})
        assert re.match(rf"https://(localhost|127\.0\.0\.1):{market.port}/", ticket["url"])
        assert re.fullmatch(r"[0-9a-f]{64}", ticket["fingerprint"])

        # Everybody listens. The buyer asks; the seller hears of a question, the others of a line.
        snapshot = third.ask("GET", f"{path}/snapshot")
        assert (snapshot["sales"], snapshot["mine"], snapshot["questions"]) == (None, None, [])
        start = f"{snapshot['epoch']}-{snapshot['offset']}"
        with (
            seller.feed(show["id"], start) as at_seller,
            buyer.feed(show["id"], start) as at_buyer,
            third.feed(show["id"], start) as at_third,
        ):
            seller.ask("PUT", f"{path}/pin", {"listing_id": listing["id"]})
            assert at_third.until("pinned")["listing_id"] == listing["id"]
            line = buyer.ask("POST", f"{path}/messages", {"text": " Is it safe in a dishwasher? "})
            assert (line["text"], line["question"]) == ("Is it safe in a dishwasher?", True)
            asked = at_seller.until("question")["question"]
            assert (asked["id"], asked["state"]) == (line["id"], "open")
            assert at_third.until("line")["line"] == line
            seller.ask("PUT", f"{path}/questions/{line['id']}", {"state": "answering"})
            assert at_third.until("answering")["question"]["id"] == line["id"]
            seller.ask("PUT", f"{path}/questions/{line['id']}", {"state": "answered"})
            assert third.ask("POST", f"{path}/likes", {"count": 3}) == {"likes": 3}
            assert at_buyer.until("likes")["total"] == 3

            # The buyer holds two; stock falls for the third person before anything is paid.
            wanted = {"variant_id": listing["variants"][0]["id"], "quantity": 2, "show_id": show["id"]}
            hold = buyer.ask("POST", "/holds", wanted, key="bowl-1")
            assert hold["totals"]["items"] == 6400
            assert hold["totals"]["total"] == 6400 + hold["totals"]["shipping"]
            assert at_third.until("stock")["available"] == 2
            assert at_buyer.until("hold")["hold"]["id"] == hold["id"]

            # Bought and paid: an order on both sides, and nothing of it for the third person.
            order = buyer.buy(hold, key="bowl-1-purchase", save=True)
            assert (order["state"], order["role"], order["total"]) == ("paid", "buyer", hold["totals"]["total"])
            assert at_buyer.until("order")["order"]["id"] == order["id"]
            sale = at_seller.until("sale")
            assert sale["order"]["id"] == order["id"]
            assert sale["sales"] == {"amount": 6400, "orders": 1, "units": 2, "listings": {listing["id"]: 2}}
            assert buyer.ask("GET", "/me/orders")[0]["number"] == order["number"]
            assert seller.ask("GET", f"/stores/{store['id']}/orders")[0]["id"] == order["id"]
            seen = seller.ask("GET", f"/orders/{order['id']}")
            assert (seen["role"], seen["address"]["line1"]) == ("seller", ADDRESS["line1"])
            assert third.ask("GET", f"{path}/snapshot")["stock"][0]["available"] == 2

            # The end.
            assert seller.ask("POST", f"{path}/end")["state"] == "ended"
            assert at_third.until("show")["state"] == "ended"
            kinds = {event["type"] for frame in at_third.seen for event in frame.events}
            assert kinds.isdisjoint({"order", "hold", "sale", "question"})
            assert all(frame.kind == "tick" for frame in at_third.seen)
        assert buyer.refused("POST", f"{path}/messages", {"text": "late"}) == (409, "room.closed")
        again = third.ask("GET", f"{path}/snapshot")
        assert [line["text"] for line in again["lines"]] == ["Is it safe in a dishwasher?"]
        mine = buyer.ask("GET", f"{path}/snapshot")["mine"]
        assert (mine["holds"], [order["id"] for order in mine["orders"]]) == ([], [order["id"]])


def test_the_feed_as_a_browser_reads_it(market: Program) -> None:
    stall = market.stall("Feedstall")
    show_id = stall.show_id
    with stall.seller as seller, market.sign_up("Ann", "ann@example.com") as ann, market.api() as nobody:
        with seller.feed(show_id) as feed:
            first = feed.next()
            assert first is not None
            epoch, offset = first["id"].rsplit("-", 1)
            assert (first.kind, first.events) == ("tick", [])
            ann.ask("POST", f"/shows/{show_id}/messages", {"text": "soft?"})
            feed.until("line")
            kinds = [(frame.kind, "id" in frame) for frame in feed.seen if frame.events]
            # What is private comes right before its tick, and carries no id of its own.
            assert ("mine", False) in kinds
            assert all(has_id for kind, has_id in kinds if kind == "tick")
            question = next(n for n, frame in enumerate(feed.seen) if frame.kind == "mine")
            assert feed.seen[question + 1].kind == "tick"
            assert int(feed.seen[-1]["id"].rsplit("-", 1)[1]) > int(offset)
        # Last-Event-ID brings what was missed, and wins over the `from` of the first address.
        with seller.feed(show_id, feed.seen[-1]["id"], resume=f"{epoch}-{offset}") as again:
            kinds_missed = [event["type"] for event in missed(again)]
            assert (kinds_missed.count("question"), kinds_missed.count("line")) == (1, 1)
        for position in ("other-1", f"{epoch}-99999", "nonsense"):
            with nobody.feed(show_id, position) as lost:
                frame = lost.next()
                assert frame is not None
                assert (frame.kind, frame["data"]) == ("reset", "{}")
                assert lost.next() is None


def missed(feed: Feed) -> list[dict[str, object]]:
    """The events of the first frames, up to and with the first tick."""
    events: list[dict[str, object]] = []
    while (frame := feed.next()) is not None:
        events += frame.events
        if frame.kind == "tick":
            break
    return events


def test_streams_are_told_to_come_back_when_the_program_stops(postgres_url: str, migrated: str) -> None:
    with demo_on(postgres_url, migrated, "stopping") as program, program.api() as nobody:
        live = nobody.ask("GET", "/market")["live"][0]["id"]
        frames: list[str] = []
        hears = threading.Event()

        def listen() -> None:
            with nobody.feed(live) as feed:
                while (frame := feed.next()) is not None:
                    frames.append(frame.kind)
                    hears.set()

        listener = threading.Thread(target=listen)
        listener.start()
        assert hears.wait(10)
        begun = time.monotonic()
        assert program.stop() == 0, "".join(program.output)
        assert time.monotonic() - begun < 5
        listener.join(5)
        assert frames[-1] == "bye"


def test_every_page_arrives_with_its_first_data(market: Program) -> None:
    stall = market.stall("Pagestall")
    with httpx.Client(base_url=market.url, trust_env=False) as visitor, stall.seller:
        for path in ("/", f"/shows/{stall.show_id}", "/stores/pagestall", f"/listings/{stall.listing['id']}"):
            page = visitor.get(path, params={"lang": "en"})
            assert page.status_code == 200, path
            assert page.headers["content-type"].startswith("text/html")
            assert 'id="boot"' in page.text
            assert "Pagestall" in page.text
        assert visitor.get("/shows/nosuchshow").status_code == 404
        assert "og:title" in visitor.get(f"/shows/{stall.show_id}").text
