"""Glass to glass: milliseconds from a picture on the seller's canvas to the same picture on the viewer's.

Two Chromiums and the running program on one machine. The seller's page draws the time as a barcode, the viewer's reads
it at each refresh of its screen. The floor is the same canvas captured and shown in one page, without encoder, network
or decoder.

    python -m bench.video.glass [seconds]
"""

import sys
from typing import Any

from bench.table import Row, table
from bench.video.stage import build_pages, chromium, quantile, serving_pages
from playwright.sync_api import Browser, Page, sync_playwright
from tests.support.running import Api, running

P50_MS, P95_MS = 150, 250
SETTLE_MS = 3000


def main(seconds: float = 15) -> int:
    """Measure and print; 1 when a bound is broken."""
    build_pages()
    with running("demo", "--no-robots") as program, serving_pages() as pages, sync_playwright() as playwright:
        seller, nobody = program.enter("seller"), program.api()
        show = _live_show(seller)
        sending, seeing = chromium(playwright), chromium(playwright)
        floor = _floor(seeing, pages, seconds / 3)
        sender = _page(sending, seller, show, "publish")
        sender.goto(f"{pages}/send.html")
        viewer = _page(seeing, nobody, show, "watch")
        viewer.goto(f"{pages}/see.html")
        viewer.wait_for_function("window.states?.some((state) => state.endsWith('first frame'))", timeout=20_000)
        viewer.wait_for_timeout(SETTLE_MS)
        reading = viewer.evaluate("(seconds) => window.read(seconds)", seconds)
        for browser in (sending, seeing):
            browser.close()
    delays = reading["delays"]
    held = table(
        f"Glass to glass, 720p at 30 frames a second ({len(delays)} frames seen, {reading['torn']} torn)",
        [
            Row("p50", quantile(delays, 0.50), "ms", P50_MS),
            Row("p95", quantile(delays, 0.95), "ms", P95_MS),
            Row("floor, same page, no network: p50", quantile(floor, 0.50), "ms"),
            Row("floor, same page, no network: p95", quantile(floor, 0.95), "ms"),
        ],
    )
    return 0 if held else 1


def _live_show(seller: Api) -> str:
    store = seller.ask("GET", "/me")["stores"][0]
    for show in seller.ask("GET", f"/stores/{store['id']}/shows"):
        if show["state"] == "live":
            return str(show["id"])
    body = {"title": "Glass to glass", "listing_ids": []}
    show = seller.ask("POST", f"/stores/{store['id']}/shows", body)
    return str(seller.ask("POST", f"/shows/{show['id']}/go-live")["id"])


def _page(browser: Browser, person: Api, show: str, role: str) -> Page:
    """A page that can ask for tickets of this role."""

    def ticket() -> Any:
        return person.ask("POST", f"/shows/{show}/tickets", {"role": role})

    page = browser.new_context(permissions=["microphone"]).new_page()
    page.expose_function("ticket", ticket)
    page.on("pageerror", lambda error: print(f"{role}: {error}", file=sys.stderr))
    return page


def _floor(browser: Browser, pages: str, seconds: float) -> list[float]:
    page = browser.new_page()
    page.goto(f"{pages}/floor.html")
    page.wait_for_function("window.read")
    page.wait_for_timeout(500)
    delays: list[float] = page.evaluate("(seconds) => window.read(seconds)", seconds)["delays"]
    page.close()
    return delays


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:2])))
