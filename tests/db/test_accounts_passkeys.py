"""Passkeys with a real (software) authenticator: the right answers work once, all others never."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.authenticator import Authenticator, b64
from tests.support.people import HOME, People, people_on

from ennichi.accounts import Ceremony, Session, Site
from ennichi.accounts.errors import ChallengeExpired, PasskeyRefused, PasskeyUnknown, TooManyPasskeys
from ennichi.accounts.model import PASSKEYS_EACH

HERE = Site(rp_id="market.example", origin="https://market.example:8443")
NONSENSE: list[dict[str, Any]] = [
    {},
    {"id": 5},
    {"rawId": "%%%", "id": "%%%"},
    {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}},
    {"id": "x" * 5000},
    {"id": "AAAA", "rawId": "AAAA", "response": []},
    {
        "id": "AAAA",
        "rawId": "AAAA",
        "type": "public-key",
        "response": {"clientDataJSON": b64(b"\xff\x00"), "attestationObject": b64(b"\xa1\x61"), "signature": "AA"},
    },
]


@pytest.fixture
async def people(db_url: str, tmp_path: Path) -> AsyncIterator[People]:
    async with people_on(db_url, tmp_path) as built:
        yield built


async def finish_sign_up(people: People, begun: Ceremony, credential: dict[str, Any]) -> Session:
    return await people.accounts.passkeys.finish_sign_up(
        begun.challenge_id, credential, HERE, source=HOME, user_agent="test"
    )


async def sign_up(people: People, phone: Authenticator, name: str = "Hanako") -> Session:
    begun = await people.accounts.passkeys.begin_sign_up(name, HERE, source=HOME)
    return await finish_sign_up(people, begun, phone.create(begun.options))


async def sign_in(people: People, phone: Authenticator) -> Session:
    begun = await people.accounts.passkeys.begin_sign_in(HERE, source=HOME)
    return await people.accounts.passkeys.finish_sign_in(
        begun.challenge_id, phone.get(begun.options), HERE, user_agent="test"
    )


async def test_sign_up_and_in(people: People) -> None:
    phone = Authenticator(HERE.origin)
    session = await sign_up(people, phone)
    assert (session.account.name, session.account.email, session.account.operator) == ("Hanako", None, True)
    assert phone.user_handle == session.account.id.encode()
    again = await sign_in(people, phone)
    assert again.account == session.account
    assert await people.accounts.authenticate(again.token) == session.account


async def test_the_options_ask_for_a_discoverable_passkey(people: People) -> None:
    begun = await people.accounts.passkeys.begin_sign_up("Hanako", HERE, source=HOME)
    assert begun.options["rp"] == {"name": "Ennichi", "id": "market.example"}
    assert begun.options["authenticatorSelection"]["residentKey"] == "required"
    assert begun.options["authenticatorSelection"]["userVerification"] == "preferred"


async def test_a_challenge_works_once(people: People) -> None:
    phone = Authenticator(HERE.origin)
    begun = await people.accounts.passkeys.begin_sign_up("Hanako", HERE, source=HOME)
    credential = phone.create(begun.options)
    await finish_sign_up(people, begun, credential)
    with pytest.raises(ChallengeExpired):
        await finish_sign_up(people, begun, credential)


async def test_a_wrong_answer_uses_the_challenge_up(people: People) -> None:
    phone = Authenticator(HERE.origin)
    begun = await people.accounts.passkeys.begin_sign_up("Hanako", HERE, source=HOME)
    with pytest.raises(PasskeyRefused):
        await finish_sign_up(people, begun, {})
    with pytest.raises(ChallengeExpired):
        await finish_sign_up(people, begun, phone.create(begun.options))


async def test_a_challenge_works_for_five_minutes_and_for_its_ceremony(people: People) -> None:
    phone = Authenticator(HERE.origin)
    await sign_up(people, phone)
    begun = await people.accounts.passkeys.begin_sign_in(HERE, source=HOME)
    credential = phone.get(begun.options)
    with pytest.raises(ChallengeExpired):
        await finish_sign_up(people, begun, credential)
    people.clock.advance(300)
    with pytest.raises(ChallengeExpired):
        await people.accounts.passkeys.finish_sign_in(begun.challenge_id, credential, HERE, user_agent="")


async def test_a_passkey_made_for_another_page_is_refused(people: People) -> None:
    begun = await people.accounts.passkeys.begin_sign_up("Hanako", HERE, source=HOME)
    with pytest.raises(PasskeyRefused):
        await finish_sign_up(people, begun, Authenticator("https://evil.example").create(begun.options))


async def test_an_unknown_passkey_is_told_so(people: People) -> None:
    with pytest.raises(PasskeyUnknown):
        await sign_in(people, Authenticator(HERE.origin))


async def test_another_key_cannot_sign_for_a_passkey(people: People) -> None:
    phone, thief = Authenticator(HERE.origin), Authenticator(HERE.origin)
    await sign_up(people, phone)
    thief.credential_id, thief.user_handle = phone.credential_id, phone.user_handle
    with pytest.raises(PasskeyRefused):
        await sign_in(people, thief)


async def test_a_count_that_goes_back_is_refused(people: People) -> None:
    phone = Authenticator(HERE.origin)
    await sign_up(people, phone)
    await sign_in(people, phone)
    phone.count = 0
    with pytest.raises(PasskeyRefused):
        await sign_in(people, phone)


async def test_nonsense_is_refused(people: People) -> None:
    for credential in NONSENSE:
        begun = await people.accounts.passkeys.begin_sign_up("Hanako", HERE, source=HOME)
        with pytest.raises(PasskeyRefused):
            await finish_sign_up(people, begun, credential)
        begun = await people.accounts.passkeys.begin_sign_in(HERE, source=HOME)
        with pytest.raises((PasskeyRefused, PasskeyUnknown)):
            await people.accounts.passkeys.finish_sign_in(begun.challenge_id, credential, HERE, user_agent="")


async def test_nonsense_for_a_known_passkey_is_refused(people: People) -> None:
    phone = Authenticator(HERE.origin)
    await sign_up(people, phone)
    begun = await people.accounts.passkeys.begin_sign_in(HERE, source=HOME)
    credential = phone.get(begun.options)
    credential["response"] = {"clientDataJSON": "AAAA", "authenticatorData": "AAAA", "signature": "AAAA"}
    with pytest.raises(PasskeyRefused):
        await people.accounts.passkeys.finish_sign_in(begun.challenge_id, credential, HERE, user_agent="")


async def test_another_passkey_for_the_same_account(people: People) -> None:
    phone, laptop = Authenticator(HERE.origin), Authenticator(HERE.origin)
    account = (await sign_up(people, phone)).account
    passkeys = people.accounts.passkeys
    begun = await passkeys.begin_add(account, HERE, source=HOME)
    assert [known["id"] for known in begun.options["excludeCredentials"]] == [b64(phone.credential_id)]
    await passkeys.finish_add(account, begun.challenge_id, laptop.create(begun.options), HERE)
    assert (await sign_in(people, laptop)).account == account
    assert (await sign_in(people, phone)).account == account


async def test_adding_is_for_the_one_who_began_it(people: People) -> None:
    hanako, taro = await people.person("Hanako"), await people.person("Taro")
    begun = await people.accounts.passkeys.begin_add(hanako, HERE, source=HOME)
    phone = Authenticator(HERE.origin)
    with pytest.raises(ChallengeExpired):
        await people.accounts.passkeys.finish_add(taro, begun.challenge_id, phone.create(begun.options), HERE)


async def test_a_passkey_belongs_to_one_account(people: People) -> None:
    phone = Authenticator(HERE.origin)
    await sign_up(people, phone)
    with pytest.raises(PasskeyRefused):
        await sign_up(people, phone, "Somebody")
    async with people.db.read() as conn:
        rows = await (await conn.execute("select name from accounts")).fetchall()
    assert rows == [("Hanako",)]


async def test_an_account_has_so_many_passkeys_and_no_more(people: People) -> None:
    hanako = await people.person("Hanako")
    passkeys = people.accounts.passkeys
    for _ in range(PASSKEYS_EACH):
        begun = await passkeys.begin_add(hanako, HERE, source=HOME)
        await passkeys.finish_add(hanako, begun.challenge_id, Authenticator(HERE.origin).create(begun.options), HERE)
    with pytest.raises(TooManyPasskeys):
        await passkeys.begin_add(hanako, HERE, source=HOME)
