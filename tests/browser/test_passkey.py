"""Signing up and in with a passkey, on an authenticator inside the browser."""

from playwright.sync_api import Page, expect
from tests.browser.conftest import PATIENCE_MS, Launch, Visit
from tests.support.running import Program

expect.set_options(timeout=PATIENCE_MS)
PHONE_WITH_A_FINGERPRINT = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def signed_in_as(page: Page) -> str | None:
    account = page.evaluate("async () => (await (await fetch('/api/v1/me')).json()).account")
    return account and str(account["name"])


def test_sign_up_sign_out_and_in_again_with_a_passkey(market: Program, launch: Launch, visit: Visit) -> None:
    visitor = visit(launch(), phone=True)
    page = visitor.page
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE_WITH_A_FINGERPRINT})

    visitor.open("/sign-up")
    page.get_by_role("textbox", name="Name", exact=True).fill("Asahi")
    page.get_by_role("button", name="Sign up", exact=True).click()
    page.wait_for_url(lambda url: "sign-up" not in url)
    assert signed_in_as(page) == "Asahi"

    page.evaluate("() => fetch('/api/v1/auth/sign-out', {method: 'POST'})")
    visitor.open("/sign-in")
    assert signed_in_as(page) is None
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "sign-in" not in url)
    assert signed_in_as(page) == "Asahi"


def test_a_code_by_mail_for_who_has_no_passkey(market: Program, launch: Launch, visit: Visit) -> None:
    visitor = visit(launch(), phone=True)
    page = visitor.open("/sign-up")
    page.get_by_role("textbox", name="Name", exact=True).fill("Yukari")
    page.get_by_role("textbox", name="Email", exact=True).fill("yukari@example.com")
    page.get_by_role("button", name="Send me a number by e-mail").click()
    code = page.get_by_role("textbox", name="Number from the mail")
    expect(code).to_be_visible()
    with market.api() as nobody:
        mail = next(m for m in nobody.ask("GET", "/demo/mail") if m["to"] == "yukari@example.com")
    code.fill(next(word for word in mail["text"].split() if word.isdigit() and len(word) == 6))
    page.wait_for_url(lambda url: "sign-up" not in url)
    assert signed_in_as(page) == "Yukari"
