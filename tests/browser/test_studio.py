"""The studio at work: a queue that stays still under the finger, keys, merging, and answers after the show."""

from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import PATIENCE_MS, Launch, Visit
from tests.support.running import Api, Program, Stall

expect.set_options(timeout=PATIENCE_MS)
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


def token_of(api: Api) -> str:
    return api.headers["authorization"].removeprefix("Bearer ")


def ask(stall: Stall, who: Api, text: str) -> str:
    body = {"text": text, "question": True}
    return str(who.ask("POST", f"/shows/{stall.show_id}/messages", body)["id"])


def waiting(stall: Stall) -> dict[str, str]:
    """The queue as the server has it: texts and their states."""
    questions = stall.seller.ask("GET", f"/shows/{stall.show_id}/snapshot")["questions"]
    return {one["line"]["text"]: one["state"] for one in questions}


def texts(rows: Locator) -> list[str]:
    """What the rows ask, without the words around it."""
    return [
        text.strip() for text in rows.locator("p").evaluate_all("all => all.map(p => p.textContent)") if "?" in text
    ]


def test_the_queue_never_moves_under_the_finger(market: Program, launch: Launch, visit: Visit) -> None:
    stall = market.stall("Stillness")
    buyer = market.enter("buyer")
    with stall.seller, buyer:
        first, second = ask(stall, buyer, "Is it heavy?"), ask(stall, buyer, "Is it blue?")
        studio = visit(launch(*CAMERA), token_of(stall.seller), phone=True).open(f"/shows/{stall.show_id}/studio")
        queue = studio.get_by_role("list", name="Questions")
        rows = queue.get_by_role("listitem")
        expect(rows).to_have_count(2)

        # A finger lies on the list while one question is put away elsewhere and another one comes.
        place = queue.bounding_box()
        assert place
        touch = studio.context.new_cdp_session(studio)
        point = {"x": place["x"] + 30, "y": place["y"] + 20}
        touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
        stall.seller.ask("PUT", f"/shows/{stall.show_id}/questions/{first}", {"state": "dropped"})
        ask(stall, buyer, "Is it round?")
        expect(studio.get_by_role("button", name="1 new")).to_be_visible()
        studio.wait_for_timeout(2500)
        assert texts(rows) == ["Is it heavy?", "Is it blue?"]
        expect(rows.first.get_by_role("button", name="Answer now")).to_be_disabled()

        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        assert texts(rows) == ["Is it heavy?", "Is it blue?"]
        expect(studio.get_by_role("button", name="1 new")).to_be_hidden()
        assert texts(rows) == ["Is it blue?", "Is it round?"]

        # What the seller does here happens at once.
        rows.first.get_by_role("button", name="Answer now").tap()
        expect(rows.first).to_contain_text("You are answering this")
        assert waiting(stall)["Is it blue?"] == "answering"
        stall.seller.ask("PUT", f"/shows/{stall.show_id}/questions/{second}", {"state": "answered"})


def test_keys_work_the_queue_and_none_ends_the_show(market: Program, launch: Launch, visit: Visit) -> None:
    stall = market.stall("Keyboard")
    buyer = market.enter("buyer")
    with stall.seller, buyer:
        for text in ("Is it heavy?", "Is it blue?", "Is it round?"):
            ask(stall, buyer, text)
        studio = visit(launch(*CAMERA), token_of(stall.seller)).open(f"/shows/{stall.show_id}/studio")
        rows = studio.get_by_role("list", name="Questions").get_by_role("listitem")
        expect(rows).to_have_count(3)
        _answers_by_key(studio, rows, stall)
        _writes_by_key(studio, stall)

        # While something is written, letters are letters.
        studio.keyboard.press("/")
        studio.keyboard.type("a d m v")
        expect(studio.get_by_role("textbox", name="Say something from the stall")).to_have_value("a d m v")
        assert waiting(stall) == {"Is it heavy?": "open"}
        studio.keyboard.press("Enter")
        expect(studio.get_by_role("log", name="Chat")).to_contain_text("a d m v")
        assert stall.seller.ask("GET", f"/shows/{stall.show_id}")["state"] == "live"


def _answers_by_key(studio: Page, rows: Locator, stall: Stall) -> None:
    studio.keyboard.press("l")
    expect(rows.first).to_contain_text("Is it blue?")
    assert texts(rows) == ["Is it blue?", "Is it round?", "Is it heavy?"]
    studio.wait_for_timeout(400)
    studio.keyboard.press("j")
    studio.keyboard.press("j")
    expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    studio.keyboard.press("a")
    expect(rows.first).to_contain_text("You are answering this")
    assert waiting(stall)["Is it round?"] == "answering"
    studio.wait_for_timeout(400)
    studio.keyboard.press("a")
    expect(rows).to_have_count(2)
    assert waiting(stall) == {"Is it heavy?": "open", "Is it blue?": "open"}


def _writes_by_key(studio: Page, stall: Stall) -> None:
    studio.wait_for_timeout(400)
    studio.keyboard.press("p")
    studio.keyboard.type("As the sea.")
    studio.get_by_role("dialog").get_by_role("button", name="Answer", exact=True).click()
    expect(studio.get_by_role("dialog")).to_be_hidden()
    assert waiting(stall) == {"Is it heavy?": "open"}
    notice = stall.seller.ask("GET", f"/shows/{stall.show_id}/snapshot")["notice"]
    assert (notice["question"], notice["text"]) == ("Is it blue?", "As the sea.")


def test_two_questions_are_put_together_and_the_rest_is_answered_after_the_show(
    market: Program, launch: Launch, visit: Visit
) -> None:
    stall = market.stall("Afterwards")
    buyer = market.enter("buyer")
    other = market.sign_up("Nagisa", "nagisa@example.com")
    with stall.seller, buyer, other:
        kept = ask(stall, buyer, "What is the glaze?")
        ask(stall, other, "Which glaze did you use?")
        studio = visit(launch(*CAMERA), token_of(stall.seller)).open(f"/shows/{stall.show_id}/studio")
        rows = studio.get_by_role("list", name="Questions").get_by_role("listitem")
        rows.nth(1).drag_to(rows.first)
        studio.get_by_role("button", name="Put them together").click()
        expect(rows).to_have_count(1)
        expect(rows.first).to_contain_text("asked by 2 people")

        stall.seller.ask("POST", f"/shows/{stall.show_id}/end")
        left = studio.get_by_role("list", name="Questions that wait for you")
        expect(left).to_contain_text("What is the glaze?")
        left.get_by_role("button", name="Answer in writing").click()
        studio.get_by_role("textbox", name="Your answer").fill("Ash of rice straw.")
        studio.get_by_role("button", name="Answer", exact=True).click()
        expect(studio.get_by_role("list", name="Answered")).to_contain_text("Ash of rice straw.")
        (mine,) = other.ask("GET", f"/shows/{stall.show_id}/snapshot")["mine"]["asked"]
        assert (mine["id"], mine["answer"]) == (kept, "Ash of rice straw.")
