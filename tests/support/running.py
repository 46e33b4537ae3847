"""The real program in a process of its own, as a person starts it, and a small client that speaks its API."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg

PATIENCE_S = 60.0
FEED_PATIENCE_S = 10.0
CARD = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2039, "cvc": "123"}
ADDRESS = {
    "family_name": "Yamada",
    "given_name": "Hanako",
    "family_kana": "",
    "given_kana": "",
    "postal_code": "1000001",
    "prefecture": "東京都",
    "city": "千代田区",
    "line1": "千代田 1-1",
    "line2": "",
    "phone": "0312345678",
}
NOTICE = {"seller": "Kiyo Mori", "address": "1-1 Honmachi, Tajimi", "phone": "0572000000", "email": "k@kiyo.example"}
"""What the law asks a seller for; nothing is sold without it."""


class Api(httpx.Client):
    """Speaks as one person (or nobody) with a Bearer token."""

    def __init__(self, url: str, token: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        # A test's certificate is its own, and nobody's who could be asked.
        trusted = not url.startswith("https:")
        super().__init__(base_url=f"{url}/api/v1", headers=headers, timeout=30, trust_env=False, verify=trusted)
        self.account: dict[str, Any] = {}

    def __enter__(self) -> "Api":
        """Unlike httpx, a client that has spoken already may be put into a `with` block."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """The JSON of an answer that must be a good one."""
        headers = {"Idempotency-Key": key} if key else {}
        answer = self.request(method, path, json=body, headers=headers)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def buy(self, *holds: Any, key: str, number: str = "4242424242424242", **wishes: Any) -> Any:
        """Pay for holds with a new card, to be sent to ADDRESS; returns the order."""
        purchase = self.ask("POST", "/purchases", self.wanted(*holds, number=number) | wishes, key=key)
        return self.ask("GET", f"/orders/{purchase['order_id']}")

    def wanted(self, *holds: Any, number: str = "4242424242424242") -> dict[str, Any]:
        """The body of a purchase of holds with a new card, for the total that is shown."""
        ids = [hold["id"] for hold in holds]
        total = self.ask("POST", "/quotes", {"hold_ids": ids, "prefecture": ADDRESS["prefecture"]})["totals"]["total"]
        token = self.ask("POST", "/sandbox/cards", CARD | {"number": number})["token"]
        return {"hold_ids": ids, "address": ADDRESS, "pay": {"type": "card", "token": token}, "total": total}

    def refused(self, method: str, path: str, body: Any = None, **sent: Any) -> tuple[int, str]:
        """Status and code of an answer that must be an error in the one shape errors have."""
        answer = self.request(method, path, json=body, **sent)
        assert answer.status_code >= 400, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        error = answer.json()["error"]
        assert set(error) == {"code", "message", "params"}
        assert isinstance(error["params"], dict)
        return answer.status_code, error["code"]

    @contextlib.contextmanager
    def feed(self, show_id: str, start: str | None = None, *, resume: str | None = None) -> "Iterator[Feed]":
        """The feed of a show, from a position (or, with `resume`, as a browser reconnects)."""
        headers = {"Last-Event-ID": resume} if resume else {}
        params = {"from": start} if start else {}
        with self.stream("GET", f"/shows/{show_id}/feed", params=params, headers=headers) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield Feed(answer)


class Frame(dict[str, str]):
    """One frame of the feed by field: id, event, data."""

    @property
    def kind(self) -> str:
        return self["event"]

    @property
    def events(self) -> list[dict[str, Any]]:
        return list(json.loads(self["data"]))


class Feed:
    """Reads the frames of one open feed."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.iter_lines()
        self._unread: deque[dict[str, Any]] = deque()
        self.seen: list[Frame] = []

    def next(self, end: float | None = None) -> Frame | None:
        """The next frame, or None at the end of the stream; not later than `end` (time.monotonic)."""
        frame = Frame()
        end = end or time.monotonic() + FEED_PATIENCE_S
        for line in self._lines:
            assert time.monotonic() < end, "what was waited for does not come, and the feed goes on"
            if line.startswith(":"):
                continue
            if line:
                name, _, value = line.partition(": ")
                frame[name] = value
            elif frame:
                self.seen.append(frame)
                if frame.kind in ("tick", "mine"):
                    self._unread += frame.events
                return frame
        return None

    def until(self, kind: str, fits: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """Read on to the first event of this kind that fits; what comes after it in its frame is not read yet."""
        end = time.monotonic() + FEED_PATIENCE_S
        while True:
            while self._unread:
                event = self._unread.popleft()
                if event["type"] == kind and fits(event):
                    return event
            assert self.next(end) is not None, f"the feed ended before {kind}"


@dataclass
class Stall:
    """A seller with a stall, a listing and a show, made over the API."""

    seller: Api
    store: dict[str, Any]
    listing: dict[str, Any]
    show: dict[str, Any]
    order: dict[str, Any] = field(default_factory=dict)

    @property
    def show_id(self) -> str:
        return str(self.show["id"])

    @property
    def variant_id(self) -> str:
        return str(self.listing["variants"][0]["id"])


class Program:
    """A running `ennichi`."""

    def __init__(self, process: "subprocess.Popen[str]", port: int, scheme: str) -> None:
        self.process = process
        self.port = port
        self.url = f"{scheme}://localhost:{port}"
        self.output: list[str] = []
        self._reader = threading.Thread(target=self._read, name="program output", daemon=True)
        self._reader.start()

    def api(self, token: str | None = None) -> Api:
        """A client for whoever the token belongs to."""
        return Api(self.url, token)

    def enter(self, who: str) -> Api:
        """Step in as the demo's buyer or seller."""
        with self.api() as nobody:
            return self._signed_in(nobody.ask("POST", "/demo/enter", {"as": who}))

    def sign_up(self, name: str, email: str) -> Api:
        """A new person, by a code from the demo's mail page; each from a network address of its own."""
        with self.api() as nobody:
            nobody.headers["X-Forwarded-For"] = f"198.51.100.{hash(email) % 250 + 1}"
            nobody.ask("POST", "/auth/code", {"email": email})
            mail = next(m for m in nobody.ask("GET", "/demo/mail") if m["to"] == email)
            code = next(word for word in mail["text"].split() if word.isdigit() and len(word) == 6)
            body = {"email": email, "code": code, "name": name}
            return self._signed_in(nobody.ask("POST", "/auth/code/verify", body))

    def stall(self, name: str, *, stock: int = 5, live: bool = True) -> Stall:
        """A new person with a stall of that name, one listing at 1,480 yen and a show with it."""
        seller = self.sign_up(name, f"{name.lower()}@example.com")
        store = seller.ask("POST", "/stores", {"name": name, "handle": name.lower(), "story": ""})
        store = seller.ask("PATCH", f"/stores/{store['id']}", {"legal": NOTICE})
        new = {"title": f"{name}'s bowl", "condition": "new", "price": 1480, "variants": [{"stock": stock}]}
        listing = seller.ask("POST", f"/stores/{store['id']}/listings", new)
        plan = {"title": f"{name} shows a bowl", "listing_ids": [listing["id"]]}
        show = seller.ask("POST", f"/stores/{store['id']}/shows", plan)
        if live:
            show = seller.ask("POST", f"/shows/{show['id']}/go-live")
        return Stall(seller, store, listing, show)

    def stop(self) -> int:
        """Ask it to stop, and wait; returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=15)
        finally:
            if self.process.poll() is None:
                self.process.kill()
            self._reader.join(timeout=5)

    def wait_until_open(self) -> None:
        """Return once it answers."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            assert self.process.poll() is None, "".join(self.output)
            with contextlib.suppress(httpx.TransportError), self.api() as api:
                if api.get("/health").is_success:
                    return
            time.sleep(0.05)
        raise AssertionError("".join(self.output))

    def _signed_in(self, session: dict[str, Any]) -> Api:
        api = self.api(session["token"])
        api.account = session["account"]
        return api

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as lines:
            self.output.extend(lines)


@contextlib.contextmanager
def started(command: str, port: int, *options: str, environ: Mapping[str, str] | None = None) -> Iterator[Program]:
    """`ennichi COMMAND --port PORT OPTIONS` until the end of the block; it may be killed meanwhile."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ennichi", command, "--port", str(port), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "ENNICHI_DEMO_LANG": "en", "PYTHONUNBUFFERED": "1", **(environ or {})},
    )
    program = Program(process, port, "https" if "--tls-cert" in options else "http")
    try:
        program.wait_until_open()
        yield program
    finally:
        if process.poll() is None:
            program.stop()


@contextlib.contextmanager
def running(command: str, *options: str, environ: Mapping[str, str] | None = None) -> Iterator[Program]:
    """The same at a spare port."""
    with started(command, spare_port(), *options, environ=environ) as program:
        yield program


@contextlib.contextmanager
def fresh_database(postgres_url: str, template: str, name: str) -> Iterator[str]:
    """A database of its own for a program that outlives one test."""
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        conn.execute(f"create database {name} template {template}".encode())
        try:
            yield urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))
        finally:
            conn.execute(f"drop database {name} with (force)".encode())


def spare_port() -> int:
    """A port that is free for TCP and for UDP."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
            tcp.bind(("127.0.0.1", 0))
            port = int(tcp.getsockname()[1])
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, contextlib.suppress(OSError):
                udp.bind(("127.0.0.1", port))
                return port


@contextlib.contextmanager
def demo_on(postgres_url: str, template: str, name: str) -> Iterator[Program]:
    """The demo without robots, on a database of the tests' server."""
    with (
        fresh_database(postgres_url, template, name) as url,
        running("demo", "--no-robots", environ={"DATABASE_URL": url}) as program,
    ):
        yield program


def some_photo() -> bytes:
    """A small picture, as a camera would hand it over."""
    return (Path(__file__).parents[2] / "src/ennichi/demo/pictures/p-bowl.webp").read_bytes()
