"""The first sale over HTTP alone, against a running demo: open a stall, list, go live, ask, like, hold, confirm.

    make run                                      # in one terminal
    .venv/bin/python examples/first_sale.py       # in another; the address as an argument, if it is another

Everything here is what the pages do, described at /api/openapi.json. Python's standard library is enough.
"""

import json
import struct
import sys
import threading
import urllib.error
import urllib.request
import uuid
import zlib
from typing import Any


class Person:
    """Somebody who speaks to the API; signed in after `sign_in`."""

    def __init__(self, market: str, name: str) -> None:
        self.market = market
        self.name = name
        self.token = ""

    def ask(self, method: str, path: str, body: Any = None, *, key: str = "", kind: str = "application/json") -> Any:
        """Send a request and return the JSON of the answer; problems end the program with their code."""
        headers = {"Content-Type": kind}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if key:
            headers["Idempotency-Key"] = key
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.market}/api/v1{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
        except urllib.error.HTTPError as refusal:
            problem = json.load(refusal)["error"]
            sys.exit(f"{self.name}: {method} {path} was refused: {problem['code']} {problem['params']}")
        except urllib.error.URLError as silence:
            sys.exit(f"Nothing answers at {self.market} ({silence.reason}); start it with `make run`.")
        return json.loads(text) if text else None

    def sign_in(self) -> None:
        """With a code by e-mail; a demo's mail can be read on a page."""
        email = f"{self.name.lower()}-{uuid.uuid4().hex[:8]}@example.com"
        self.ask("POST", "/auth/code", {"email": email})
        mail = next(mail for mail in self.ask("GET", "/demo/mail") if mail["to"] == email)
        code = next(word for word in mail["text"].split() if word.isdigit() and len(word) == 6)
        self.token = self.ask("POST", "/auth/code/verify", {"email": email, "code": code, "name": self.name})["token"]


def main() -> None:
    """Sell something, and say what happens."""
    market = (sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000").rstrip("/")
    seller, buyer = Person(market, "Hanako"), Person(market, "Taro")
    seller.sign_in()
    buyer.sign_in()
    show, listing = open_a_stall(seller)
    heard = Listener(market, show["id"], seller.token)
    talk(buyer, seller, show["id"], heard)
    buy(buyer, show["id"], listing, heard)
    seller.ask("POST", f"/shows/{show['id']}/end")
    say("Hanako ends the show.")


def open_a_stall(seller: Person) -> tuple[dict[str, Any], dict[str, Any]]:
    """A stall with one listing, and a show that is live."""
    handle = f"bowls-{uuid.uuid4().hex[:8]}"
    store = seller.ask("POST", "/stores", {"name": "Hanako's bowls", "handle": handle, "story": "Thrown by hand."})
    say(f"Hanako opens a stall: {seller.market}/stores/{store['handle']}")
    photo = seller.ask("POST", "/photos", a_drawn_photo(), kind="image/png")
    listing = seller.ask(
        "POST",
        f"/stores/{store['id']}/listings",
        {
            "title": "Rice bowl, ash glaze",
            "story": "12 cm across, from wood-fired clay.",
            "condition": "new",
            "price": 3200,
            "tax_rate": 10,
            "photo_ids": [photo["id"]],
            "variants": [{"name": "", "stock": 3}],
        },
    )
    say(f"She lists {listing['title']!r} at ¥{listing['price']:,}, {listing['available']} pieces.")
    plan = {"title": "Bowls, fresh from the kiln", "listing_ids": [listing["id"]]}
    show = seller.ask("POST", f"/stores/{store['id']}/shows", plan)
    show = seller.ask("POST", f"/shows/{show['id']}/go-live")
    seller.ask("PUT", f"/shows/{show['id']}/pin", {"listing_id": listing["id"]})
    say(f"She goes live and pins it: {seller.market}/shows/{show['id']}")
    say(f"(To send a picture into the show: ennichi publish FILE --show {seller.market}/shows/{show['id']})")
    return show, listing


def talk(buyer: Person, seller: Person, show_id: str, heard: "Listener") -> None:
    """A question, likes, an answer."""
    line = buyer.ask("POST", f"/shows/{show_id}/messages", {"text": "Is it safe in the microwave?"})
    heard.wait_for("question")
    say(f"Taro asks {line['text']!r}; it is in Hanako's queue.")
    likes = buyer.ask("POST", f"/shows/{show_id}/likes", {"count": 5})["likes"]
    say(f"He likes what he sees: {likes} likes.")
    seller.ask("PUT", f"/shows/{show_id}/questions/{line['id']}", {"state": "answering"})
    seller.ask("POST", f"/shows/{show_id}/messages", {"text": "It is. I use mine every day."})
    seller.ask("PUT", f"/shows/{show_id}/questions/{line['id']}", {"state": "answered"})
    say("Hanako answers.")


def buy(buyer: Person, show_id: str, listing: dict[str, Any], heard: "Listener") -> None:
    """Hold, look once more, confirm."""
    wanted = {"variant_id": listing["variants"][0]["id"], "quantity": 1, "show_id": show_id}
    hold = buyer.ask("POST", "/holds", wanted, key=str(uuid.uuid4()))
    totals = hold["totals"]
    say(f"Taro holds one until {hold['expires_at']}: ¥{totals['total']:,} with ¥{totals['shipping']:,} shipping.")
    # The card goes to the payment gateway, here its sandbox; the market only sees a token.
    card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2039, "cvc": "123"}
    token = buyer.ask("POST", "/sandbox/cards", card)["token"]
    address = {
        "family_name": "山田",
        "given_name": "太郎",
        "family_kana": "ヤマダ",
        "given_kana": "タロウ",
        "postal_code": "1000001",
        "prefecture": "東京都",
        "city": "千代田区",
        "line1": "千代田 1-1",
        "line2": "",
        "phone": "0312345678",
    }
    confirmation = {"address": address, "card_token": token, "save": True}
    order = buyer.ask("POST", f"/holds/{hold['id']}/confirm", confirmation, key=str(uuid.uuid4()))
    say(f"He confirms: order {order['number']}, paid with {order['paid_with']['brand']}.")
    sale = heard.wait_for("sale")
    say(f"Hanako hears of it on the feed: {sale['sales']['units']} sold, ¥{sale['sales']['amount']:,} so far.")


class Listener:
    """Hears a show's feed (Server-Sent Events) in a thread of its own."""

    def __init__(self, market: str, show_id: str, token: str) -> None:
        self._seen: dict[str, dict[str, Any]] = {}
        self._news = threading.Condition()
        headers = {"Authorization": f"Bearer {token}"}
        request = urllib.request.Request(f"{market}/api/v1/shows/{show_id}/feed", headers=headers)
        self._lines = urllib.request.urlopen(request, timeout=60)
        threading.Thread(target=self._listen, daemon=True).start()

    def wait_for(self, kind: str) -> dict[str, Any]:
        """The last event of that kind, as soon as there is one."""
        with self._news:
            if not self._news.wait_for(lambda: kind in self._seen, timeout=10):
                sys.exit(f"nothing of kind {kind!r} came over the feed")
            return self._seen[kind]

    def _listen(self) -> None:
        for line in self._lines:
            if not line.startswith(b"data: ["):
                continue
            with self._news:
                for event in json.loads(line[len(b"data: ") :]):
                    self._seen[event["type"]] = event
                self._news.notify_all()


def a_drawn_photo(size: int = 320) -> bytes:
    """A bowl on a table, as PNG."""
    rows = []
    for y in range(size):
        row = bytearray([0])
        for x in range(size):
            dx, dy = (x - size / 2) / (size * 0.36), (y - size * 0.42) / (size * 0.34)
            bowl = dy > 0 and dx * dx + dy * dy < 1
            row += bytes((205, 214, 200) if bowl else (214, 190, 160) if y > size * 0.7 else (246, 236, 220))
        rows.append(bytes(row))
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0))
        + _chunk(b"IDAT", zlib.compress(b"".join(rows)))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def say(sentence: str) -> None:
    """One line of the story."""
    print(f"  {sentence}")


if __name__ == "__main__":
    main()
