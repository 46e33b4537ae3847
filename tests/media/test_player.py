"""The built player and publisher in real browsers, on a relay of the test: they keep themselves going.

Chromium's fake camera and microphone are the seller's; what both modules say of themselves, and whether the viewer's
picture changes, is what is looked at.
"""

import functools
import http.server
import json
import threading
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from playwright.async_api import TimeoutError as PlaywrightTimeout
from playwright.async_api import async_playwright
from tests.media.conftest import KEY
from tests.support.chromium import WITH_CAMERA, chromium_program

import ennichi.web
from ennichi.kit.clock import SystemClock
from ennichi.media import Relay, Tickets

pytestmark = pytest.mark.browser

STATIC = Path(ennichi.web.__path__[0]) / "static"
SHOW = "0" * 20
SEND = """async (module) => {
  const { createPublisher } = await import(module);
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 }, audio: true });
  window.states = [];
  window.publisher = createPublisher(stream, {
    ticket: window.ticket, onState: (state, reason) => window.states.push(reason ? `${state}:${reason}` : state),
  });
}"""
SEE = """async (module) => {
  const { createPlayer } = await import(module);
  const canvas = document.body.appendChild(document.createElement("canvas"));
  window.states = [];
  window.player = createPlayer(canvas, {
    ticket: window.ticket, muted: true, onFirstFrame: () => (window.firstFrame = true),
    onState: (state, reason) => window.states.push(reason ? `${state}:${reason}` : state),
  });
}"""
# The fake camera draws a clock and a turning pie: two looks a moment apart differ when the picture is live.
MOVES = """async () => {
  const canvas = document.querySelector("canvas");
  const look = () => canvas.toDataURL("image/jpeg", 0.5);
  const before = look();
  for (let tries = 0; tries < 40; tries++) {
    await new Promise((then) => setTimeout(then, 50));
    if (canvas.width === 640 && look() !== before) return true;
  }
  return false;
}"""


class Stage:
    """A relay that can be taken away, and pages that get their tickets from it."""

    def __init__(self, browser, site, modules):
        self.browser = browser
        self.site = site
        self.modules = modules
        self.relay = None

    async def open_relay(self, port=0):
        clock = SystemClock()
        self.relay = Relay("127.0.0.1", port, Tickets(KEY, clock), clock)
        await self.relay.start()
        return self.relay.port

    async def close_relay(self):
        relay, self.relay = self.relay, None
        if relay:
            await relay.stop()

    async def page(self, role):
        """A page that sends (publish) or sees (watch)."""
        context = await self.browser.new_context(permissions=["camera", "microphone"])
        page = await context.new_page()

        async def ticket():
            if self.relay is None:
                raise ConnectionError("no relay")
            return msgspec.to_builtins(self.relay.issue(SHOW, role, "localhost"))

        await page.expose_function("ticket", ticket)
        await self.begin(page, role)
        return page

    async def begin(self, page, role):
        """What happens when the page is opened, or opened again."""
        await page.goto(f"{self.site}/")
        await page.evaluate(SEND if role == "publish" else SEE, self.modules[role])


async def comes_to(page, state):
    """Wait until this is the last thing that was said."""
    try:
        await page.wait_for_function("(state) => window.states?.at(-1) === state", arg=state, timeout=20_000)
    except PlaywrightTimeout:
        raise AssertionError(f"never {state}: {await page.evaluate('window.states')}") from None


@contextmanager
def serving_built():
    """The built files under /static/, and an empty page at every other address."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self):
            if self.path.startswith("/static/"):
                self.path = self.path.removeprefix("/static")
                super().do_GET()
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>empty</title>")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=STATIC))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
async def stage():
    manifest = json.loads((STATIC / "manifest.json").read_text())
    modules = {role: f"/static/{manifest[f'src/player/{role}.ts']['file']}" for role in ("watch", "publish")}
    with serving_built() as site:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium_program(), args=WITH_CAMERA)
            stage = Stage(browser, site, modules)
            await stage.open_relay()
            yield stage
            await browser.close()
            await stage.close_relay()


async def test_the_picture_moves_and_keeps_moving(stage):
    viewer = await stage.page("watch")
    sender = await stage.page("publish")
    await comes_to(sender, "live")
    await viewer.wait_for_function("window.firstFrame")
    assert await viewer.evaluate(MOVES)

    # The seller's page is reloaded: the new one takes over, nobody has to do anything.
    await stage.begin(sender, "publish")
    await comes_to(sender, "live")
    await comes_to(viewer, "playing")
    assert await viewer.evaluate(MOVES)

    # Another page of the same stall goes on air: the first gives way instead of fighting for the place.
    other = await stage.page("publish")
    await comes_to(sender, "failed:replaced")
    await comes_to(other, "live")
    assert await viewer.evaluate(MOVES)

    # The relay is gone for a while and comes back with another certificate.
    port = stage.relay.port
    await stage.close_relay()
    await comes_to(viewer, "away")
    assert await other.evaluate("window.states.at(-1)") == "reconnecting"
    await stage.open_relay(port)
    await comes_to(viewer, "playing")
    await comes_to(other, "live")
    assert await viewer.evaluate(MOVES)

    # The show ends.
    await stage.relay.close_show(SHOW)
    await comes_to(viewer, "failed:ended")
    await comes_to(other, "failed:ended")


async def test_a_stall_that_sends_nothing_is_away_until_it_sends(stage):
    viewer = await stage.page("watch")
    await comes_to(viewer, "away")
    sender = await stage.page("publish")
    await comes_to(viewer, "playing")
    await sender.close()
    await comes_to(viewer, "away")
