"""Signing up, in and out over HTTP; cookies, Bearer tokens and origins."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.authenticator import Authenticator
from tests.support.pages import ORIGIN, Browser, pages_on
from tests.support.people import People

from ennichi.accounts import READY_MADE

EMAIL = "hanako@example.com"
HOME = {
    "family_name": "山田",
    "given_name": "花子",
    "postal_code": "507-0033",
    "prefecture": "岐阜県",
    "city": "多治見市",
    "line1": "本町1-2-3",
    "phone": "090-1234-5678",
}


@pytest.fixture
async def served(db_url: str, tmp_path: Path) -> AsyncIterator[tuple[Any, People]]:
    async with pages_on(db_url, tmp_path) as pair:
        yield pair


@pytest.fixture
async def browser(served: tuple[Any, People]) -> AsyncIterator[Browser]:
    async with Browser(served[0]) as opened:
        yield opened


async def sign_in(browser: Browser, name: str = "Hanako", email: str = EMAIL) -> dict[str, Any]:
    asked = await browser.post("/api/v1/auth/code", json={"email": email})
    assert asked.status_code == 202
    mail = (await browser.get("/api/v1/demo/mail")).json()[0]
    assert mail["to"] == email
    code = mail["subject"].split()[-1]
    answer = await browser.post("/api/v1/auth/code/verify", json={"email": email, "code": code, "name": name})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    session: dict[str, Any] = answer.json()
    return session


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_nobody_is_signed_in_at_first(browser: Browser) -> None:
    me = (await browser.get("/api/v1/me")).json()
    assert me == {"account": None, "stores": [], "demo": True, "mail_in_page": True}
    assert code_of(await browser.patch("/api/v1/me", json={"name": "X"})) == (401, "auth.required")


async def test_a_code_signs_in_with_a_cookie(browser: Browser) -> None:
    session = await sign_in(browser)
    assert session["account"]["operator"]
    assert session["account"]["created_at"] == "2026-11-22T11:00:00Z"
    me = (await browser.get("/api/v1/me")).json()
    assert me["account"] == session["account"]
    cookie = next(iter(browser.cookies.jar))
    assert (cookie.name, cookie.value, cookie.secure, cookie.path) == ("ennichi_session", session["token"], True, "/")
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert str(cookie.get_nonstandard_attr("SameSite")).lower() == "lax"


async def test_the_cookie_is_not_secure_on_plain_http(served: tuple[Any, People]) -> None:
    async with Browser(served[0], Origin="http://market.example") as browser:
        browser.base_url = "http://market.example"
        await sign_in(browser)
        assert not next(iter(browser.cookies.jar)).secure


async def test_signing_out_holds_at_once_and_takes_the_cookie_back(browser: Browser) -> None:
    token = (await sign_in(browser))["token"]
    assert (await browser.post("/api/v1/auth/sign-out")).status_code == 204
    assert not list(browser.cookies.jar)
    me = await browser.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert me.json()["account"] is None
    assert (await browser.post("/api/v1/auth/sign-out")).status_code == 204


async def test_a_wrong_code_is_told(browser: Browser) -> None:
    await browser.post("/api/v1/auth/code", json={"email": EMAIL})
    wrong = await browser.post("/api/v1/auth/code/verify", json={"email": EMAIL, "code": "x"})
    assert code_of(wrong) == (409, "auth.code_wrong")
    unknown = await browser.post("/api/v1/auth/code/verify", json={"email": "x@example.com", "code": "123456"})
    assert code_of(unknown) == (409, "auth.code_expired")


async def test_passkeys_sign_up_and_in_and_one_more_is_added(served: tuple[Any, People]) -> None:
    phone, laptop = Authenticator(ORIGIN), Authenticator(ORIGIN)
    async with Browser(served[0]) as browser:
        begun = (await browser.post("/api/v1/auth/passkey/sign-up", json={"name": "Hanako"})).json()
        answer = {"challenge_id": begun["challenge_id"], "credential": phone.create(begun["options"])}
        made = await browser.post("/api/v1/auth/passkey/sign-up/finish", json=answer)
        assert made.status_code == 200, made.text
        begun = (await browser.post("/api/v1/auth/passkey/add")).json()
        answer = {"challenge_id": begun["challenge_id"], "credential": laptop.create(begun["options"])}
        assert (await browser.post("/api/v1/auth/passkey/add/finish", json=answer)).status_code == 204
    async with Browser(served[0]) as browser:
        begun = (await browser.post("/api/v1/auth/passkey/sign-in")).json()
        answer = {"challenge_id": begun["challenge_id"], "credential": laptop.get(begun["options"])}
        again = await browser.post("/api/v1/auth/passkey/sign-in/finish", json=answer)
        assert again.json()["account"] == made.json()["account"]
        assert code_of(await browser.post("/api/v1/auth/passkey/sign-in/finish", json=answer)) == (
            409,
            "auth.challenge_expired",
        )


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://market.example"},
        {"Origin": "https://market.example:8443"},
        {"Origin": "null"},
        {"Origin": "https://evil.example", "Authorization": "Basic Og=="},
        {"Origin": "https://evil.example", "Authorization": "Bearer "},
    ],
)
async def test_another_sites_page_changes_nothing(browser: Browser, headers: dict[str, str]) -> None:
    await sign_in(browser)
    answer = await browser.patch("/api/v1/me", json={"name": "Evil"}, headers=headers)
    assert code_of(answer) == (403, "auth.forbidden")
    assert (await browser.get("/api/v1/me", headers=headers)).json()["account"]["name"] == "Hanako"


async def test_whether_rooms_announce_somebody_is_their_own_to_say(browser: Browser) -> None:
    assert (await sign_in(browser))["account"]["announced"] is True
    changed = await browser.patch("/api/v1/me", json={"announced": False})
    assert (changed.json()["name"], changed.json()["announced"]) == ("Hanako", False)
    renamed = await browser.patch("/api/v1/me", json={"name": "Hana"})
    assert (renamed.json()["name"], renamed.json()["announced"]) == ("Hana", False)
    assert (await browser.get("/api/v1/me")).json()["account"] == renamed.json()


async def test_without_an_origin_the_browser_has_to_say_same_site(browser: Browser) -> None:
    await sign_in(browser)
    del browser.headers["Origin"]
    for site, status in ((None, 403), ("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)):
        headers = {"Sec-Fetch-Site": site} if site else {}
        answer = await browser.patch("/api/v1/me", json={"name": "Hana"}, headers=headers)
        assert answer.status_code == status, site


async def test_a_bearer_token_needs_no_origin_and_hides_the_cookie(served: tuple[Any, People]) -> None:
    async with Browser(served[0]) as browser, Browser(served[0]) as other:
        await sign_in(browser)
        taro = await sign_in(other, "Taro", "taro@example.com")
        bearer = {"Authorization": f"Bearer {taro['token']}", "Origin": "https://elsewhere.example"}
        answer = await browser.patch("/api/v1/me", json={"name": "Jiro"}, headers=bearer)
        assert (answer.json()["id"], answer.json()["name"]) == (taro["account"]["id"], "Jiro")
        wrong = {"Authorization": "Bearer nonsense"}
        assert code_of(await browser.patch("/api/v1/me", json={"name": "X"}, headers=wrong)) == (401, "auth.required")


async def test_behind_a_proxy_the_page_is_where_the_proxy_says(served: tuple[Any, People]) -> None:
    async with Browser(served[0], **{"X-Forwarded-Proto": "https"}) as browser:
        browser.base_url = "http://market.example"
        assert (await browser.post("/api/v1/auth/code", json={"email": EMAIL})).status_code == 202


async def test_an_address_is_kept(browser: Browser) -> None:
    await sign_in(browser)
    assert code_of(await browser.get("/api/v1/me/address")) == (404, "not_found")
    kept = (await browser.put("/api/v1/me/address", json=HOME)).json()
    assert kept == HOME | {
        "postal_code": "5070033",
        "phone": "09012345678",
        "family_kana": "",
        "given_kana": "",
        "line2": "",
    }
    assert (await browser.get("/api/v1/me/address")).json() == kept
    refused = await browser.put("/api/v1/me/address", json=HOME | {"prefecture": "Gifu", "postal_code": "1234567x"})
    assert code_of(refused) == (422, "input.invalid")
    assert [field["path"] for field in refused.json()["error"]["params"]["fields"]] == ["postal_code", "prefecture"]


async def test_stepping_into_the_demo(served: tuple[Any, People], browser: Browser) -> None:
    assert (await browser.post("/api/v1/demo/enter", json={"as": "buyer"})).status_code == 404
    await served[1].accounts.create_ready_made("Haru", READY_MADE["buyer"])
    entered = (await browser.post("/api/v1/demo/enter", json={"as": "buyer"})).json()
    assert (await browser.get("/api/v1/me")).json()["account"] == entered["account"]
    assert (await browser.post("/api/v1/demo/enter", json={"as": "operator"})).status_code == 422


async def test_nonsense_is_the_senders_mistake(browser: Browser) -> None:
    paths = ["/auth/code", "/auth/code/verify", "/auth/passkey/sign-up", "/auth/passkey/sign-in/finish", "/demo/enter"]
    bodies = ["", "{", "null", "[]", "5", '"x"', "{}", '{"email": 5}', '{"email": "x"}']
    for path in paths:
        for body in bodies:
            kind = {"Content-Type": "application/json"}
            answer = await browser.post(f"/api/v1{path}", content=body, headers=kind)
            assert answer.status_code == 422, (path, body, answer.text)
