"""A page in a browser, with everything that went wrong on it."""

import re
import time
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import ConsoleMessage, Locator, Page, Request
from tests.support.footage import SMALL, Picture, likeness

PATIENCE_S = 40.0
ALIKE = 0.9
EXPECTED = (
    # A show that has only just begun has no picture for its tile yet; the tile then shows the cover.
    r"/frame\.jpg\S* Failed to load resource.* 404",
    # Whoever has not bought anything has no address.
    r"/api/v1/me/address Failed to load resource.* 404",
    # A purchase that the server has refused for a reason is answered with 409.
    r"/api/v1/purchases Failed to load resource.* 409",
    # The player's engine tells of a publisher that went away; the page brings the picture back.
    r"/watch-engine\S* spawn error RemoteError",
)
"""What a browser or an engine writes as an error into the console though it is none."""

SAMPLE = """(canvas, [width, height]) => {
    if (canvas.width < 2) return null;
    const small = new OffscreenCanvas(width, height);
    const pen = small.getContext("2d", { willReadFrequently: true });
    pen.drawImage(canvas, 0, 0, width, height);
    const { data } = pen.getImageData(0, 0, width, height);
    return Array.from({ length: width * height }, (_, n) =>
        0.299 * data[4 * n] + 0.587 * data[4 * n + 1] + 0.114 * data[4 * n + 2]);
}"""


class Watched:
    """A page whose console, failures and requests are listened to."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.problems: list[str] = []
        self.loads = 0
        self._host = urlsplit(url).hostname
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.problems.append(f"pageerror: {error}"))
        page.on("request", self._on_request)
        page.on("load", self._on_load)

    def open(self, path: str) -> Page:
        """Go to a page in English."""
        self.page.goto(f"{self.url}{path}{'&' if '?' in path else '?'}lang=en")
        return self.page

    def picture(self) -> Picture | None:
        """What the player's canvas shows now, small and grey; None while there is nothing."""
        found = self._canvas().evaluate(SAMPLE, list(SMALL)) if self._canvas().count() else None
        return None if found is None else np.array(found).reshape(SMALL[1], SMALL[0])

    def wait_for_moving_picture(self, pictures: list[Picture], *, frames: int = 4) -> None:
        """Return once the canvas has shown `frames` different pictures, each like one of `pictures`."""
        seen: list[Picture] = []
        best = 0.0
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            now = self.picture()
            if now is not None:
                like = likeness(now, pictures)
                best = max(best, like)
                if like > ALIKE and not any(np.abs(now - other).mean() < 0.5 for other in seen):
                    seen.append(now)
                    if len(seen) >= frames:
                        return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{len(seen)} of {frames} pictures came; the best likeness was {best:.2f}")

    def wait_until(self, holds: str) -> None:
        """Return once the expression holds in the page."""
        self.page.wait_for_function(holds)

    def _canvas(self) -> Locator:
        return self.page.get_by_role("region", name="Live video").locator("canvas.picture")

    def _on_console(self, message: ConsoleMessage) -> None:
        source = str(message.location.get("url", ""))
        if message.type == "error" and not any(re.search(known, f"{source} {message.text}") for known in EXPECTED):
            self.problems.append(f"console: {message.text} ({source})")

    def _on_request(self, request: Request) -> None:
        target = urlsplit(request.url)
        if target.scheme in ("http", "https") and target.hostname not in (self._host, "127.0.0.1"):
            self.problems.append(f"a request to {request.url}")

    def _on_load(self, _: Page) -> None:
        self.loads += 1
