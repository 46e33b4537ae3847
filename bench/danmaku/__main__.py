"""Thirty lines a second on a phone-sized screen: what flying comments cost each frame, and whether frames are on time.

First in the real watch page: the demo's robot is live with real footage, a crowd speaks through the API, one Chromium
watches and is traced; the same page with the comments switched off is the floor. Then the comments alone on a page,
with a main thread made four times slower, which stands in for a phone: the rest of that page would have its own
slowness, and the program on the same machine would take its share.

    python -m bench.danmaku [seconds]
"""

import json
import sys
from pathlib import Path
from urllib.parse import quote

from bench.danmaku.crowd import WORDS, Crowd
from bench.danmaku.trace import Frames, traced
from bench.table import Row, table
from bench.video.first_frame import FIRST_FRAME
from bench.video.stage import ROOT, build_pages, chromium, quantile, serving_pages
from playwright.sync_api import Browser, Page, Playwright, ViewportSize, sync_playwright
from tests.support.running import Program, running

RATE = 30
REFRESH_MS = round(1000 / 60, 1)
OWN_MS, LATE_MS = 2, 25
SLOWER = 4
SETTLE_MS = 6000
WIDTH, HEIGHT = 390, 844
HERE = Path(__file__).parent
BUILT = ROOT / "bench" / "results" / "danmaku"


def main(seconds: float = 20) -> int:
    """Measure and print; 1 when a bound is broken."""
    with sync_playwright() as playwright:
        flying, floor = _in_the_room(playwright, seconds)
        phone = _alone(playwright, seconds)
    slow = f"alone, main thread {SLOWER} times slower"
    held = table(
        f"Flying comments, {RATE} lines a second at {WIDTH}x{HEIGHT} and 2 px per CSS px, no GPU, {seconds:g} s each",
        [
            Row("watch page, drawing them in a frame: p50", quantile(flying.own, 0.50), "ms"),
            Row("watch page, drawing them in a frame: p95", quantile(flying.own, 0.95), "ms", OWN_MS),
            Row("watch page, drawing them in a frame: slowest", flying.own[-1], "ms"),
            Row("watch page, everything in a frame: p95", quantile(flying.work, 0.95), "ms"),
            Row("floor, the same with comments off: p95", quantile(floor.work, 0.95), "ms"),
            Row("watch page, from frame to frame: p50", quantile(flying.between, 0.50), "ms"),
            Row("watch page, from frame to frame: p95", quantile(flying.between, 0.95), "ms", LATE_MS),
            Row(f"{slow}, everything in a frame: p95", quantile(phone.work, 0.95), "ms", REFRESH_MS),
            Row(f"{slow}, from frame to frame: p50", quantile(phone.between, 0.50), "ms"),
            Row(f"{slow}, from frame to frame: p95", quantile(phone.between, 0.95), "ms", LATE_MS),
        ],
    )
    return 0 if held else 1


def _in_the_room(playwright: Playwright, seconds: float) -> tuple[Frames, Frames]:
    """The watch page with comments flying, and with them switched off."""
    with running("demo") as program:
        show = _live_show(program)
        crowd = Crowd(program, show, RATE)
        browser = chromium(playwright)
        page = _phone(browser, f"{program.url}/shows/{show}?lang=en")
        page.evaluate(FIRST_FRAME)
        with crowd.speaking():
            flying = _settled(browser, page, seconds, "Danmaku-")
            page.get_by_role("button", name="Flying comments").click()
            floor = _settled(browser, page, seconds, "Danmaku-")
        browser.close()
    if crowd.refused:
        raise SystemExit(f"{len(crowd.refused)} lines were refused: {crowd.refused[0]}")
    return flying, floor


def _alone(playwright: Playwright, seconds: float) -> Frames:
    """Nothing but the comments, as on a slow phone."""
    build_pages(HERE / "page")
    with serving_pages(BUILT) as pages:
        browser = chromium(playwright)
        page = _phone(browser, f"{pages}/alone.html?rate={RATE}&words={quote(json.dumps(WORDS))}")
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        frames = _settled(browser, page, seconds, "alone-")
        browser.close()
    return frames


def _live_show(program: Program) -> str:
    with program.api() as nobody:
        live = nobody.ask("GET", "/market")["live"]
    return str(live[0]["id"])


def _phone(browser: Browser, address: str) -> Page:
    screen: ViewportSize = {"width": WIDTH, "height": HEIGHT}
    context = browser.new_context(viewport=screen, device_scale_factor=3, is_mobile=True, has_touch=True)
    page = context.new_page()
    page.goto(address)
    return page


def _settled(browser: Browser, page: Page, seconds: float, script: str) -> Frames:
    """Frames of a room that has been busy for a while."""
    page.wait_for_timeout(SETTLE_MS)
    return traced(browser, page, seconds, script)


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:2])))
