"""A viewer's side of the room: talk, stamps, a vote, one's own question, the menu of a line, and what keeps order."""

import re

from playwright.sync_api import Page, expect
from tests.browser.conftest import PATIENCE_MS, Launch, Visit
from tests.support.running import Api, Program, Stall

expect.set_options(timeout=PATIENCE_MS)


def token_of(api: Api) -> str:
    return api.headers["authorization"].removeprefix("Bearer ")


def test_a_viewer_takes_part(market: Program, launch: Launch, visit: Visit) -> None:
    stall = market.stall("Parlour")
    with (
        stall.seller as seller,
        market.sign_up("Mio", "mio-parlour@example.com") as mio,
        market.sign_up("Sora", "sora-parlour@example.com") as sora,
    ):
        page = visit(launch(), token_of(mio), phone=True).open(f"/shows/{stall.show_id}")
        expect(page.get_by_role("button", name="Stamps")).to_be_visible()
        _talks(page, seller, sora, stall)
        _votes(page, seller, stall)
        _asks(page, seller, stall)
        _opens_a_line(page, seller, sora, stall)


def _say(who: Api, stall: Stall, text: str) -> dict[str, object]:
    line: dict[str, object] = who.ask("POST", f"/shows/{stall.show_id}/messages", {"text": text})
    return line


def _talks(page: Page, seller: Api, sora: Api, stall: Stall) -> None:
    chat = page.get_by_role("log", name="Chat")
    page.get_by_role("button", name="Stamps").click()
    page.get_by_role("button", name="Applause").click()
    expect(chat.get_by_role("img", name="Applause")).to_be_visible()
    page.get_by_role("button", name="Stamps").click()

    # Links lead somewhere in the stall's lines alone, and nothing that is said is markup.
    _say(sora, stall, "<img src=x> https://elsewhere.example/a")
    _say(seller, stall, "Sizes: https://stall.example/sizes.")
    expect(chat).to_contain_text("<img src=x> https://elsewhere.example/a")
    expect(chat.get_by_role("link")).to_have_count(1)
    expect(chat.get_by_role("link")).to_have_attribute("rel", re.compile("noopener nofollow"))

    # A busy room is not read out line by line, but who is spoken to hears it.
    expect(chat).to_have_attribute("aria-live", "off")
    _say(sora, stall, "@MIO hello")
    expect(page.locator("[aria-live=polite]", has_text="Sora to you: @MIO hello")).to_be_attached()


def _votes(page: Page, seller: Api, stall: Stall) -> None:
    path = f"/shows/{stall.show_id}/votes"
    vote = seller.ask("POST", path, {"question": "Which next?", "options": ["Blue", "White"], "seconds": 300})
    # Without a picture the card leaves the middle to what says so, and is folded.
    page.get_by_role("button", name="Show the vote").click()
    choices = page.get_by_role("radiogroup", name="Which next?")
    expect(choices).not_to_contain_text("%")
    choices.get_by_text("White").click()
    expect(choices).to_contain_text("100 % · 1")
    choices.get_by_text("Blue").click()
    expect(choices.get_by_role("radio", name="Blue")).to_be_checked()
    assert [one["votes"] for one in seller.ask("POST", f"{path}/{vote['id']}/close")["options"]] == [1, 0]
    page.get_by_role("button", name="Put the result away").click()
    expect(choices).to_be_hidden()


def _asks(page: Page, seller: Api, stall: Stall) -> None:
    page.get_by_role("textbox", name="Ask or comment").fill("Is it dishwasher safe?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Your question is in the queue").first).to_be_visible()
    (question,) = seller.ask("GET", f"/shows/{stall.show_id}/questions?state=open")
    path = f"/shows/{stall.show_id}/questions/{question['id']}"
    seller.ask("PUT", path, {"state": "answering"})
    expect(page.get_by_text("The stall is answering your question now").first).to_be_visible()
    seller.ask("PUT", f"{path}/answer", {"text": "Yes, on a gentle cycle.", "pin": True})
    expect(page.get_by_role("button", name="An answer of the stall")).to_contain_text("Yes, on a gentle cycle.")
    page.get_by_role("button", name="Put away").click()


def _opens_a_line(page: Page, seller: Api, sora: Api, stall: Stall) -> None:
    line = _say(sora, stall, "Buy cheap at my shop")
    page.get_by_role("button", name="Read the whole chat").click()
    chat = page.get_by_role("log", name="Chat")
    expect(chat).to_contain_text("Buy cheap at my shop")

    # With the keyboard: the log, the last line, its menu.
    chat.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    menu = page.get_by_role("dialog", name="A line by Sora")
    menu.get_by_role("button", name="Report this line").click()
    menu.get_by_role("button", name="Report", exact=True).click()
    expect(menu).to_be_hidden()
    (report,) = seller.ask("GET", f"/stores/{stall.store['id']}/house")["reports"]
    assert (report["reason"], report["line"]["id"]) == ("spam", line["id"])

    seller.ask("DELETE", f"/shows/{stall.show_id}/lines/{line['id']}")
    expect(chat).not_to_contain_text("Buy cheap at my shop")

    _say(sora, stall, "I am hidden soon")
    chat.get_by_text("I am hidden soon").click()
    menu.get_by_role("button", name="Hide").click()
    menu.get_by_role("button", name="Close").click()
    expect(chat).not_to_contain_text("I am hidden soon")
