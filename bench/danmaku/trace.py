"""A Chromium trace, read for what the frames of one page cost."""

import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page

CATEGORIES = ["devtools.timeline", "cc", "benchmark"]
FRAME = "ProxyMain::BeginMainFrame"
"""Everything the main thread does for one frame: callbacks, style, layout, paint, handing over to the compositor."""
CALLBACK, PAINT = "FunctionCall", "paint"
"""Painter.paint is what the product asks the browser to call for each frame."""


@dataclass
class Frames:
    """Milliseconds, each list sorted."""

    work: list[float]
    """of the main thread for each frame"""
    own: list[float]
    """of the drawing of the comments in each frame that has them"""
    between: list[float]
    """from one drawing of the comments to the next"""


def traced(browser: Browser, page: Page, seconds: float, script: str) -> Frames:
    """Record for so long; `script` is how the file name begins that draws the comments."""
    browser.start_tracing(page=page, categories=CATEGORIES)
    page.wait_for_timeout(1000 * seconds)
    events: list[dict[str, Any]] = json.loads(browser.stop_tracing())["traceEvents"]
    whole = [event for event in events if event["ph"] == "X"]
    frames = [event for event in whole if event["name"] == FRAME]
    own = [event for event in whole if event["name"] == CALLBACK and _paints(event["args"], script)]
    starts = sorted(event["ts"] for event in own)
    return Frames(
        work=_milliseconds(event["dur"] for event in frames),
        own=_milliseconds(event["dur"] for event in own),
        between=_milliseconds(after - before for before, after in itertools.pairwise(starts)),
    )


def _paints(args: dict[str, Any], script: str) -> bool:
    data = args.get("data", {})
    name: str = data.get("url", "").rpartition("/")[2]
    return name.startswith(script) and data.get("functionName") == PAINT


def _milliseconds(microseconds: Iterable[float]) -> list[float]:
    return sorted(value / 1000 for value in microseconds)
