"""The first live sale in two real Chromiums: a seller with a camera, a buyer on a phone, and somebody who looks on."""

import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from tests.browser.conftest import PATIENCE_MS, Launch, Visit
from tests.support.footage import Picture
from tests.support.running import Api, Program, Stall

expect.set_options(timeout=PATIENCE_MS)
STOCK = 5


def token_of(api: Api) -> str:
    return api.headers["authorization"].removeprefix("Bearer ")


def test_the_first_live_sale(
    market: Program, launch: Launch, visit: Visit, footage: tuple[Path, list[Picture]]
) -> None:
    camera, pictures = footage
    stall = market.stall("Bottles", stock=STOCK, live=False)
    buyer = market.enter("buyer")
    with stall.seller, buyer, market.api() as third:
        sellers = visit(
            launch(
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-video-capture={camera}",
            ),
            token_of(stall.seller),
        )
        studio = sellers.open(f"/shows/{stall.show_id}/studio")
        studio.get_by_role("button", name="Go live", exact=True).click()
        expect(studio.get_by_role("button", name="End show", exact=True)).to_be_visible()
        studio.get_by_role("button", name="Pin", exact=True).first.click()
        expect(studio.get_by_role("button", name="Unpin", exact=True)).to_be_visible()

        # The buyer's picture moves, and it is the seller's.
        buyers = visit(launch(), token_of(buyer), phone=True)
        watch = buyers.open(f"/shows/{stall.show_id}")
        buyers.wait_for_moving_picture(pictures)
        _asks_and_likes(watch, studio, third, stall)
        _buys(watch, studio, third, stall, buyer)

        # The stall's page is loaded anew: the picture comes back to the viewer by itself.
        loads = buyers.loads
        studio.reload()
        expect(studio.get_by_role("button", name="End show", exact=True)).to_be_visible()
        studio.wait_for_timeout(1000)
        buyers.wait_for_moving_picture(pictures)
        assert buyers.loads == loads
        _ends(watch, studio, third, stall)


def _asks_and_likes(watch: Page, studio: Page, third: Api, stall: Stall) -> None:
    watch.get_by_role("textbox", name="Ask or comment").fill("Which one is the softest?")
    watch.get_by_role("button", name="Send").click()
    expect(studio.get_by_role("list", name="Questions")).to_contain_text("Which one is the softest?")
    expect(watch.get_by_role("log", name="Chat")).to_contain_text("Which one is the softest?")
    for _ in range(3):
        watch.get_by_role("button", name="Like", exact=True).click()
    path = f"/shows/{stall.show_id}/snapshot"
    _until(lambda: third.ask("GET", path)["likes"] == 3)
    assert third.ask("GET", path)["viewers"] == 1


def _buys(watch: Page, studio: Page, third: Api, stall: Stall, buyer: Api) -> None:
    path = f"/shows/{stall.show_id}/snapshot"
    watch.get_by_role("button", name="Buy").first.click()
    watch.get_by_role("dialog", name=stall.listing["title"]).get_by_role("button", name="Buy", exact=True).click()
    dialog = watch.get_by_role("dialog", name="Confirm purchase")
    expect(dialog).to_be_visible()
    _until(lambda: third.ask("GET", path)["stock"][0]["available"] == STOCK - 1)
    dialog.get_by_role("button", name="Confirm purchase").click()
    expect(watch.get_by_role("dialog", name="Bought")).to_contain_text("EN-")

    # An order on both sides; the numbers of the studio move, and the third person's too.
    (order,) = [row for row in buyer.ask("GET", "/me/orders") if row["store"]["id"] == stall.store["id"]]
    expect(watch.get_by_role("dialog", name="Bought")).to_contain_text(order["number"])
    assert [row["id"] for row in stall.seller.ask("GET", f"/stores/{stall.store['id']}/orders")] == [order["id"]]
    expect(studio.get_by_role("log", name="Chat")).to_contain_text("bought ×1")
    assert third.ask("GET", path)["stock"][0]["available"] == STOCK - 1
    watch.get_by_role("button", name="Back to the show").click()
    expect(watch.get_by_role("dialog", name="Bought")).to_be_hidden()


def _ends(watch: Page, studio: Page, third: Api, stall: Stall) -> None:
    studio.get_by_role("button", name="End show", exact=True).click()
    studio.get_by_role("button", name="End the show").click()
    expect(watch.get_by_text("The show is over")).to_be_visible()
    assert third.ask("GET", f"/shows/{stall.show_id}")["state"] == "ended"


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_MS / 1000
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)
