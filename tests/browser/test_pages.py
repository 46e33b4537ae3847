"""Every page opens in English on a phone and in Japanese on a laptop, says something, and complains about nothing."""

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Launch, Visit
from tests.support.running import Program, Stall

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
UNBROKEN = "W" * 80
"""A word of the widest letters, longer than a phone is wide."""
NEIGHBOURS = 5
"""So many stalls on air beside each other do not fit on a phone."""


@pytest.fixture(scope="module")
def stall(market: Program) -> Stall:
    """A stall with a sale, and the buyer's order in it. Its names are one long word each, and others are on air too."""
    for number in range(NEIGHBOURS):
        market.stall(f"Neighbour{number}").seller.close()
    made = market.stall("Everypage")
    made.seller.ask("PATCH", f"/stores/{made.store['id']}", {"name": UNBROKEN[:60], "place": UNBROKEN[:60]})
    made.seller.ask("PATCH", f"/listings/{made.listing['id']}", {"title": UNBROKEN, "story": UNBROKEN})
    made.seller.ask("PATCH", f"/shows/{made.show_id}", {"title": UNBROKEN})
    with market.sign_up("Kai", "kai@example.com") as buyer:
        hold = buyer.ask("POST", "/holds", {"variant_id": made.variant_id, "quantity": 1}, key="hold")
        made.order = buyer.buy(hold, key="purchase")
    made.seller.close()
    return made


def paths_of(stall: Stall) -> list[str]:
    listing, show = stall.listing["id"], stall.show_id
    return [
        "/",
        "/welcome",
        "/sign-in",
        "/sign-up",
        "/demo/mail",
        f"/shows/{show}",
        f"/stores/{stall.store['handle']}",
        f"/listings/{listing}",
        "/orders",
        f"/orders/{stall.order['id']}",
        "/me",
        "/studio",
        "/studio/open",
        "/studio/listings/new",
        f"/studio/listings/{listing}",
        "/studio/shows/new",
        "/no-such-page",
    ]


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_every_page_opens(launch: Launch, visit: Visit, stall: Stall, lang: str) -> None:
    token = stall.seller.headers["authorization"].removeprefix("Bearer ")
    visitor = visit(launch(), token, phone=lang == "en")
    page = visitor.page
    empty, wide = [], []
    for path in paths_of(stall):
        page.goto(f"{visitor.url}{path}?lang={lang}")
        expect(page.locator("main").first).to_be_visible()
        page.wait_for_load_state("networkidle") if path != f"/shows/{stall.show_id}" else page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.lang") == lang
        if len(_words(page)) < 10:
            empty.append(path)
        if page.evaluate(SIDEWAYS) > 0:
            wide.append(path)
    assert empty == []
    assert wide == [], "these can be scrolled sideways"
    visitor.problems = [problem for problem in visitor.problems if "/no-such-page" not in problem]


def _words(page: Page) -> str:
    return page.locator("main").first.inner_text().strip()
