"""What measurements in a browser stand on: a running demo, Chromiums, the pages of the bench."""

import contextlib
import functools
import http.server
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Playwright
from tests.support.chromium import WITH_CAMERA, chromium_program
from tools.pages import MODULES, environment, modules, node

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
BUILT = ROOT / "bench" / "results" / "video"


def chromium(playwright: Playwright) -> Browser:
    """The machine's browser, headless, with a camera and a microphone that are not real."""
    return playwright.chromium.launch(executable_path=chromium_program(), args=WITH_CAMERA)


def build_pages(pages: Path = HERE / "page") -> None:
    """Build the pages of a bench from the product's sources."""
    modules()
    vite = MODULES / "vite" / "bin" / "vite.js"
    command = [str(node() / "node"), str(vite), "build", "--config", str(pages / "vite.config.mjs")]
    subprocess.run(command, check=True, env=environment())


@contextlib.contextmanager
def serving_pages(built: Path = BUILT) -> Iterator[str]:
    """Their address; on localhost, where browsers allow cameras and WebTransport."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=built))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def quantile(values: list[float], part: float) -> float:
    """The value below which `part` of them lie."""
    if not values:
        raise SystemExit("Nothing was measured: the picture never came.")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
