"""Real Chromiums against the real program."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from tests.support.chromium import QUIET, chromium_program
from tests.support.footage import Picture, camera_file
from tests.support.running import Program, demo_on
from tests.support.visits import Watched

PATIENCE_MS = 40_000
PHONE = {"width": 390, "height": 844}
LAPTOP = {"width": 1440, "height": 900}

Launch = Callable[..., Browser]
Visit = Callable[..., Watched]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in here drives browsers."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def market(postgres_url: str, migrated: str) -> Iterator[Program]:
    """The demo without robots, for every browser test."""
    with demo_on(postgres_url, migrated, "browsed") as program:
        yield program


@pytest.fixture(scope="session")
def footage(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Picture]]:
    """A file for the fake camera, and the pictures in it."""
    return camera_file(tmp_path_factory.mktemp("camera"))


@pytest.fixture
def playwright() -> Iterator[Playwright]:
    """For one test only: while it is there its event loop runs, and the coroutine tests could not run theirs."""
    with sync_playwright() as started:
        yield started


@pytest.fixture
def launch(playwright: Playwright) -> Iterator[Launch]:
    """Start a Chromium with these further switches."""
    browsers: list[Browser] = []

    def start(*switches: str) -> Browser:
        browser = playwright.chromium.launch(
            executable_path=chromium_program(), args=[*QUIET, *switches], chromium_sandbox=os.geteuid() != 0
        )
        browsers.append(browser)
        return browser

    yield start
    for browser in browsers:
        browser.close()


@pytest.fixture
def visit(market: Program) -> Iterator[Visit]:
    """Open the market in a browser of one's own as whoever the token belongs to; nothing may go wrong on the page."""
    visits: list[Watched] = []
    contexts: list[BrowserContext] = []

    def start(browser: Browser, token: str | None = None, *, phone: bool = False) -> Watched:
        context = browser.new_context(viewport=PHONE if phone else LAPTOP, has_touch=phone, locale="en-US")  # type: ignore[arg-type]  # a plain mapping
        context.set_default_timeout(PATIENCE_MS)
        if token:
            context.add_cookies([{"name": "ennichi_session", "value": token, "url": market.url}])
        page: Page = context.new_page()
        contexts.append(context)
        visits.append(Watched(page, market.url))
        return visits[-1]

    yield start
    problems = [problem for one in visits for problem in one.problems]
    for context in contexts:
        context.close()
    assert problems == []
