"""Sessions, names, addresses, and who becomes the operator."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.support.people import People, people_on

from ennichi.accounts import Address, Bounds
from ennichi.kit.errors import Invalid, NotFound, TooFast

DAY = 86_400
HOME = Address(
    family_name="山田",
    given_name="花子",
    family_kana="ヤマダ",
    given_kana="ハナコ",
    postal_code="〒507-0033",
    prefecture="岐阜県",
    city="多治見市",
    line1="本町1-2-3",
    phone="０９０-1234-5678",
)


@pytest.fixture
async def people(db_url: str, tmp_path: Path) -> AsyncIterator[People]:
    async with people_on(db_url, tmp_path) as built:
        yield built


async def test_a_token_says_whose_it_is(people: People) -> None:
    session = await people.accounts.create_ready_made("Hanako", "Hanako@Example.com")
    assert await people.accounts.authenticate(session.token) == session.account
    assert session.account.email == "hanako@example.com"


async def test_other_tokens_are_nobodys(people: People) -> None:
    for token in ("", "nonsense", "x" * 300, "\0", "\ud800", "日本"):
        assert await people.accounts.authenticate(token) is None


async def test_the_database_does_not_know_the_token(people: People) -> None:
    session = await people.accounts.create_ready_made("Hanako", "hanako@example.com")
    async with people.db.read() as conn:
        rows = await (await conn.execute("select s::text from sessions s")).fetchall()
    assert len(rows) == 1
    assert session.token not in rows[0][0]
    assert session.token.encode().hex() not in rows[0][0]


async def test_a_session_ends_thirty_days_after_its_last_use(people: People) -> None:
    token = (await people.accounts.create_ready_made("Hanako", "hanako@example.com")).token
    for _ in range(3):
        people.clock.advance(29 * DAY)
        assert await people.accounts.authenticate(token)
    people.clock.advance(30 * DAY)
    assert await people.accounts.authenticate(token) is None


async def test_signing_out_ends_one_session_at_once(people: People) -> None:
    first = await people.accounts.create_ready_made("Hanako", "hanako@example.com")
    second = await people.accounts.create_ready_made("Hanako", "hanako@example.com")
    await people.accounts.sign_out(first.token)
    assert await people.accounts.authenticate(first.token) is None
    assert await people.accounts.authenticate(second.token) == first.account
    await people.accounts.sign_out(first.token)


async def test_signing_out_holds_at_once_where_it_was_asked_and_soon_everywhere(people: People) -> None:
    session = await people.accounts.create_ready_made("Hanako", "hanako@example.com")
    assert await people.accounts.authenticate(session.token)
    async with people.db.read() as conn:  # as another process ends it
        await conn.execute("delete from sessions")
    people.clock.advance(4.9)
    assert await people.accounts.authenticate(session.token)
    people.clock.advance(0.2)
    assert await people.accounts.authenticate(session.token) is None


async def test_a_changed_name_is_known_at_once(people: People) -> None:
    session = await people.accounts.create_ready_made("Hanako", "hanako@example.com")
    account = await people.accounts.authenticate(session.token)
    assert account
    await people.accounts.change(account, name="Hana")
    changed = await people.accounts.authenticate(session.token)
    assert changed
    assert changed.name == "Hana"


async def test_whoever_signs_out_while_being_recognised_is_not_remembered(people: People) -> None:
    session = await people.accounts.create_ready_made("Hanako", "hanako@example.com")
    recognised = [people.accounts.authenticate(session.token) for _ in range(8)]
    await asyncio.gather(*recognised[:4], people.accounts.sign_out(session.token), *recognised[4:])
    assert await people.accounts.authenticate(session.token) is None


async def test_ready_made_people_stay_who_they_are(people: People) -> None:
    first = await people.accounts.create_ready_made("Hanako", "hanako@example.com")
    again = await people.accounts.create_ready_made("Somebody", "hanako@example.com")
    entered = await people.accounts.enter_ready_made("hanako@example.com", user_agent="test")
    assert first.account == again.account == entered.account
    assert not first.account.operator
    with pytest.raises(NotFound):
        await people.accounts.enter_ready_made("nobody@example.com", user_agent="test")


async def test_a_name_is_cleaned_and_never_empty(people: People) -> None:
    hanako = await people.person("Hanako")
    renamed = await people.accounts.change(hanako, name=" Hana\0  ko\u202e ")
    assert renamed.name == "Hana ko"
    with pytest.raises(Invalid):
        await people.accounts.change(hanako, name=" \0\t ")
    async with people.db.read() as conn:
        assert await people.accounts.get(conn, hanako.id) == renamed
        assert await people.accounts.load(conn, [hanako.id, hanako.id, "nobody"]) == {hanako.id: renamed}


async def test_who_does_not_want_to_be_announced_says_so_and_keeps_the_name(people: People) -> None:
    session = await people.accounts.create_ready_made("Hanako", "hanako@example.com")
    assert session.account.announced
    changed = await people.accounts.change(session.account, announced=False)
    assert (changed.name, changed.announced) == ("Hanako", False)
    assert await people.accounts.authenticate(session.token) == changed
    assert (await people.accounts.change(changed, name="Hana")).announced is False


async def test_the_first_to_sign_up_is_the_operator_even_in_a_crowd(people: People) -> None:
    await people.person("Robot")
    emails = [f"person{n}@example.com" for n in range(8)]
    codes = {email: await people.send_code(email) for email in emails}
    sessions = await asyncio.gather(*(people.verify(email, codes[email]) for email in emails))
    assert sum(session.account.operator for session in sessions) == 1


async def test_a_sign_up_that_fails_leaves_the_place_of_the_operator_free(people: People) -> None:
    async def sign_up_and_fail() -> None:
        async with people.db.transaction() as tx:
            await people.accounts._registry.sign_up(tx, "0" * 20, "Gone", None, "192.0.2.9")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await sign_up_and_fail()
    session = await people.verify("hanako@example.com", await people.send_code("hanako@example.com"))
    assert session.account.operator


async def test_sign_ups_from_one_place_are_bounded(db_url: str, tmp_path: Path) -> None:
    async with people_on(db_url, tmp_path, Bounds(sign_ups_per_source=(1, 60))) as people:
        codes = [await people.send_code(f"p{n}@example.com") for n in range(3)]
        await people.verify("p0@example.com", codes[0])
        with pytest.raises(TooFast):
            await people.verify("p1@example.com", codes[1])
        await people.verify("p2@example.com", codes[2], source="198.51.100.7")
        people.clock.advance(61)
        await people.verify("p1@example.com", codes[1])


async def test_an_address_is_kept_in_its_plain_form(people: People) -> None:
    hanako = await people.person("Hanako")
    async with people.db.read() as conn:
        assert await people.accounts.address(conn, hanako.id) is None
    kept = await people.accounts.put_address(hanako, HOME)
    assert (kept.postal_code, kept.phone, kept.line2) == ("5070033", "09012345678", "")
    moved = await people.accounts.put_address(hanako, replace(HOME, phone="+81 90-1234-5678", city="土岐市"))
    assert moved.phone == "09012345678"
    async with people.db.read() as conn:
        assert await people.accounts.address(conn, hanako.id) == moved


async def test_what_does_not_fit_an_address_is_named(people: People) -> None:
    hanako = await people.person("Hanako")
    for field, value, problem in (
        ("family_name", "\0 ", "empty"),
        ("postal_code", "123456x", "not_seven_digits"),
        ("postal_code", "12345678", "not_seven_digits"),
        ("prefecture", "Gifu", "unknown"),
        ("phone", "12345", "not_a_phone_number"),
        ("phone", "-", "empty"),
        ("line1", " ", "empty"),
    ):
        with pytest.raises(Invalid) as caught:
            await people.accounts.put_address(hanako, replace(HOME, **{field: value}))
        assert caught.value.params["fields"] == [{"path": field, "problem": problem}]
