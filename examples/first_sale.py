"""The first live sale over HTTP alone: a seller opens a stall and goes live, a second person asks, likes and buys.

Start a demo market (`make run`), then, with nothing but Python:

    python3 examples/first_sale.py http://localhost:8000

Every call is one line of /api/v1, described at /api/openapi.json. The video is left out: see `ennichi publish`.
"""

import json
import math
import secrets
import struct
import sys
import threading
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from typing import Any

# What the law asks of who sells: a stall whose notice is not complete sells nothing.
NOTICE = {"seller": "Ai Mori", "address": "1-1 Honmachi, Tajimi", "phone": "0572-00-0000", "email": "ai@indigo.example"}
TEST_CARD = {"number": "4242 4242 4242 4242", "exp_month": 12, "exp_year": 2039, "cvc": "123"}


class Person:
    """Somebody who is signed in, and what they say to the market."""

    def __init__(self, market: str, who: str) -> None:
        self._api = f"{market.rstrip('/')}/api/v1"
        self._token = ""
        session = self.ask("POST", "/demo/enter", {"as": who})
        self._token = session["token"]
        self.name = session["account"]["name"]

    def ask(self, method: str, path: str, body: object = None, *, key: str | None = None) -> Any:
        """Send JSON (or, for a photo, bytes); return the JSON that comes back."""
        raw = isinstance(body, bytes)
        headers = {"Content-Type": "image/png" if raw else "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        with self._open(method, path, data, headers) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def listen(self, show_id: str, position: str) -> Iterator[dict[str, Any]]:
        """What happens in the room after `position`, until the stream ends."""
        with self._open("GET", f"/shows/{show_id}/feed?from={position}") as stream:
            for line in stream:
                if line.startswith(b"data: ["):
                    yield from json.loads(line[6:])

    def _open(self, method: str, path: str, data: bytes | None = None, headers: dict[str, str] | None = None) -> Any:
        request = urllib.request.Request(self._api + path, data, headers or {}, method=method)
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        try:
            return urllib.request.urlopen(request, timeout=60)
        except urllib.error.HTTPError as problem:
            error = json.load(problem)["error"]
            raise SystemExit(f"{method} {path}: {error['code']}: {error['message']} {error['params']}") from None


class Ears:
    """Listens to a show in the background and says what it hears."""

    def __init__(self, person: Person, show_id: str) -> None:
        snapshot = person.ask("GET", f"/shows/{show_id}/snapshot")
        self._events = person.listen(show_id, f"{snapshot['epoch']}-{snapshot['offset']}")
        self._who = person.name
        self._thread = threading.Thread(target=self._hear, daemon=True)
        self._thread.start()

    def until_the_end(self) -> None:
        """Wait until the show is over."""
        self._thread.join(timeout=10)

    def _hear(self) -> None:
        for event in self._events:
            match event:
                case {"type": "question", "question": {"state": "open", "line": line}}:
                    print(f"    {self._who} hears a question of {line['account']['name']}: {line['text']}")
                case {"type": "likes", "total": total}:
                    print(f"    {self._who} sees {total} likes")
                case {"type": "stock", "available": left}:
                    print(f"    {self._who} sees {left} left")
                case {"type": "sale", "order": order, "sales": sales}:
                    print(f"    {self._who} hears of order {order['number']}; sales so far: {sales['amount']:,} yen")
                case {"type": "show", "state": "ended"}:
                    return


def bowl(size: int = 480) -> bytes:
    """A PNG of an indigo bowl on a wooden table, drawn point by point."""
    rows = []
    for y in range(size):
        row = bytearray([0])
        for x in range(size):
            across, down = (x - size / 2) / (size / 2), (y - size * 0.62) / (size * 0.26)
            inside = math.hypot(across / 0.8, down) < 1 and down > -0.55
            grain = int(10 * math.sin(y / 7 + 3 * math.sin(x / 90)))
            shade = int(90 * (1 - math.hypot(across + 0.3, down + 0.4) / 2))
            row += bytes(
                (40 + shade // 2, 60 + shade, 120 + shade) if inside else (176 + grain, 134 + grain, 92 + grain)
            )
        rows.append(bytes(row))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"".join(rows)))
        + chunk(b"IEND", b"")
    )


def open_stall(seller: Person) -> tuple[dict[str, Any], dict[str, Any]]:
    """A stall with one thing for sale; returns both."""
    handle = f"indigo-{secrets.token_hex(3)}"
    store = seller.ask("POST", "/stores", {"name": "Indigo bowls", "handle": handle, "story": "Fired twice."})
    print(f"{seller.name} opens the stall {store['name']!r} at /stores/{handle}")
    store = seller.ask("PATCH", f"/stores/{store['id']}", {"legal": NOTICE})
    photo = seller.ask("POST", "/photos", bowl())
    new = {
        "title": "Indigo bowl",
        "story": "Fired twice. Holds a generous helping of rice.",
        "condition": "new",
        "price": 3200,
        "tax_rate": 10,
        "photo_ids": [photo["id"]],
        "variants": [{"name": "small", "stock": 3}, {"name": "large", "stock": 1, "price": 4800}],
    }
    listing = seller.ask("POST", f"/stores/{store['id']}/listings", new)
    print(f"{seller.name} lists {listing['title']!r}: {listing['available']} of them, from {listing['price']:,} yen")
    return store, listing


def buy(buyer: Person, show_id: str, variant_id: str) -> dict[str, Any]:
    """Hold two, look at what they come to, buy. The keys make it safe to send each request again."""
    wanted = {"variant_id": variant_id, "quantity": 2, "show_id": show_id}
    hold = buyer.ask("POST", "/holds", wanted, key=secrets.token_hex(8))
    quote = buyer.ask("POST", "/quotes", {"hold_ids": [hold["id"]]})
    totals = quote["totals"]
    print(
        f"{buyer.name} holds {hold['quantity']} until {hold['expires_at'][11:19]} UTC: {totals['total']:,} yen"
        f" with {totals['shipping']:,} shipping and {totals['tax']:,} tax"
    )
    card = buyer.ask("POST", "/sandbox/cards", TEST_CARD)
    paying = {
        "hold_ids": quote["hold_ids"],
        "address": quote["address"],
        "pay": {"type": "card", "token": card["token"]},
        "total": totals["total"],
    }
    purchase = buyer.ask("POST", "/purchases", paying, key=secrets.token_hex(8))
    order: dict[str, Any] = buyer.ask("GET", f"/orders/{purchase['order_id']}")
    print(f"{buyer.name} buys: order {order['number']} is {order['state']}, paid with {order['paid_with']['brand']}")
    return order


def first_sale(market: str) -> None:
    """The whole story."""
    seller, buyer = Person(market, "seller"), Person(market, "buyer")
    store, listing = open_stall(seller)
    plan = {"title": "Two firings, one colour", "listing_ids": [listing["id"]]}
    show_id = seller.ask("POST", f"/stores/{store['id']}/shows", plan)["id"]
    seller.ask("POST", f"/shows/{show_id}/go-live")
    print(f"{seller.name} is live: {market.rstrip('/')}/shows/{show_id}")
    ears = Ears(seller, show_id)
    seller.ask("PUT", f"/shows/{show_id}/pin", {"listing_id": listing["id"]})

    question = buyer.ask("POST", f"/shows/{show_id}/messages", {"text": "Can it go into the oven?"})
    print(f"{buyer.name} asks: {question['text']}")
    seller.ask("PUT", f"/shows/{show_id}/questions/{question['id']}", {"state": "answering"})
    seller.ask("POST", f"/shows/{show_id}/messages", {"text": "It can. It has seen 1,250 degrees."})
    print(f"{seller.name} answers")
    seller.ask("PUT", f"/shows/{show_id}/questions/{question['id']}", {"state": "answered"})
    buyer.ask("POST", f"/shows/{show_id}/likes", {"count": 5})

    order = buy(buyer, show_id, listing["variants"][0]["id"])
    sold = seller.ask("GET", f"/stores/{store['id']}/orders")
    print(f"{seller.name} finds order {sold[0]['number']} of {sold[0]['buyer']['name']} to be sent")
    left = buyer.ask("GET", f"/listings/{listing['id']}")["available"]
    seller.ask("POST", f"/shows/{show_id}/end")
    ears.until_the_end()
    print(f"The show is over: {order['quantity']} sold, {left} left")


if __name__ == "__main__":
    first_sale(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000")
