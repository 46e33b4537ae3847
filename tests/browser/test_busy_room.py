"""In a busy room something happens several times a second; nothing that waits for a moment may wait for ever."""

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import expect
from tests.browser.conftest import PATIENCE_MS, Launch, Visit
from tests.support.footage import BOTTLES
from tests.support.running import Api, Program, Stall

expect.set_options(timeout=PATIENCE_MS)
# The canvas is waited for a second, a pinned line stands twelve: both far longer than this.
LIKES_EVERY_S = 0.25


def test_comments_fly_and_pinned_lines_fold_while_likes_pour_in(market: Program, launch: Launch, visit: Visit) -> None:
    stall = market.stall("Rush")
    with (
        stall.seller as seller,
        market.sign_up("Mio", "mio-rush@example.com") as mio,
        _picture(market, stall),
        _likes(mio, stall),
    ):
        page = visit(launch(), phone=True).open(f"/shows/{stall.show_id}")
        # Their canvas comes a second after the first frame.
        expect(page.locator(".sky canvas")).to_be_attached()

        # Over the picture, which leaves it room, a pinned line is there to be read, and then is a single one.
        seller.ask("PUT", f"/shows/{stall.show_id}/notice", {"text": "Two for one until nine"})
        pinned = page.get_by_role("button", name=re.compile("Two for one until nine"))
        expect(pinned).to_have_attribute("aria-expanded", "true")
        before = seller.ask("GET", f"/shows/{stall.show_id}/snapshot")["likes"]
        expect(pinned).to_have_attribute("aria-expanded", "false")
        assert seller.ask("GET", f"/shows/{stall.show_id}/snapshot")["likes"] > before + 12


@contextmanager
def _picture(market: Program, stall: Stall) -> Iterator[None]:
    """The stall sends footage; without a picture pinned lines are folded from the start."""
    show, token = f"{market.url}/shows/{stall.show_id}", stall.seller.headers["authorization"].removeprefix("Bearer ")
    sending = subprocess.Popen(
        [sys.executable, "-m", "ennichi", "publish", str(BOTTLES), "--show", show, "--token", token, "--loop"],
        stdout=subprocess.DEVNULL,
    )
    try:
        yield
        assert sending.poll() is None
    finally:
        sending.terminate()
        sending.wait(timeout=15)


@contextmanager
def _likes(who: Api, stall: Stall) -> Iterator[None]:
    """Somebody likes the show without a pause."""
    over = threading.Event()

    def pour() -> None:
        while not over.is_set():
            who.ask("POST", f"/shows/{stall.show_id}/likes", {"count": 1})
            time.sleep(LIKES_EVERY_S)

    pouring = threading.Thread(target=pour)
    pouring.start()
    try:
        yield
    finally:
        over.set()
        pouring.join()
