"""Guests over HTTP: what they may do, what they may not, and how one becomes a full account."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.pages import Browser, pages_on
from tests.support.people import People

from ennichi.accounts import Bounds, GuestsProved
from ennichi.web.session import GUESTS_MAY

EMAIL = "hanako@example.com"
HOME = {
    "family_name": "山田",
    "given_name": "花子",
    "postal_code": "5070033",
    "prefecture": "岐阜県",
    "city": "多治見市",
    "line1": "本町1-2-3",
    "phone": "09012345678",
}


@pytest.fixture
async def served(db_url: str, tmp_path: Path) -> AsyncIterator[tuple[Any, People]]:
    async with pages_on(db_url, tmp_path) as pair:
        yield pair


@pytest.fixture
async def browser(served: tuple[Any, People]) -> AsyncIterator[Browser]:
    async with Browser(served[0]) as opened:
        yield opened


@pytest.fixture
def proved(served: tuple[Any, People]) -> list[GuestsProved]:
    """What was told of guests whose address was proved."""
    told: list[GuestsProved] = []

    async def tell(event: GuestsProved) -> None:
        told.append(event)

    served[1].db.events.after(GuestsProved, tell)
    return told


async def enter(browser: Browser, email: str = EMAIL) -> dict[str, Any]:
    answer = await browser.post("/api/v1/guests", json={"email": email})
    assert answer.status_code == 200, answer.text
    account: dict[str, Any] = answer.json()["account"]
    return account


async def prove(browser: Browser, email: str = EMAIL) -> dict[str, Any]:
    assert (await browser.post("/api/v1/auth/code", json={"email": email})).status_code == 202
    code = (await browser.get("/api/v1/demo/mail")).json()[0]["subject"].split()[-1]
    answer = await browser.post("/api/v1/auth/code/verify", json={"email": email, "code": code})
    assert answer.status_code == 200, answer.text
    account: dict[str, Any] = answer.json()["account"]
    return account


async def me(browser: Browser) -> dict[str, Any] | None:
    account: dict[str, Any] | None = (await browser.get("/api/v1/me")).json()["account"]
    return account


async def test_a_guest_buys_and_nothing_else(browser: Browser) -> None:
    guest = await enter(browser, " Hanako@Example.com ")
    assert (guest["guest"], guest["contact"], guest["email"], guest["operator"]) == (True, EMAIL, None, False)
    assert (await browser.put("/api/v1/me/address", json=HOME)).status_code == 200
    for refused in (
        await browser.post("/api/v1/stores", json={"name": "Stall", "handle": "stall"}),
        await browser.patch("/api/v1/me", json={"name": "Other"}),
        await browser.post("/api/v1/auth/passkey/add"),
    ):
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "auth.guest")


async def test_a_guest_does_not_found_the_market(browser: Browser, served: tuple[Any, People]) -> None:
    await enter(browser)
    assert not await served[1].accounts.somebody_is_here()
    browser.cookies.clear()
    assert (await prove(browser, "first@example.com"))["operator"]


async def test_an_address_of_an_account_opens_nothing(browser: Browser) -> None:
    owner = await prove(browser)
    browser.cookies.clear()
    guest = await enter(browser)
    assert guest["id"] != owner["id"]
    assert guest["email"] is None
    browser.cookies.clear()
    another = await enter(browser)
    assert another["id"] not in (owner["id"], guest["id"])


async def test_who_is_signed_in_is_no_guest(browser: Browser) -> None:
    await prove(browser)
    refused = await browser.post("/api/v1/guests", json={"email": EMAIL})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "auth.signed_in")


async def test_a_guest_corrects_its_address(browser: Browser) -> None:
    first = await enter(browser, "hanoko@example.com")
    again = await enter(browser)
    assert (again["id"], again["contact"]) == (first["id"], EMAIL)


async def test_a_guest_grows_into_an_account_when_its_address_is_proved(
    served: tuple[Any, People], browser: Browser, proved: list[GuestsProved]
) -> None:
    guest = await enter(browser)
    await browser.put("/api/v1/me/address", json=HOME)
    async with Browser(served[0]) as thief:
        thief.cookies.update(browser.cookies)
        grown = await prove(browser)
        assert (grown["id"], grown["email"], grown["guest"], grown["contact"]) == (guest["id"], EMAIL, False, None)
        assert (await browser.get("/api/v1/me/address")).json()["city"] == "多治見市"
        # Whoever had the guest's session has proved nothing.
        assert await me(thief) is None
    assert proved == []


async def test_what_was_bought_elsewhere_goes_to_the_account_and_the_guest_stays_out(
    served: tuple[Any, People], browser: Browser, proved: list[GuestsProved]
) -> None:
    guest = await enter(browser)
    async with Browser(served[0]) as phone:
        account = await prove(phone)
        assert account["id"] != guest["id"]
        assert [(told.account_id, list(told.guest_ids)) for told in proved] == [(account["id"], [guest["id"]])]
        assert (await phone.get("/api/v1/me/address")).status_code == 404
    still = await me(browser)
    assert still is not None
    assert (still["id"], still["guest"]) == (guest["id"], True)


async def test_another_address_in_the_guests_browser_takes_nothing_along(
    browser: Browser, proved: list[GuestsProved]
) -> None:
    guest = await enter(browser)
    account = await prove(browser, "else@example.com")
    assert account["id"] != guest["id"]
    assert proved == []


async def test_guests_of_one_place_are_counted(db_url: str, tmp_path: Path) -> None:
    async with pages_on(db_url, tmp_path) as (asgi, _), Browser(asgi) as browser:
        for n in range(Bounds().guests_per_source[0]):
            browser.cookies.clear()
            await enter(browser, f"guest{n}@example.com")
        browser.cookies.clear()
        refused = await browser.post("/api/v1/guests", json={"email": "more@example.com"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "limits.too_fast")


@pytest.mark.parametrize("email", ["", "a@b", "no", "x" * 250 + "@example.com"])
async def test_what_is_no_address_is_refused(browser: Browser, email: str) -> None:
    assert (await browser.post("/api/v1/guests", json={"email": email})).status_code == 422


def test_what_guests_may_do_is_there() -> None:
    names = {
        line.split('"')[1]
        for file in (Path(__file__).parents[2] / "src" / "ennichi" / "web").glob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.strip().startswith("operation_id=")
    }
    assert names >= GUESTS_MAY
